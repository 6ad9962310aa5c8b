// The container's program: found in create, executed after start.
#pragma once

#include "../context.h"

namespace pocker::init {

using Strings = flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>;

/// A NULL-terminated array for execve(2), with room for one more entry.
const char **vector_of(const Strings *strings, const char *extra = nullptr);

Outcome find_program(Context &context, const plan::FindProgram &operation);
Outcome set_home(Context &context, const plan::SetHome &operation);
Outcome execute(Context &context, const plan::Exec &operation);

} // namespace pocker::init
