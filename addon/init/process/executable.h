// Why the kernel refuses to execute a file, as far as that can be found out.
#pragma once

#include "../context.h"

namespace pocker::init {

/// Whether this process may execute it now, with its effective ids and capabilities.
Outcome judge_executable(const char *path);

/// The failure of execve(2), with details that its errno lacks, for src/init/exec-failure.ts. They are lines of text: "head HEX",
/// the beginning of the file; "machine NUMBER", our own; and "noexec", if its filesystem is mounted so.
Outcome explain_execve(const Outcome &outcome);

} // namespace pocker::init
