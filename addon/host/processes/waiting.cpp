// Waits for what the kernel reports: changed cgroupfs files, ends of processes, eventfd(2) counters.
#include <cerrno>
#include <ctime>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <fcntl.h>

#include "../../sys/fd.h"
#include "../deadline.h"
#include "../functions.h"

namespace pocker::host {
namespace {

constexpr std::size_t watched_limit = std::size_t{64} * 1024;

void watch(std::vector<pollfd> &wanted, const Value &descriptors, short events) {
  for (const Value &descriptor : array_of(descriptors)) {
    wanted.push_back({static_cast<int>(number_of(descriptor)), events, 0});
  }
}

} // namespace

Reply monotonic(const Arguments &) { return Value{monotonic_ms()}; }

Reply open_watched(const Arguments &arguments) {
  const char *path = arguments.path(0);
  int fd = ::open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  return fd < 0 ? fail("open", errno, path) : Reply{Value{static_cast<double>(fd)}};
}

Reply read_watched(const Arguments &arguments) {
  std::string text(watched_limit, 0);
  ssize_t size = -1;
  do size = pread(arguments.integer(0), text.data(), text.size(), 0);
  while (size < 0 && errno == EINTR);
  if (size < 0) return fail("read", errno);
  text.resize(static_cast<std::size_t>(size));
  return Value{std::move(text)};
}

Reply watch_directory(const Arguments &arguments) {
  sys::UniqueFd fd{inotify_init1(IN_CLOEXEC | IN_NONBLOCK)};
  if (!fd) return fail("inotify_init1", errno);
  const char *path = arguments.path(0);
  if (inotify_add_watch(fd.get(), path, IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_DELETE_SELF | IN_ONLYDIR) < 0)
    return fail("inotify_add_watch", errno, path);
  return Value{static_cast<double>(fd.release())};
}

Reply forget_changes(const Arguments &arguments) {
  char events[4096];
  while (::read(arguments.integer(0), events, sizeof events) > 0) continue;
  return nothing();
}

Reply open_eventfd(const Arguments &) {
  int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  return fd < 0 ? fail("eventfd", errno) : Reply{Value{static_cast<double>(fd)}};
}

Reply read_eventfd(const Arguments &arguments) {
  eventfd_t count = 0;
  if (eventfd_read(arguments.integer(0), &count) != 0 && errno != EAGAIN) return fail("read", errno);
  return Value{static_cast<double>(count)};
}

Reply poll(const Arguments &arguments) {
  std::vector<pollfd> wanted;
  watch(wanted, arguments.at(0), POLLIN);
  watch(wanted, arguments.at(1), POLLPRI);
  int ready = poll_until(wanted, Deadline{arguments.number(2)});
  if (ready < 0) return fail("poll", -ready);
  Array descriptors;
  for (const pollfd &one : wanted) {
    if (ready > 0 && one.revents != 0) descriptors.emplace_back(static_cast<double>(one.fd));
  }
  return Value{std::move(descriptors)};
}

} // namespace pocker::host
