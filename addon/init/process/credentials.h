// Who the program is and what it may do: ids, capabilities, no_new_privs, seccomp.
#pragma once

#include "../context.h"

namespace pocker::init {

Outcome set_user(Context &context, const plan::SetUser &operation);
Outcome drop_bounding(const plan::DropBounding &operation);
Outcome set_capabilities(Context &context, const plan::SetCapabilities &operation);
Outcome no_new_privileges();
Outcome seccomp(Context &context, const plan::Seccomp &operation);

/// Makes this set of capabilities, as far as we have it, the effective one; puts what was effective into `before`.
Outcome change_effective(std::uint64_t set, std::uint64_t &before);

} // namespace pocker::init
