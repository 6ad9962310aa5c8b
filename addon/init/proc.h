// A procfs that only we see: nothing that a container mounted or linked can stand in for it (CVE-2019-16884, CVE-2025-52881).
#pragma once

#include "context.h"

namespace pocker::init {

/// Opens a file below /proc ("/proc/self/attr/exec"); `flags` as of open(2).
Outcome open_proc(Context &context, const char *path, std::uint64_t flags, UniqueFd &file);

/// One write(2) of the whole value.
Outcome write_proc(Context &context, const char *path, std::string_view value);

Outcome write_proc(Context &context, const plan::WriteProc &operation);

/// In a child of ours, where "self" is another process.
Outcome renew_self(Context &context);

} // namespace pocker::init
