// Making a child process without libc's fork: no lock of a multi-threaded host is taken in between.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "../sys/fd.h"
#include "../sys/kernel.h"

namespace pocker::host {

/// For the whole process, before anything else: descriptors 0 to 2 are open; whoever reads what we write may go away (EPIPE instead
/// of SIGPIPE); children can be waited for, whatever the caller ignores.
sys::Result begin_process(bool marks_inherited = false);

/// Whether a descriptor above 2 was open when this process began: all of our own are close-on-exec. `marks_inherited`: the host has
/// made those that it found so, too, which leaves those that are open at all.
bool inherited(int fd);

/// clone3(2) with CLONE_PIDFD and SIGCHLD. In the child: value 0; only raw system calls may follow.
sys::Result clone_child(sys::CloneArgs &arguments, sys::UniqueFd &pidfd);

/// In the child: nothing of our signal state is the program's, no ignored signal (execve(2) keeps those) and no blocked one.
sys::Result reset_signals();

/// A sealed memfd with that content. `executable`: may be executed (MFD_EXEC, Linux 6.3; before that all may).
sys::Result sealed_file(const char *name, const void *content, std::size_t size, bool executable);

/// Opens a file that hooks add to, made if it is missing; nothing for "".
sys::Result open_output(const std::string &path, sys::UniqueFd &file);

/// Strings as execve(2) wants them; they must outlive it.
std::vector<char *> vector_of(const std::vector<std::string> &strings);

} // namespace pocker::host
