// What a traced process is about to call, as a line of text: name, operation, and path or what the descriptor is of.
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <linux/ptrace.h>
#include <seccomp.h>

namespace call_text {

/// Which arguments say what a call is about; -1: none.
struct Shape {
  long number;
  int operation;
  int path;
  int descriptor;
};

constexpr int none = -1;

constexpr std::array shapes {
  Shape{SYS_openat, none, 1, 0}, Shape{SYS_openat2, none, 1, 0}, Shape{SYS_newfstatat, none, 1, 0},
      Shape{SYS_readlinkat, none, 1, 0}, Shape{SYS_unlinkat, none, 1, 0}, Shape{SYS_mkdirat, none, 1, 0},
      Shape{SYS_faccessat, none, 1, 0}, Shape{SYS_faccessat2, none, 1, 0}, Shape{SYS_fchmodat, none, 1, 0},
      Shape{SYS_fchownat, none, 1, 0}, Shape{SYS_mknodat, none, 1, 0}, Shape{SYS_symlinkat, none, 0, none},
      Shape{SYS_renameat, none, 1, 0}, Shape{SYS_renameat2, none, 1, 0}, Shape{SYS_statx, none, 1, 0},
      Shape{SYS_execveat, none, 1, 0}, Shape{SYS_execve, none, 0, none}, Shape{SYS_open_tree, none, 1, 0},
      Shape{SYS_mount_setattr, none, 1, 0}, Shape{SYS_umount2, none, 0, none}, Shape{SYS_mount, none, 1, none},
      Shape{SYS_chdir, none, 0, none}, Shape{SYS_statfs, none, 0, none}, Shape{SYS_fsopen, none, 0, none},
      Shape{SYS_fsconfig, 1, 2, none},
#if defined __x86_64__
      Shape{SYS_open, none, 0, none}, Shape{SYS_stat, none, 0, none}, Shape{SYS_lstat, none, 0, none},
      Shape{SYS_access, none, 0, none}, Shape{SYS_readlink, none, 0, none}, Shape{SYS_unlink, none, 0, none},
      Shape{SYS_rmdir, none, 0, none}, Shape{SYS_mkdir, none, 0, none},
#endif
      Shape{SYS_read, none, none, 0}, Shape{SYS_readv, none, none, 0}, Shape{SYS_pread64, none, none, 0},
      Shape{SYS_write, none, none, 0}, Shape{SYS_writev, none, none, 0}, Shape{SYS_fstat, none, none, 0},
      Shape{SYS_lseek, none, none, 0}, Shape{SYS_ftruncate, none, none, 0}, Shape{SYS_fchmod, none, none, 0},
      Shape{SYS_fchown, none, none, 0}, Shape{SYS_fchdir, none, none, 0}, Shape{SYS_fstatfs, none, none, 0},
      Shape{SYS_getdents64, none, none, 0}, Shape{SYS_flock, 1, none, 0}, Shape{SYS_fcntl, 1, none, 0},
      Shape{SYS_ioctl, 1, none, 0}, Shape{SYS_setsockopt, 2, none, 0}, Shape{SYS_getsockopt, 2, none, 0},
      Shape{SYS_sendmsg, none, none, 0}, Shape{SYS_recvmsg, none, none, 0}, Shape{SYS_setns, none, none, 0},
      Shape{SYS_waitid, 0, none, none}, Shape{SYS_prctl, 0, none, none}, Shape{SYS_keyctl, 0, none, none},
      Shape{SYS_mprotect, 2, none, none}, Shape{SYS_mmap, 3, none, none}, Shape{SYS_prlimit64, 1, none, none},
      Shape{SYS_seccomp, 0, none, none}, Shape{SYS_bpf, 0, none, none},
};

inline constexpr std::size_t longest = 200;

/// Up to the end of its page, behind which nothing may be mapped; a longer text is read in two parts.
inline std::string string_at(pid_t pid, std::uint64_t address) {
  std::string text;
  while (address != 0 && text.size() < longest) {
    constexpr std::uint64_t page = 4096;
    char part[longest];
    std::size_t size = std::min<std::size_t>(longest, page - address % page);
    iovec here{part, size}, there{reinterpret_cast<void *>(address), size};
    if (process_vm_readv(pid, &here, 1, &there, 1, 0) != static_cast<ssize_t>(size)) break;
    std::string_view got{part, size};
    std::size_t end = got.find('\0');
    text += got.substr(0, end);
    if (end != std::string_view::npos) break;
    address += size;
  }
  for (char &one : text)
    if (one <= ' ' || one > '~') one = '?';
  return text;
}

inline std::string descriptor(pid_t pid, std::uint64_t fd) {
  std::string path = "/proc/" + std::to_string(pid) + "/fd/" + std::to_string(static_cast<int>(fd));
  char target[longest];
  ssize_t size = readlink(path.c_str(), target, sizeof target);
  return size < 0 ? std::string{} : std::string(target, static_cast<std::size_t>(size));
}

inline std::string name(std::uint64_t number) {
  char *text = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, static_cast<int>(number));
  std::string result = text == nullptr ? "?" : text;
  std::free(text);
  return result;
}

/// The call that `pid` is stopped at the entry of.
inline std::string of(pid_t pid, const ptrace_syscall_info &info) {
  std::string text = name(info.entry.nr);
  for (const Shape &shape : shapes) {
    if (static_cast<std::uint64_t>(shape.number) != info.entry.nr) continue;
    if (shape.operation != none) text.append(" ").append(std::to_string(static_cast<int>(info.entry.args[shape.operation])));
    std::string about = shape.path == none ? "" : string_at(pid, info.entry.args[shape.path]);
    if (shape.descriptor != none && !about.starts_with('/')) {
      std::string place = descriptor(pid, info.entry.args[shape.descriptor]);
      if (!place.empty() && !about.empty()) place.append("/");
      about.insert(0, place);
    }
    if (!about.empty()) text.append(" ").append(about);
  }
  return text;
}

} // namespace call_text
