// A foreground `run`: this process stands in for the container's, in both directions.
#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <optional>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../sys/syscall.h"
#include "../functions.h"
#include "notify.h"
#include "signals.h"
#include "terminal.h"

namespace pocker::host {
namespace {

/// From holdSignals, until supervise takes it over.
std::optional<Signals> held;

/// How long to wait for a reader that accepts nothing once the caller wants an end.
constexpr int patience_ms = 1000;

/// What attend returns, and the result for JavaScript.
constexpr int detached = -1;

struct Session {
  int pidfd;
  pid_t pid;
  TerminalCopying copying;
  DetachKeys keys{};
  /// The program's sd_notify(3) socket; -1 once the message is passed on.
  int ready = -1;
  std::string manager{};
  std::string ready_text{};
  /// The program has ended.
  bool ended = false;
  /// A signal arrived that callers use to end programs.
  bool unwanted = false;
};

bool is_end(int number) { return number == SIGTERM || number == SIGINT || number == SIGHUP || number == SIGQUIT; }

/// Reaps children that the container's processes left to us as their subreaper; our own child is waited for by pidfd.
void reap_strays(pid_t own) {
  siginfo_t info{};
  while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0 && info.si_pid != own) {
    waitpid(info.si_pid, nullptr, WNOHANG);
    info = {};
  }
}

/// False: a signal arrived that should end us, since the program has ended.
bool pass_signals(Session &session, const Signals &signals, const RawTerminal &terminal) {
  while (int number = signals.take()) {
    if (number == SIGCHLD) {
      reap_strays(session.pid);
    } else if (number == SIGWINCH) {
      session.copying.resize();
    } else {
      if (number == SIGCONT) terminal.enter();
      if (is_end(number)) session.unwanted = true;
      if (session.ended && session.unwanted) return false;
      static_cast<void>(sys::call(__NR_pidfd_send_signal, session.pidfd, number, nullptr, 0).ok());
    }
  }
  return true;
}

Reply exit_code(const Session &session) {
  siginfo_t info{};
  while (waitid(P_PIDFD, static_cast<id_t>(session.pidfd), &info, WEXITED) != 0) {
    if (errno != EINTR) return fail("waitid", errno);
  }
  return Value{static_cast<double>(info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status)};
}

/// If the manager is gone, that is not an error here.
void pass_on_ready(Session &session) {
  if (!take_ready(session.ready)) return;
  static_cast<void>(send_datagram_to(session.manager, session.ready_text));
  session.ready = -1;
}

/// For poll(2). When the program ends, its terminal's remaining output is available at once; whoever reads what we write may take
/// longer.
int patience(const Session &session) {
  if (!session.ended) return -1;
  if (!session.copying.busy()) return 0;
  return session.unwanted ? patience_ms : -1;
}

/// Until the program has ended and its last output has been written, or the user has detached. 0, `detached`, or an errno.
int attend(Session &session, const Signals &signals, const RawTerminal &terminal) {
  for (;;) {
    pollfd wanted[3 + TerminalCopying::polled] = {
        {session.ended ? -1 : session.pidfd, POLLIN, 0}, {signals.fd(), POLLIN, 0}, {session.ready, POLLIN, 0}};
    session.copying.want(wanted + 3);
    int ready = ::poll(wanted, std::size(wanted), patience(session));
    if (ready == 0) return 0;
    if (ready < 0 && errno == EINTR) continue;
    if (ready < 0) return errno;
    if (wanted[1].revents != 0 && !pass_signals(session, signals, terminal)) return 0;
    if (session.copying.carry(wanted + 3, session.keys)) return detached;
    if (wanted[2].revents != 0) pass_on_ready(session);
    if (wanted[0].revents == 0) continue;
    session.ended = true;
    session.copying.end();
  }
}

/// The caller's terminal, pipes and locks must not stay open as long as the program runs.
void close_others(std::array<int, 3> kept) {
  std::sort(kept.begin(), kept.end());
  int from = STDERR_FILENO + 1;
  for (int fd : kept) {
    if (fd > from) static_cast<void>(sys::call(__NR_close_range, from, fd - 1, 0).ok());
    if (fd >= from) from = fd + 1;
  }
  static_cast<void>(sys::call(__NR_close_range, from, ~0U, 0).ok());
}

/// In a separate process: keeps the program's terminal, which would hang up without a master, and reads its output.
[[noreturn]] void keep_terminal(const TerminalCopying &copying, int pidfd) {
  int master = copying.master();
  setsid();
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int fd = 0; fd <= 2; ++fd) dup2(null, fd);
  close_others({master, copying.slave(), pidfd});
  char text[4096];
  for (;;) {
    pollfd wanted[2] = {{pidfd, POLLIN, 0}, {master, POLLIN, 0}};
    if (::poll(wanted, std::size(wanted), -1) < 0 && errno != EINTR) _exit(1);
    if (wanted[0].revents != 0) _exit(0);
    if (wanted[1].revents != 0 && ::read(master, text, sizeof text) < 0 && errno != EAGAIN && errno != EINTR) _exit(0);
  }
}

/// The result for JavaScript when the user has detached.
Reply leave(const Session &session) {
  pid_t keeper = fork();
  if (keeper < 0) return fail("fork", errno);
  if (keeper == 0) keep_terminal(session.copying, session.pidfd);
  return Value{static_cast<double>(detached)};
}

} // namespace

Reply set_up_terminal(const Arguments &arguments) {
  leave_line_ends(arguments.integer(0));
  copy_window_size(arguments.integer(0));
  return nothing();
}

Reply is_terminal(const Arguments &arguments) { return Value{isatty(arguments.integer(0)) == 1}; }

Reply window_size(const Arguments &arguments) {
  winsize size{};
  if (ioctl(arguments.integer(0), TIOCGWINSZ, &size) != 0) return Value{};
  return Value{Array{Value{static_cast<double>(size.ws_col)}, Value{static_cast<double>(size.ws_row)}}};
}

Reply block_signals(const Arguments &) {
  if (!held) held.emplace();
  return held->error() == 0 ? nothing() : fail("pipe", held->error());
}

Reply supervise(const Arguments &arguments) {
  bool has_terminal = arguments.integer(2) >= 0;
  Session session{arguments.integer(0), arguments.integer(1), TerminalCopying{arguments.integer(2)}};
  if (const Object &detaching = arguments.object(4); !detaching.empty()) {
    if (const auto *keys = std::get_if<Bytes>(&field(detaching, "keys"))) session.keys = DetachKeys{*keys};
  }
  if (const Object &notification = arguments.object(3); !notification.empty()) {
    session.ready = static_cast<int>(number_of(field(notification, "socket")));
    session.manager = text_of(field(notification, "path"));
    session.ready_text = text_of(field(notification, "text"));
  }
  if (Reply reply = block_signals(arguments); std::holds_alternative<Failure>(reply)) return reply;
  struct Release {
    ~Release() { held.reset(); }
  } release;
  held->attend();
  int result = 0;
  {
    RawTerminal terminal{has_terminal};
    session.copying.resize();
    result = attend(session, *held, terminal);
  }
  if (result > 0) return fail("poll", result);
  return result == detached ? leave(session) : exit_code(session);
}

} // namespace pocker::host
