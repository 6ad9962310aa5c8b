// Descriptors 0 to 2 of a process of ours: nobody's files but the caller's.
#pragma once

#include <fcntl.h>

#include "syscall.h"

namespace pocker::sys {

/// Those that the caller has closed become /dev/null, as in Go's programs: else the next file that is opened, a lock or a socket,
/// would be what somebody reads and writes as stdio. Before anything else is opened.
inline Result reserve_stdio() {
  for (int fd = 0; fd <= 2; ++fd) {
    if (call(__NR_fcntl, fd, F_GETFD).ok()) continue;
    Result opened = call(__NR_openat, AT_FDCWD, "/dev/null", O_RDWR);
    if (!opened.ok()) return opened;
  }
  return Result(0);
}

} // namespace pocker::sys
