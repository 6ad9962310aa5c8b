#include "terminal.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace pocker::host {
namespace {

/// More than a terminal's buffers hold. A child that the program left behind may keep writing forever.
constexpr std::size_t drain_limit = std::size_t{1024} * 1024;

constexpr short ended = POLLERR | POLLHUP | POLLNVAL;

} // namespace

void copy_window_size(int master) {
  for (int fd = 0; fd <= 2; ++fd) {
    winsize size{};
    if (ioctl(fd, TIOCGWINSZ, &size) != 0) continue;
    ioctl(master, TIOCSWINSZ, &size);
    return;
  }
}

void leave_line_ends(int master) {
  termios settings{};
  if (tcgetattr(master, &settings) != 0) return;
  settings.c_oflag &= ~static_cast<tcflag_t>(ONLCR);
  tcsetattr(master, TCSANOW, &settings);
}

RawTerminal::RawTerminal(bool wanted, Output output) : output_(output), active_(wanted && tcgetattr(0, &before_) == 0) {
  enter();
}

RawTerminal::~RawTerminal() {
  if (active_) tcsetattr(0, TCSANOW, &before_);
}

void RawTerminal::enter() const {
  if (!active_) return;
  termios raw = before_;
  cfmakeraw(&raw);
  if (output_ == Output::processed) raw.c_oflag = before_.c_oflag;
  tcsetattr(0, TCSANOW, &raw);
}

TerminalCopying::TerminalCopying(int master) : master_(master) {
  if (!master_) return;
  fcntl(master, F_SETFL, O_RDWR | O_NONBLOCK);
  // All programs have closed the terminal, but that is not its end: one may open /dev/console again.
  slave_.reset(ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
  input_ = Copying{End{0, O_RDONLY}, End{master, O_WRONLY}};
  output_ = Copying{End{master, O_RDONLY}, End{1, O_WRONLY}};
}

void TerminalCopying::want(pollfd *wanted) const {
  wanted[0] = {input_.wants_to_read() ? input_.from().fd() : -1, POLLIN, 0};
  wanted[1] = {output_.wants_to_write() ? output_.to().fd() : -1, POLLOUT, 0};
  int events = (output_.wants_to_read() ? POLLIN : 0) | (input_.wants_to_write() ? POLLOUT : 0);
  wanted[2] = {events == 0 ? -1 : master_.get(), static_cast<short>(events), 0};
}

bool TerminalCopying::carry(const pollfd *wanted, DetachKeys &keys) {
  bool detached = false;
  if (wanted[0].revents != 0) {
    input_.read();
    detached = input_.look_for(keys);
  }
  if (wanted[1].revents != 0) output_.write();
  if ((wanted[2].revents & (POLLIN | ended)) != 0 && output_.wants_to_read())
    output_.read();
  else if ((wanted[2].revents & ended) != 0)
    input_.stop();
  if ((wanted[2].revents & POLLOUT) != 0) input_.write();
  if (master_ && !output_.heard()) hang_up();
  // Input typed before the keys is for the program.
  if (detached && input_.wants_to_write()) input_.write();
  return detached;
}

void TerminalCopying::resize() const {
  if (master_) copy_window_size(master_.get());
}

void TerminalCopying::end() {
  input_.stop();
  output_.limit(drain_limit);
}

/// As when a user closes the window: nobody sees what the program writes. Its session gets SIGHUP.
void TerminalCopying::hang_up() {
  input_.stop();
  output_.stop();
  slave_.reset();
  master_.reset();
}

} // namespace pocker::host
