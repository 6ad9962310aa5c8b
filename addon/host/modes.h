// Modes of what we make: exactly as given, whatever umask the caller has left us.
#pragma once

#include <sys/stat.h>

namespace pocker::host {

/// Read only once: reading the umask means setting it, which must not happen in two threads at the same time.
inline mode_t inherited_umask() {
  static const mode_t mask = [] {
    mode_t before = umask(077);
    umask(before);
    return before;
  }();
  return mask;
}

/// Whether the umask has removed some of these bits.
inline bool is_masked(mode_t mode) { return (mode & inherited_umask()) != 0; }

} // namespace pocker::host
