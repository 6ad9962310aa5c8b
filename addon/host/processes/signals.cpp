#include "signals.h"

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

#include "../../sys/syscall.h"

namespace pocker::host {
namespace {

/// A handler and a pipe instead of signalfd(2), because Node's other threads do not block these signals.
int signal_pipe = -1;
void note_signal(int number) {
  int saved = errno;
  auto byte = static_cast<unsigned char>(number);
  static_cast<void>(::write(signal_pipe, &byte, 1) == 1);
  errno = saved;
}

bool is_forwarded(int number) {
  switch (number) {
  case SIGKILL:
  case SIGSTOP:
  case SIGCHLD:
  case SIGPIPE:
  case SIGURG:
  case SIGSEGV:
  case SIGBUS:
  case SIGFPE:
  case SIGILL:
  // What the shell sends to a background job: it stops us until we are in the foreground again.
  case SIGTTIN:
  case SIGTTOU: return false;
  // The C libraries use 32 and 33 themselves.
  default: return number < 32 || number > 33;
  }
}

void exchange(int number, const KernelAction *action, KernelAction *before) {
  static_cast<void>(sys::call(__NR_rt_sigaction, number, action, before, sizeof action->mask).ok());
}

KernelAction with_flags(KernelAction action, int flags) {
  action.flags |= static_cast<unsigned long>(flags);
  return action;
}

} // namespace

Signals::Signals() {
  int pair[2] = {-1, -1};
  if (pipe2(pair, O_CLOEXEC | O_NONBLOCK) != 0) {
    error_ = errno;
    return;
  }
  in_.reset(pair[0]);
  out_.reset(pair[1]);
  signal_pipe = pair[1];
  exchange(SIGTERM, nullptr, &before_[SIGTERM]);
  struct sigaction action {};
  action.sa_handler = note_signal;
  sigaction(SIGTERM, &action, nullptr);
  exchange(SIGTERM, nullptr, &handler_);
  const KernelAction restarting = with_flags(handler_, SA_RESTART);
  unsigned long all = 1UL << (SIGCHLD - 1);
  for (int number = 1; number <= last; ++number) {
    if (!is_forwarded(number)) continue;
    exchange(number, &restarting, number == SIGTERM ? nullptr : &before_[number]);
    all |= 1UL << (number - 1);
  }
  static_cast<void>(sys::call(__NR_rt_sigprocmask, SIG_UNBLOCK, &all, &mask_before_, sizeof all).ok());
}

Signals::~Signals() {
  if (error_ != 0) return;
  static_cast<void>(sys::call(__NR_rt_sigprocmask, SIG_SETMASK, &mask_before_, nullptr, sizeof mask_before_).ok());
  for (int number = 1; number <= last; ++number) {
    if (is_forwarded(number) || (attends_ && number == SIGCHLD)) exchange(number, &before_[number], nullptr);
  }
}

void Signals::attend() {
  attends_ = true;
  exchange(SIGCHLD, &handler_, &before_[SIGCHLD]);
  for (int number = 1; number <= last; ++number) {
    if (is_forwarded(number)) exchange(number, &handler_, nullptr);
  }
}

int Signals::take() const {
  unsigned char number = 0;
  return read(in_.get(), &number, 1) == 1 ? number : 0;
}

} // namespace pocker::host
