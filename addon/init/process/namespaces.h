// Namespaces that clone3 in the runtime could not make: joined ones, those below a user namespace, cgroup and time.
#pragma once

#include "../context.h"

namespace pocker::init {

Outcome join_namespace(Context &context, const plan::JoinNamespace &operation);
Outcome fork(Context &context, const plan::Fork &operation);
Outcome unshare(Context &context, const plan::Unshare &operation);
Outcome time_namespace(Context &context, const plan::TimeNamespace &operation);
Outcome become_root(Context &context);
Outcome loopback();
Outcome not_dumpable();

} // namespace pocker::init
