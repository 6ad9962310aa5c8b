#include "child.h"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <linux/memfd.h>
#include <unistd.h>

#include "../../sys/stdio.h"
#include "../writing.h"

namespace pocker::host {

using sys::call;
using sys::Result;

namespace {
bool inherited_are_marked = false;
}

bool inherited(int fd) {
  Result flags = call(__NR_fcntl, fd, F_GETFD);
  return flags.ok() && (inherited_are_marked || (flags.value() & FD_CLOEXEC) == 0);
}

sys::Result begin_process(bool marks_inherited) {
  inherited_are_marked = marks_inherited;
  if (Result reserved = sys::reserve_stdio(); !reserved.ok()) return reserved;
  std::signal(SIGPIPE, SIG_IGN);
  struct sigaction children {};
  if (sigaction(SIGCHLD, nullptr, &children) == 0 && children.sa_handler == SIG_IGN) std::signal(SIGCHLD, SIG_DFL);
  return Result(0);
}

sys::Result reset_handlers() {
  const unsigned long by_default[4] = {};
  for (int signal = 1; signal <= 64; ++signal) {
    if (signal == SIGKILL || signal == SIGSTOP) continue;
    Result reset = call(__NR_rt_sigaction, signal, by_default, nullptr, sizeof by_default[0]);
    if (!reset.ok()) return reset;
  }
  return Result(0);
}

sys::Result unblock_signals() {
  const unsigned long none = 0;
  return call(__NR_rt_sigprocmask, SIG_SETMASK, &none, nullptr, sizeof none);
}

sys::Result clone_child(sys::CloneArgs &arguments, sys::UniqueFd &pidfd) {
  int descriptor = -1;
  arguments.flags |= sys::clone_pidfd | sys::clone_clear_sighand;
  arguments.pidfd = reinterpret_cast<std::uint64_t>(&descriptor);
  arguments.exit_signal = SIGCHLD;
  Result cloned = call(__NR_clone3, &arguments, sizeof arguments);
  if (cloned.ok() && cloned.value() != 0) pidfd.reset(descriptor);
  return cloned;
}

sys::Result keep_open(int fd) { return fd < 0 ? Result(0) : call(__NR_fcntl, fd, F_SETFD, 0); }

sys::Result keep_stdio() {
  Result kept(0);
  for (int fd = 0; kept.ok() && fd <= 2; ++fd) kept = keep_open(fd);
  return kept;
}

CallError sealed_file(const char *name, std::string_view content, bool executable, sys::UniqueFd &file) {
  constexpr unsigned mfd_exec = 0x10;
  unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  Result made = call(__NR_memfd_create, name, executable ? flags | mfd_exec : flags);
  if (made.error() == EINVAL) made = call(__NR_memfd_create, name, flags);
  if (!made.ok()) return {"memfd_create", made.error()};
  sys::UniqueFd own{made};
  if (int error = write_all(own.get(), content); error != 0) return {"write", error};
  constexpr int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
  if (Result sealed = call(__NR_fcntl, own.get(), F_ADD_SEALS, seals); !sealed.ok())
    return {"fcntl(F_ADD_SEALS)", sealed.error()};
  file = std::move(own);
  return {};
}

sys::Result open_output(const std::string &path, sys::UniqueFd &file) {
  if (path.empty()) return Result(0);
  Result opened = call(__NR_openat, AT_FDCWD, path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0600);
  if (opened.ok()) file.reset(opened.fd());
  return opened;
}

std::vector<char *> vector_of(const std::vector<std::string> &strings) {
  std::vector<char *> pointers;
  pointers.reserve(strings.size() + 1);
  for (const std::string &text : strings) pointers.push_back(const_cast<char *>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

} // namespace pocker::host
