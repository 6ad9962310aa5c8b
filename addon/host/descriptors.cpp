// Descriptors that TypeScript holds: directories, locks, pidfds, sockets.
#include <cerrno>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../sys/fd.h"
#include "processes/child.h"
#include "deadline.h"
#include "functions.h"

namespace pocker::host {

Reply open_directory(const Arguments &arguments) {
  int fd = open(arguments.path(0), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return fd >= 0 ? Reply{Value{static_cast<double>(fd)}} : fail("open", errno, arguments.text(0));
}

Reply open_in_root(const Arguments &arguments) {
  sys::UniqueFd root{open(arguments.path(0), O_PATH | O_DIRECTORY | O_CLOEXEC)};
  if (!root) return fail("open", errno, arguments.text(0));
  sys::OpenHow how{};
  how.flags = O_PATH | O_CLOEXEC | (arguments.flag(2) ? 0U : static_cast<unsigned>(O_NOFOLLOW));
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  sys::Result opened = sys::call(__NR_openat2, root.get(), arguments.path(1), &how, sizeof how);
  return opened.ok() ? Reply{Value{static_cast<double>(opened.fd())}} : fail("openat2", opened.error(), arguments.text(1));
}

Reply open_file(const Arguments &arguments) {
  int fd = open(arguments.path(0), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  return fd >= 0 ? Reply{Value{static_cast<double>(fd)}} : fail("open", errno, arguments.text(0));
}

Reply duplicate(const Arguments &arguments) {
  int from = arguments.integer(0), to = arguments.integer(1);
  return from == to || dup3(from, to, 0) >= 0 ? nothing() : fail("dup3", errno);
}

Reply lock(const Arguments &arguments) {
  constexpr int pause_ms = 5;
  Deadline deadline{arguments.number(1)};
  // flock(2) has no timeout, and a signal to interrupt it would affect the caller.
  for (;;) {
    if (flock(arguments.integer(0), LOCK_EX | LOCK_NB) == 0) return Value{true};
    if (errno != EWOULDBLOCK && errno != EINTR) return fail("flock", errno);
    if (deadline.passed()) return Value{false};
    ::poll(nullptr, 0, pause_ms);
  }
}

Reply is_same_file(const Arguments &arguments) {
  struct stat held = {}, named = {};
  if (fstat(arguments.integer(0), &held) != 0) return fail("fstat", errno, arguments.text(1));
  if (stat(arguments.path(1), &named) != 0)
    return errno == ENOENT || errno == ENOTDIR ? Reply{Value{false}} : fail("stat", errno, arguments.text(1));
  return Value{held.st_dev == named.st_dev && held.st_ino == named.st_ino};
}

Reply is_inherited(const Arguments &arguments) { return Value{inherited(arguments.integer(0))}; }

Reply close(const Arguments &arguments) {
  sys::UniqueFd closed{arguments.integer(0)};
  return nothing();
}

} // namespace pocker::host
