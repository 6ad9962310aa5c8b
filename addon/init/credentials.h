// Who the program is and what it may do: ids, capabilities, no_new_privs, seccomp.
#pragma once

#include "context.h"

namespace pocker::init {

Outcome set_user(Context &context, const plan::SetUser &operation);
Outcome drop_bounding(const plan::DropBounding &operation);
Outcome set_capabilities(Context &context, const plan::SetCapabilities &operation);
Outcome no_new_privileges();
Outcome seccomp(Context &context, const plan::Seccomp &operation);

/// Makes this set of capabilities, as far as we have it, the effective one during its lifetime.
class Effective {
public:
  explicit Effective(std::uint64_t set);
  ~Effective();
  Effective(const Effective &) = delete;
  Effective &operator=(const Effective &) = delete;
  [[nodiscard]] Outcome outcome() const { return outcome_; }

private:
  Outcome outcome_;
  std::uint64_t before_ = 0;
};

} // namespace pocker::init
