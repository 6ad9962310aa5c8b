// Descriptors 0 to 2 of our processes: they are the caller's, never another file of ours.
#pragma once

#include <fcntl.h>

#include "syscall.h"

namespace pocker::sys {

/// Opens /dev/null for those that the caller has closed, as Go programs do. Otherwise the next file opened, such as a lock or a
/// socket, would be read and written as stdio. Must run before anything else is opened.
inline Result reserve_stdio() {
  for (int fd = 0; fd <= 2; ++fd) {
    Result held = call(__NR_fcntl, fd, F_GETFD);
    if (held.ok()) continue;
    if (held.error() != EBADF) return held;
    Result opened = call(__NR_openat, AT_FDCWD, "/dev/null", O_RDWR);
    if (!opened.ok()) return opened;
  }
  return Result(0);
}

} // namespace pocker::sys
