// Finds out what the kernel supports, for doctor: each call gets arguments that are always rejected, so nothing is done.
#include <algorithm>
#include <cerrno>
#include <string_view>

#include "../sys/syscall.h"
#include "functions.h"

namespace pocker::host {
namespace {

struct Probe {
  std::string_view name;
  long number;
};

constexpr Probe probes[] = {
    {"openat2", __NR_openat2},
    {"clone3", __NR_clone3},
    {"mount_setattr", __NR_mount_setattr},
    {"open_tree", __NR_open_tree},
    {"move_mount", __NR_move_mount},
    {"fsopen", __NR_fsopen},
    {"fspick", __NR_fspick},
    {"pidfd_open", __NR_pidfd_open},
    {"pidfd_send_signal", __NR_pidfd_send_signal},
    {"close_range", __NR_close_range},
    {"memfd_create", __NR_memfd_create},
    {"faccessat2", __NR_faccessat2},
    {"fchmodat2", 452},
};

} // namespace

Reply has_syscall(const Arguments &arguments) {
  const std::string &name = arguments.text(0);
  const auto *found = std::ranges::find(probes, name, &Probe::name);
  if (found == std::end(probes)) return fail("hasSyscall", EINVAL, name);
  return Value{sys::call(found->number, -1, -1, -1, -1, -1, -1).error() != ENOSYS};
}

} // namespace pocker::host
