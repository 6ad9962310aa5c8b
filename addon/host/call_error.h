// Which call of several has failed.
#pragma once

#include <cerrno>

namespace pocker::host {

/// false: none has.
struct CallError {
  const char *call = "";
  int number = 0;
  explicit operator bool() const { return number != 0; }
};

/// The call that has just set errno.
inline CallError failed(const char *call) { return {call, errno}; }

} // namespace pocker::host
