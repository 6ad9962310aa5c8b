// What the kernel has against executing a file, as far as it can be found out.
#pragma once

#include "context.h"

namespace pocker::init {

/// Whether this process may execute it as it is now, by its effective ids and capabilities.
Outcome judge_executable(const char *path);

/// The failure of execve(2) with what its errno does not say, for src/init/exec-failure.ts: lines of text "head HEX", the beginning of
/// the file, "machine NUMBER", our own, and "noexec", when its filesystem is mounted so.
Outcome explain_execve(const Outcome &outcome);

} // namespace pocker::init
