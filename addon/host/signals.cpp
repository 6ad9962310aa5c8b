#include "signals.h"

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

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
  case SIGILL: return false;
  // What the shell sends to a background job: it stops us until we are in the foreground again.
  case SIGTTIN:
  case SIGTTOU: return false;
  default: return number < 32 || number >= SIGRTMIN;
  }
}

void note(int number, int flags, struct sigaction *before) {
  struct sigaction action {};
  action.sa_handler = note_signal;
  action.sa_flags = flags;
  sigaction(number, &action, before);
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
  sigset_t all;
  sigemptyset(&all);
  for (int number = 1; number < NSIG; ++number) {
    if (!is_forwarded(number)) continue;
    note(number, SA_RESTART, &before_[number]);
    sigaddset(&all, number);
  }
  sigaddset(&all, SIGCHLD);
  pthread_sigmask(SIG_UNBLOCK, &all, &mask_before_);
}

Signals::~Signals() {
  if (error_ != 0) return;
  pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
  for (int number = 1; number < NSIG; ++number) {
    if (is_forwarded(number) || (attends_ && number == SIGCHLD)) sigaction(number, &before_[number], nullptr);
  }
}

void Signals::attend() {
  attends_ = true;
  note(SIGCHLD, 0, &before_[SIGCHLD]);
  for (int number = 1; number < NSIG; ++number) {
    if (is_forwarded(number)) note(number, 0, nullptr);
  }
}

int Signals::take() const {
  unsigned char number = 0;
  return read(in_.get(), &number, 1) == 1 ? number : 0;
}

} // namespace pocker::host
