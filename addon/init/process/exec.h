// Executes the container's program, after start.
#pragma once

#include "../context.h"

namespace pocker::init {

using Strings = flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>;

/// A NULL-terminated array for execve(2), with room for one more entry.
const char **vector_of(const Strings *strings, const char *extra = nullptr);

Outcome execute(Context &context, const plan::Exec &operation);

} // namespace pocker::init
