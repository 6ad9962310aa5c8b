// Modes of what we make: as they are given, whatever umask the caller has left us.
#pragma once

#include <sys/stat.h>

namespace pocker::host {

/// Read once: to read it is to set it, which threads must not do at the same time.
inline mode_t inherited_umask() {
  static const mode_t mask = [] {
    mode_t before = umask(077);
    umask(before);
    return before;
  }();
  return mask;
}

/// Whether the umask has taken some of these bits away.
inline bool is_masked(mode_t mode) { return (mode & inherited_umask()) != 0; }

} // namespace pocker::host
