// Who the program is and what it may: ids, capabilities, no_new_privs, seccomp.
#pragma once

#include "context.h"

namespace pocker::init {

Outcome set_user(Context &context, const plan::SetUser &operation);
Outcome drop_bounding(const plan::DropBounding &operation);
Outcome set_capabilities(Context &context, const plan::SetCapabilities &operation);
Outcome no_new_privileges();
Outcome seccomp(Context &context, const plan::Seccomp &operation);

/// This set of capabilities, or what we have of it, is the effective one for as long as it lives.
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
