// Makes a child process without libc's fork, which would take locks of a multi-threaded host.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "../../sys/fd.h"
#include "../../sys/kernel.h"
#include "../call_error.h"

namespace pocker::host {

/// For the whole process, before anything else: opens descriptors 0 to 2, ignores SIGPIPE (writes fail with EPIPE if the reader
/// is gone), and makes sure that children can be waited for, whatever the caller ignores.
sys::Result begin_process(bool marks_inherited = false);

/// Whether a descriptor above 2 was open when this process began: all of our own are close-on-exec. `marks_inherited`: the host
/// has made inherited ones close-on-exec too; then it tells whether the descriptor is open at all.
bool inherited(int fd);

/// clone3(2) with CLONE_PIDFD and SIGCHLD. In the child: value 0; only raw system calls may follow.
sys::Result clone_child(sys::CloneArgs &arguments, sys::UniqueFd &pidfd);

/// In the child: no signal is ignored, which execve(2) would keep.
sys::Result reset_handlers();

/// In the child: no signal is blocked.
sys::Result unblock_signals();

/// The descriptor stays open across execve(2); nothing for -1.
sys::Result keep_open(int fd);

/// The same for standard input, output and error, which Node marks close-on-exec.
sys::Result keep_stdio();

inline std::string_view as_text(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char *>(bytes.data()), bytes.size()};
}

/// A sealed memfd with that content. `executable`: it may be executed (MFD_EXEC, Linux 6.3; before that, any memfd may).
CallError sealed_file(const char *name, std::string_view content, bool executable, sys::UniqueFd &file);

/// Opens a file that hooks append to, creating it if missing; nothing for "".
sys::Result open_output(const std::string &path, sys::UniqueFd &file);

/// Strings as execve(2) wants them; the arguments must outlive it.
std::vector<char *> vector_of(const std::vector<std::string> &strings);

} // namespace pocker::host
