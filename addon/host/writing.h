// Writes all of it, however often write(2) takes only a part.
#pragma once

#include <cerrno>
#include <cstddef>
#include <poll.h>
#include <string_view>
#include <unistd.h>

#include "deadline.h"

namespace pocker::host {

/// 0, or errno. Waits for the reader of a pipe or terminal that a caller has made non-blocking.
inline int write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    ssize_t written = ::write(fd, text.data(), text.size());
    if (written == 0) return EIO; // it would take nothing, again and again
    if (written > 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      pollfd wanted{fd, POLLOUT, 0};
      if (int ready = poll_until({&wanted, 1}, Deadline::never()); ready < 0) return -ready;
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

} // namespace pocker::host
