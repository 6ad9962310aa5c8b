// Kernel interfaces that Debian 12's headers lack, or that clash between linux/*.h and libc.
#pragma once

#include <cstdint>

namespace pocker::sys {

/// struct mount_attr of mount_setattr(2), Linux 5.12.
struct MountAttr {
  std::uint64_t attr_set = 0;
  std::uint64_t attr_clr = 0;
  std::uint64_t propagation = 0;
  std::uint64_t userns_fd = 0;
};

/// struct open_how of openat2(2), Linux 5.6.
struct OpenHow {
  std::uint64_t flags = 0;
  std::uint64_t mode = 0;
  std::uint64_t resolve = 0;
};

/// struct clone_args of clone3(2), with set_tid and cgroup (Linux 5.7).
struct CloneArgs {
  std::uint64_t flags = 0;
  std::uint64_t pidfd = 0;
  std::uint64_t child_tid = 0;
  std::uint64_t parent_tid = 0;
  std::uint64_t exit_signal = 0;
  std::uint64_t stack = 0;
  std::uint64_t stack_size = 0;
  std::uint64_t tls = 0;
  std::uint64_t set_tid = 0;
  std::uint64_t set_tid_size = 0;
  std::uint64_t cgroup = 0;
};

/// struct pidfd_info of PIDFD_GET_INFO (Linux 6.13), including how a process ended (Linux 6.15).
struct PidfdInfo {
  std::uint64_t mask = 0;
  std::uint64_t cgroup = 0;
  std::uint32_t ids[11] = {};
  std::int32_t exit_code = 0;
};
inline constexpr std::uint64_t pidfd_info_exit = 1U << 3;
inline constexpr unsigned pidfd_get_info = 0xc000ff0bU | sizeof(PidfdInfo) << 16;

inline constexpr std::uint64_t clone_pidfd = 0x00001000;
inline constexpr std::uint64_t clone_parent = 0x00008000;
inline constexpr std::uint64_t clone_into_cgroup = 0x200000000ULL;
inline constexpr std::uint64_t clone_clear_sighand = 0x100000000ULL;

inline constexpr unsigned fsconfig_set_flag = 0;
inline constexpr unsigned fsconfig_set_string = 1;
inline constexpr unsigned fsconfig_create = 6;
inline constexpr unsigned fsconfig_reconfigure = 7;

/// madvise(2), Linux 5.14.
inline constexpr int madv_populate_write = 23;

inline constexpr long magic_proc = 0x9fa0;
inline constexpr long magic_devpts = 0x1cd1;
inline constexpr long magic_sysfs = 0x62656572;

} // namespace pocker::sys
