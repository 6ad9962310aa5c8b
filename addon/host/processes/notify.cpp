#include "notify.h"

#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "../../sys/fd.h"
#include "../deadline.h"
#include "../functions.h"

namespace pocker::host {
namespace {

using sys::UniqueFd;

/// systemd accepts no longer messages either.
constexpr std::size_t message_limit = 4096;

bool has_line(std::string_view text, std::string_view line) {
  while (!text.empty()) {
    std::size_t end = text.find('\n');
    if (text.substr(0, end) == line) return true;
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return false;
}

} // namespace

bool take_ready(int socket) {
  char message[message_limit];
  ssize_t size = recv(socket, message, sizeof message, MSG_DONTWAIT);
  return size > 0 && has_line({message, static_cast<std::size_t>(size)}, "READY=1");
}

int send_datagram_to(const std::string &path, const std::string &text) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) return ENAMETOOLONG;
  std::memcpy(address.sun_path, path.data(), path.size());
  socklen_t size = sizeof address;
  if (path[0] == '@') {
    address.sun_path[0] = 0;
    size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
  }
  UniqueFd socket{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  if (!socket) return errno;
  ssize_t sent = sendto(socket.get(), text.data(), text.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr *>(&address), size);
  return sent >= 0 ? 0 : errno;
}

Reply listen_datagram(const Arguments &arguments) {
  const std::string &name = arguments.text(2);
  UniqueFd directory{open(arguments.path(0), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
  if (!directory) return fail("open", errno, arguments.text(0));
  UniqueFd shown{open(arguments.path(1), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
  if (!shown) return fail("open", errno, arguments.text(1));
  UniqueFd socket{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  if (!socket) return fail("socket", errno);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::string path = "/proc/self/fd/" + std::to_string(directory.get()) + "/" + name;
  if (path.size() >= sizeof address.sun_path) return fail("bind", ENAMETOOLONG, name);
  std::memcpy(address.sun_path, path.data(), path.size());
  static_cast<void>(unlinkat(directory.get(), name.c_str(), 0)); // left by an earlier start that failed
  if (bind(socket.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0) return fail("bind", errno, name);
  // Any user that the program runs as in the container must reach it. Inside, no name is trusted; here, nobody else can put one.
  if (fchmodat(directory.get(), name.c_str(), 0777, 0) != 0) return fail("fchmodat", errno, name);
  if (renameat(directory.get(), name.c_str(), shown.get(), name.c_str()) != 0) return fail("renameat", errno, name);
  return Value{static_cast<double>(socket.release())};
}

Reply await_ready(const Arguments &arguments) {
  pollfd wanted[] = {{arguments.integer(0), POLLIN, 0}, {arguments.integer(1), POLLIN, 0}};
  for (;;) {
    if (int ready = poll_until(wanted, Deadline::never()); ready < 0) return fail("poll", -ready);
    if (wanted[0].revents != 0 && take_ready(arguments.integer(0))) return Value{true};
    // By then, everything it said before it ended has been read.
    if (wanted[0].revents == 0 && wanted[1].revents != 0) return Value{false};
  }
}

Reply send_datagram(const Arguments &arguments) {
  int error = send_datagram_to(arguments.text(0), arguments.text(1));
  return error == 0 ? nothing() : fail("sendto", error, arguments.text(0));
}

} // namespace pocker::host
