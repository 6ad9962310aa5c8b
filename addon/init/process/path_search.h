// Finds the container's program in PATH, as execvp(3) would, while the container is created.
#pragma once

#include "../context.h"

namespace pocker::init {

Outcome find_program(Context &context, const plan::FindProgram &operation);

} // namespace pocker::init
