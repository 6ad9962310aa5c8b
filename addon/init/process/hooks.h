// createContainer and startContainer hooks: programs that run in the container's namespaces.
#pragma once

#include "../context.h"

namespace pocker::init {

Outcome run_hook(Context &context, const plan::RunHook &operation);

} // namespace pocker::init
