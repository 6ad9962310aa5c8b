#include "copying.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <string>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pocker::host {
namespace {

/// What a pipe or terminal that poll(2) reports as writable accepts without blocking.
constexpr std::size_t pipe_piece = 4096, terminal_piece = 256;

/// Opening a terminal's master again would create another terminal.
bool is_terminal(int fd) {
  unsigned number = 0;
  return isatty(fd) == 1 && ioctl(fd, TIOCGPTN, &number) != 0;
}

bool would_block(int error) { return error == EAGAIN || error == EINTR; }

} // namespace

End::End(int fd, int flags) : fd_(fd) {
  struct stat status {};
  if (fstat(fd, &status) != 0) return;
  socket_ = S_ISSOCK(status.st_mode);
  bool pipe = S_ISFIFO(status.st_mode);
  if (!pipe && !is_terminal(fd)) return;
  // After su(1), a terminal may belong to another user, and a pipe to somebody else.
  own_.reset(open(("/proc/self/fd/" + std::to_string(fd)).c_str(), flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (own_)
    fd_ = own_.get();
  else
    at_once_ = pipe ? pipe_piece : terminal_piece;
}

ssize_t End::read(char *to, std::size_t size) const {
  return socket_ ? recv(fd_, to, size, MSG_DONTWAIT) : ::read(fd_, to, size);
}

ssize_t End::write(const char *from, std::size_t size) const {
  if (socket_) return send(fd_, from, size, MSG_DONTWAIT | MSG_NOSIGNAL);
  return ::write(fd_, from, size < at_once_ ? size : at_once_);
}

void Copying::read() {
  ssize_t size = from_.read(buffer_.data(), buffer_.size() - held_back);
  begin_ = 0;
  end_ = size > 0 ? static_cast<std::size_t>(size) : 0;
  if (size == 0 || (size < 0 && !would_block(errno)) || end_ >= left_) open_ = false;
  left_ -= end_;
}

bool Copying::look_for(DetachKeys &keys) {
  if (!keys.wanted() || keys.size() > held_back) return false;
  std::string rest;
  bool complete = keys.take(buffer_.data() + begin_, end_ - begin_, rest);
  std::copy(rest.begin(), rest.end(), buffer_.begin());
  begin_ = 0;
  end_ = rest.size();
  return complete;
}

void Copying::write() {
  ssize_t size = to_.write(buffer_.data() + begin_, end_ - begin_);
  if (size > 0)
    begin_ += static_cast<std::size_t>(size);
  else if (size < 0 && !would_block(errno))
    heard_ = false;
}

} // namespace pocker::host
