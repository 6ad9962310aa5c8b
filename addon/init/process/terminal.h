// The container's terminal, from its own devpts.
#pragma once

#include "../context.h"

namespace pocker::init {

Outcome terminal(Context &context, const plan::Terminal &operation);

} // namespace pocker::init
