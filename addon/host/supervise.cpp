// `run` in the foreground: this process stands in for the container's, in both directions.
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <memory>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "../sys/fd.h"
#include "functions.h"
#include "notify.h"

namespace pocker::host {
namespace {

using sys::UniqueFd;

/// A handler and a pipe, not signalfd(2): Node's other threads do not block these signals.
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
  default: return number < 32 || number >= SIGRTMIN;
  }
}

/// Every forwarded signal for as long as it lives; SIGCHLD only when asked for.
class Signals {
public:
  Signals() {
    int pair[2] = {-1, -1};
    if (pipe2(pair, O_CLOEXEC | O_NONBLOCK) != 0) return;
    in_.reset(pair[0]);
    out_.reset(pair[1]);
    signal_pipe = pair[1];
    for (int number = 1; number < NSIG; ++number) {
      if (is_forwarded(number)) note(number);
    }
  }
  ~Signals() {
    for (int number = 1; number < NSIG; ++number) {
      if (is_forwarded(number) || number == SIGCHLD) sigaction(number, &before_[number], nullptr);
    }
  }
  void note_children() { note(SIGCHLD); }
  Signals(const Signals &) = delete;
  Signals &operator=(const Signals &) = delete;
  [[nodiscard]] int fd() const { return in_.get(); }

private:
  void note(int number) {
    struct sigaction action {};
    action.sa_handler = note_signal;
    action.sa_flags = SA_RESTART;
    sigaction(number, &action, &before_[number]);
  }

  UniqueFd in_, out_;
  struct sigaction before_[NSIG] = {};
};

/// Of holdSignals, until supervise takes it over.
std::unique_ptr<Signals> held;

/// Our own terminal in raw mode: the container's does the line editing.
class RawTerminal {
public:
  explicit RawTerminal(bool wanted) : active_(wanted && tcgetattr(0, &before_) == 0) {
    if (!active_) return;
    termios raw = before_;
    cfmakeraw(&raw);
    tcsetattr(0, TCSANOW, &raw);
  }
  ~RawTerminal() {
    if (active_) tcsetattr(0, TCSANOW, &before_);
  }
  RawTerminal(const RawTerminal &) = delete;
  RawTerminal &operator=(const RawTerminal &) = delete;

private:
  termios before_{};
  bool active_;
};

void copy_window_size(int master) {
  winsize size{};
  if (ioctl(0, TIOCGWINSZ, &size) == 0) ioctl(master, TIOCSWINSZ, &size);
}

bool write_all(int fd, const char *data, std::size_t size) {
  for (std::size_t done = 0; done < size;) {
    ssize_t written = ::write(fd, data + done, size - done);
    if (written < 0 && errno == EAGAIN) {
      pollfd wanted{fd, POLLOUT, 0};
      poll(&wanted, 1, 1000);
    } else if (written < 0 && errno != EINTR) {
      return false;
    }
    if (written > 0) done += static_cast<std::size_t>(written);
  }
  return true;
}

/// False when that side has ended.
bool copy(int from, int to) {
  char buffer[16384];
  ssize_t size = read(from, buffer, sizeof buffer);
  if (size < 0) return errno == EINTR || errno == EAGAIN;
  return size > 0 && write_all(to, buffer, static_cast<std::size_t>(size));
}

struct Session {
  int pidfd;
  pid_t pid;
  int master;
  bool input_open;
  /// Of the program's sd_notify(3), -1 once that is passed on.
  int ready;
  std::string manager;
  std::string ready_text;
};

/// Children that the container's processes left to us as their subreaper; our own child is waited for by its pidfd.
void reap_strays(pid_t own) {
  siginfo_t info{};
  while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0 && info.si_pid != own) {
    waitpid(info.si_pid, nullptr, WNOHANG);
    info = {};
  }
}

void pass_signals(const Session &session, int signals) {
  unsigned char number = 0;
  while (read(signals, &number, 1) == 1) {
    if (number == SIGCHLD) {
      reap_strays(session.pid);
    } else if (number == SIGWINCH && session.master >= 0) {
      copy_window_size(session.master);
    } else {
      static_cast<void>(sys::call(__NR_pidfd_send_signal, session.pidfd, number, nullptr, 0).ok());
    }
  }
}

int exit_code(const Session &session) {
  siginfo_t info{};
  if (waitid(P_PIDFD, static_cast<id_t>(session.pidfd), &info, WEXITED) != 0) return 255;
  return info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
}

/// That the manager is gone is nobody's failure here.
void pass_on_ready(Session &session) {
  if (!take_ready(session.ready)) return;
  static_cast<void>(send_datagram_to(session.manager, session.ready_text));
  session.ready = -1;
}

void attend(Session &session, const Signals &signals) {
  for (;;) {
    pollfd wanted[] = {{session.pidfd, POLLIN, 0},
                       {signals.fd(), POLLIN, 0},
                       {session.master, POLLIN, 0},
                       {session.master >= 0 && session.input_open ? 0 : -1, POLLIN, 0},
                       {session.ready, POLLIN, 0}};
    if (poll(wanted, 5, -1) < 0 && errno != EINTR) return;
    if (wanted[1].revents != 0) pass_signals(session, signals.fd());
    // EIO: nobody has the terminal open any more.
    if (wanted[2].revents != 0 && !copy(session.master, 1)) session.master = -1;
    if (wanted[3].revents != 0) session.input_open = copy(0, session.master);
    if (wanted[4].revents != 0) pass_on_ready(session);
    if (wanted[0].revents != 0) return;
  }
}

/// What the program wrote last is still in the terminal when it ends.
void drain(const Session &session) {
  pollfd wanted{session.master, POLLIN, 0};
  while (session.master >= 0 && poll(&wanted, 1, 0) > 0 && copy(session.master, 1)) {
  }
}

} // namespace

Reply take_window_size(const Arguments &arguments) {
  copy_window_size(arguments.integer(0));
  return nothing();
}

Reply hold_signals(const Arguments &) {
  if (held == nullptr) held = std::make_unique<Signals>();
  return held->fd() < 0 ? fail("pipe", errno) : nothing();
}

Reply supervise(const Arguments &arguments) {
  Session session{arguments.integer(0), arguments.integer(1), arguments.integer(2), true, -1, {}, {}};
  if (const Object &notification = arguments.object(3); !notification.empty()) {
    session.ready = static_cast<int>(number_of(field(notification, "socket")));
    session.manager = text_of(field(notification, "path"));
    session.ready_text = text_of(field(notification, "text"));
  }
  if (Reply reply = hold_signals(arguments); std::holds_alternative<Failure>(reply)) return reply;
  std::unique_ptr<Signals> signals = std::move(held);
  signals->note_children();
  RawTerminal terminal{session.master >= 0};
  if (session.master >= 0) copy_window_size(session.master);
  attend(session, *signals);
  drain(session);
  return Value{static_cast<double>(exit_code(session))};
}

} // namespace pocker::host
