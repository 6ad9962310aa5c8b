// Processes by pidfd, never by pid alone, which the kernel reuses.
#include <cerrno>
#include <csignal>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "../../sys/fd.h"
#include "../../sys/kernel.h"
#include "../deadline.h"
#include "../functions.h"

namespace pocker::host {

using sys::call;
using sys::Result;

Reply pidfd_open(const Arguments &arguments) {
  Result opened = call(__NR_pidfd_open, arguments.integer(0), 0);
  if (opened.error() == ESRCH || opened.error() == EINVAL) return Value{-1.0};
  return opened.ok() ? Reply{Value{static_cast<double>(opened.fd())}} : fail("pidfd_open", opened.error());
}

Reply pidfd_send_signal(const Arguments &arguments) {
  Result sent = call(__NR_pidfd_send_signal, arguments.integer(0), arguments.integer(1), nullptr, 0);
  return sent.ok() ? nothing() : fail("pidfd_send_signal", sent.error());
}

Reply wait_pidfd(const Arguments &arguments) {
  pollfd wanted{arguments.integer(0), POLLIN, 0};
  int ready = poll_until({&wanted, 1}, Deadline{arguments.number(1)});
  return ready < 0 ? fail("poll", -ready) : Reply{Value{ready > 0}};
}

namespace {

Reply ending(int code, int signal) {
  Object reply;
  reply.emplace_back("code", Value{static_cast<double>(code)});
  reply.emplace_back("signal", Value{static_cast<double>(signal)});
  return Value{std::move(reply)};
}

} // namespace

Reply exit_status(const Arguments &arguments) {
  // Readable once the process has ended; hung up once its parent knows, and the kernel has recorded its status.
  pollfd wanted{arguments.integer(0), 0, 0};
  if (poll_until({&wanted, 1}, Deadline{arguments.number(1)}) <= 0) return nothing();
  sys::PidfdInfo info;
  info.mask = sys::pidfd_info_exit;
  Result asked = call(__NR_ioctl, arguments.integer(0), sys::pidfd_get_info, &info);
  if (!asked.ok() || (info.mask & sys::pidfd_info_exit) == 0) return nothing();
  return WIFEXITED(info.exit_code) ? ending(WEXITSTATUS(info.exit_code), 0) : ending(0, WTERMSIG(info.exit_code));
}

Reply reap(const Arguments &arguments) {
  siginfo_t info{};
  if (waitid(P_PIDFD, static_cast<id_t>(arguments.integer(0)), &info, WEXITED | WNOHANG) != 0) {
    return errno == ECHILD ? Reply{Value{}} : fail("waitid", errno);
  }
  if (info.si_pid == 0) return Value{};
  bool exited = info.si_code == CLD_EXITED;
  return exited ? ending(info.si_status, 0) : ending(0, info.si_status);
}

Reply set_child_subreaper(const Arguments &) {
  return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0 ? nothing() : fail("prctl(PR_SET_CHILD_SUBREAPER)", errno);
}

} // namespace pocker::host
