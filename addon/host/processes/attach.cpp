// A client of the attach socket of conmon(8): SOCK_SEQPACKET; each packet from it begins with the number of the stream, packets
// to it are standard input.
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <string_view>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "../functions.h"
#include "detach_keys.h"
#include "signals.h"
#include "terminal.h"
#include "../writing.h"

namespace pocker::host {
namespace {

/// conmon reads and writes this much at once; its packets are one byte longer.
constexpr std::size_t piece = 8192;
constexpr char standard_error = 3;

struct Attachment {
  int socket;
  int pidfd;
  std::string control;
  DetachKeys keys;
  bool reads;
  std::string pending{};
};

/// The result for JavaScript.
constexpr int ended = 0, detached = 1;
constexpr int going_on = -1;

/// Tells conmon the size of our terminal ("1 ROWS COLUMNS" into its control FIFO).
void resize(const Attachment &attachment) {
  winsize size{};
  if (attachment.control.empty() || ioctl(0, TIOCGWINSZ, &size) != 0) return;
  sys::UniqueFd fifo{open(attachment.control.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC)};
  std::string line = "1 " + std::to_string(size.ws_row) + ' ' + std::to_string(size.ws_col) + '\n';
  if (fifo) static_cast<void>(write_all(fifo.get(), line));
}

int show_output(const Attachment &attachment) {
  char packet[piece + 1];
  ssize_t size = ::recv(attachment.socket, packet, sizeof packet, MSG_DONTWAIT);
  // ECONNRESET: conmon has closed its end without having read all of our input; what it sent before can still be read.
  if (size < 0 && (errno == EAGAIN || errno == EINTR || errno == ECONNRESET)) return going_on;
  if (size <= 0) return ended;
  // Nobody reads: the container goes on, as when nobody reads its logs.
  static_cast<void>(write_all(packet[0] == standard_error ? 2 : 1, {packet + 1, static_cast<std::size_t>(size) - 1}));
  return going_on;
}

int read_input(Attachment &attachment) {
  char text[piece];
  ssize_t size = ::read(0, text, sizeof text);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return going_on;
  if (size > 0) return attachment.keys.take(text, static_cast<std::size_t>(size), attachment.pending) ? detached : going_on;
  attachment.reads = false;
  return going_on;
}

void send_input(Attachment &attachment) {
  std::size_t size = attachment.pending.size() < piece ? attachment.pending.size() : piece;
  if (size > 0) {
    ssize_t sent = ::send(attachment.socket, attachment.pending.data(), size, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR)) return;
    // conmon has closed the container's standard input.
    if (sent < 0) attachment.pending.clear(), attachment.reads = false;
    if (sent > 0) attachment.pending.erase(0, static_cast<std::size_t>(sent));
  }
  if (!attachment.reads && attachment.pending.empty()) shutdown(attachment.socket, SHUT_WR);
}

/// `going_on`, or 128 + the signal that ends us.
int take_signals(const Attachment &attachment, const Signals &signals, const RawTerminal &terminal) {
  while (int number = signals.take()) {
    if (number == SIGWINCH) {
      resize(attachment);
    } else if (number == SIGCONT) {
      terminal.enter();
    } else if (number == SIGCHLD) {
      continue;
    } else if (attachment.pidfd >= 0) {
      static_cast<void>(sys::call(__NR_pidfd_send_signal, attachment.pidfd, number, nullptr, 0).ok());
    } else if (number == SIGTERM || number == SIGINT || number == SIGHUP || number == SIGQUIT) {
      return 128 + number;
    }
  }
  return going_on;
}

int attend(Attachment &attachment, const Signals &signals, const RawTerminal &terminal) {
  for (;;) {
    bool full = !attachment.pending.empty();
    pollfd wanted[] = {{signals.fd(), POLLIN, 0},
                       {attachment.socket, static_cast<short>(POLLIN | (full ? POLLOUT : 0)), 0},
                       {attachment.reads && !full ? 0 : -1, POLLIN, 0}};
    if (::poll(wanted, std::size(wanted), -1) < 0 && errno != EINTR) return ended;
    int result = take_signals(attachment, signals, terminal);
    if (result == going_on && (wanted[1].revents & (POLLIN | POLLHUP | POLLERR)) != 0) result = show_output(attachment);
    if (result == going_on && wanted[2].revents != 0) result = read_input(attachment);
    // Input typed before the keys is for the container.
    if (result == detached) send_input(attachment);
    if (result != going_on) return result;
    if (wanted[2].revents != 0 || (wanted[1].revents & POLLOUT) != 0) send_input(attachment);
  }
}

} // namespace

Reply attach(const Arguments &arguments) {
  const Object &request = arguments.object(0);
  const auto *keys = std::get_if<Bytes>(&field(request, "detachKeys"));
  const auto *input = std::get_if<bool>(&field(request, "input"));
  const auto *is_terminal = std::get_if<bool>(&field(request, "terminal"));
  Attachment attachment{static_cast<int>(number_of(field(request, "socket"))),
                        static_cast<int>(number_of(field(request, "pidfd"))), text_of(field(request, "control")),
                        DetachKeys{keys == nullptr ? Bytes{} : *keys}, input != nullptr && *input};
  Signals signals;
  if (signals.error() != 0) return fail("pipe", signals.error());
  signals.attend();
  RawTerminal terminal{is_terminal != nullptr && *is_terminal, RawTerminal::Output::raw};
  resize(attachment);
  return Value{static_cast<double>(attend(attachment, signals, terminal))};
}

} // namespace pocker::host
