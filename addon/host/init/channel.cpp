// The runtime's side of the conversation in channel/message.h, the gate, and the console socket.
#include "../../channel/message.h"

#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <span>
#include <utility>

#include "../processes/child.h"
#include "../deadline.h"
#include "../functions.h"
#include "../modes.h"

namespace pocker::host {
namespace {

using channel::Header;
using channel::Message;
using sys::UniqueFd;

struct alignas(cmsghdr) Control {
  char bytes[CMSG_SPACE(sizeof(int))];
};

void add_fd(msghdr &packet, Control &control, int fd) {
  if (fd < 0) return;
  packet.msg_control = &control;
  packet.msg_controllen = sizeof control.bytes;
  cmsghdr *rights = CMSG_FIRSTHDR(&packet);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(sizeof fd);
  std::memcpy(CMSG_DATA(rights), &fd, sizeof fd);
}

int take_fd(msghdr &packet) {
  const cmsghdr *header = CMSG_FIRSTHDR(&packet);
  if (header == nullptr || header->cmsg_type != SCM_RIGHTS) return -1;
  int fd = -1;
  std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
  return fd;
}

std::uint32_t number_of_message(const std::string &name) {
  for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(Message::count); ++i) {
    if (name == channel::names[i]) return i;
  }
  return 0;
}

/// 1: something is ready; 0: the deadline passed; -errno.
int wait_readable(int fd, double wait_ms) {
  pollfd wanted{fd, POLLIN, 0};
  return poll_until({&wanted, 1}, wait_ms > 0 ? Deadline{wait_ms} : Deadline::never());
}

Reply decode(const char *buffer, std::size_t size, int fd) {
  Header header{};
  UniqueFd owned{fd};
  if (size < sizeof header) return fail("recvmsg", EBADMSG);
  std::memcpy(&header, buffer, sizeof header);
  if (header.message >= static_cast<std::uint32_t>(Message::count)) return fail("recvmsg", EBADMSG);
  if (size - sizeof header < std::size_t{header.text_length} + header.path_length) return fail("recvmsg", EBADMSG);
  const char *text = buffer + sizeof header;
  Object reply;
  reply.emplace_back("message", Value{std::string(channel::names[header.message])});
  reply.emplace_back("step", Value{static_cast<double>(header.step)});
  reply.emplace_back("number", Value{static_cast<double>(header.number)});
  reply.emplace_back("text", Value{std::string(text, header.text_length)});
  reply.emplace_back("path", Value{std::string(text + header.text_length, header.path_length)});
  reply.emplace_back("fd", Value{static_cast<double>(owned.release())});
  return Value{std::move(reply)};
}

/// A Unix address made of a directory fd and a name, however long the directory's path is (sun_path holds 107 bytes). False: the
/// name alone is too long; truncated, it would be another one's.
[[nodiscard]] bool make_address(int directory, const std::string &name, sockaddr_un &address) {
  std::string path = "/proc/self/fd/" + std::to_string(directory) + "/" + name;
  if (path.size() >= sizeof address.sun_path) return false;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return true;
}

const sockaddr *generic(const sockaddr_un &address) { return reinterpret_cast<const sockaddr *>(&address); }

/// One packet, and the descriptor that came with it (-1: none). Returns its size; 0: the other end is closed.
sys::Result receive_packet(const Arguments &arguments, std::span<char> buffer, UniqueFd &fd) {
  int ready = wait_readable(arguments.integer(0), arguments.number(1));
  if (ready <= 0) return sys::Result(ready == 0 ? -ETIMEDOUT : ready);
  iovec part{buffer.data(), buffer.size()};
  Control control{};
  msghdr packet{};
  packet.msg_iov = &part;
  packet.msg_iovlen = 1;
  packet.msg_control = &control;
  packet.msg_controllen = sizeof control.bytes;
  ssize_t size = 0;
  bool reset = false;
  // A peer that ended before it read our last message: the error comes first, then what the peer itself had said.
  do size = recvmsg(arguments.integer(0), &packet, MSG_CMSG_CLOEXEC);
  while (size < 0 && (errno == EINTR || (errno == ECONNRESET && !std::exchange(reset, true))));
  if (size < 0) return sys::Result(-errno);
  if (size > 0) fd.reset(take_fd(packet));
  return sys::Result(size);
}

const char *failed_call(const sys::Result &result) { return result.error() == ETIMEDOUT ? "poll" : "recvmsg"; }

} // namespace

Reply receive(const Arguments &arguments) {
  std::vector<char> buffer(channel::packet_limit);
  UniqueFd fd;
  sys::Result size = receive_packet(arguments, buffer, fd);
  if (!size.ok()) return fail(failed_call(size), size.error());
  if (size.value() == 0) return nothing();
  return decode(buffer.data(), static_cast<std::size_t>(size.value()), fd.release());
}

Reply read_report(const Arguments &arguments) {
  channel::Report report; // mostly left uninitialized: few reports are failures
  constexpr std::size_t beginning = offsetof(channel::Report, packet);
  ssize_t begun = pread(arguments.integer(0), &report, beginning, 0);
  if (begun != beginning) return fail("read", begun < 0 ? errno : EBADMSG, "report");
  if (report.stage == channel::Stage::execve) return nothing();
  Header header{static_cast<std::uint32_t>(Message::none), report.step, 0, 0, 0};
  if (report.stage != channel::Stage::failed) return decode(reinterpret_cast<const char *>(&header), sizeof header, -1);
  ssize_t size = pread(arguments.integer(0), report.packet, sizeof report.packet, beginning);
  if (size < 0) return fail("read", errno, "report");
  if (report.packet_size > static_cast<std::size_t>(size)) return fail("read", EBADMSG, "report");
  return decode(report.packet, report.packet_size, -1);
}

Reply receive_bytes(const Arguments &arguments) {
  constexpr std::size_t limit = std::size_t{256} * 1024;
  // Not cleared each time: its pages are only made as far as a packet reaches.
  static char buffer[limit];
  UniqueFd fd;
  sys::Result size = receive_packet(arguments, buffer, fd);
  if (size.error() == ECONNRESET) return nothing();
  if (!size.ok()) return fail(failed_call(size), size.error());
  if (size.value() == 0) return nothing();
  Object reply;
  reply.emplace_back("bytes", Value{Bytes(buffer, buffer + size.value())});
  reply.emplace_back("fd", Value{static_cast<double>(fd.release())});
  return Value{std::move(reply)};
}

Reply send_bytes(const Arguments &arguments) {
  const auto *bytes = std::get_if<Bytes>(&arguments.at(1));
  if (bytes == nullptr) return fail("send", EINVAL);
  return ::send(arguments.integer(0), bytes->data(), bytes->size(), MSG_NOSIGNAL) >= 0 ? nothing() : fail("send", errno);
}

Reply send(const Arguments &arguments) {
  const std::string &text = arguments.text(2);
  UniqueFd file;
  if (text.size() > channel::text_limit) {
    if (CallError error = sealed_file("message", text, false, file)) return fail(error.call, error.number);
  }
  std::size_t inline_size = file ? 0 : text.size();
  Header header{number_of_message(arguments.text(1)), 0, arguments.integer(3), static_cast<std::uint32_t>(inline_size), 0};
  iovec parts[] = {{&header, sizeof header}, {const_cast<char *>(text.data()), inline_size}};
  msghdr packet{};
  packet.msg_iov = parts;
  packet.msg_iovlen = 2;
  Control control{};
  add_fd(packet, control, file.get());
  if (sendmsg(arguments.integer(0), &packet, MSG_NOSIGNAL) < 0) return fail("sendmsg", errno, arguments.text(1));
  return nothing();
}

Reply listen(const Arguments &arguments) {
  UniqueFd socket{::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)};
  if (!socket) return fail("socket", errno);
  sockaddr_un address{};
  if (!make_address(arguments.integer(0), arguments.text(1), address)) return fail("bind", ENAMETOOLONG, arguments.text(1));
  constexpr mode_t mode = 0600;
  // Before bind(2), so that it is never open to others, and again in case the umask removed bits.
  if (fchmod(socket.get(), mode) != 0) return fail("fchmod", errno, arguments.text(1));
  if (bind(socket.get(), generic(address), sizeof address) != 0) return fail("bind", errno, arguments.text(1));
  if (is_masked(mode) && fchmodat(arguments.integer(0), arguments.text(1).c_str(), mode, 0) != 0)
    return fail("fchmodat", errno, arguments.text(1));
  constexpr int backlog = 16;
  if (::listen(socket.get(), backlog) != 0) return fail("listen", errno, arguments.text(1));
  return Value{static_cast<double>(socket.release())};
}

namespace {

/// Nobody waits for ever for a peer that accepts nothing.
[[nodiscard]] bool limit_sending(int socket) {
  timeval limit{10, 0};
  return setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) == 0;
}

} // namespace

Reply connect(const Arguments &arguments) {
  UniqueFd socket{::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)};
  if (!socket) return fail("socket", errno);
  if (!limit_sending(socket.get())) return fail("setsockopt", errno);
  sockaddr_un address{};
  if (!make_address(arguments.integer(0), arguments.text(1), address)) return fail("connect", ENAMETOOLONG, arguments.text(1));
  if (::connect(socket.get(), generic(address), sizeof address) == 0) return Value{static_cast<double>(socket.release())};
  if (errno == ECONNREFUSED || errno == ENOENT) return Value{-1.0};
  return fail("connect", errno, arguments.text(1));
}

namespace {

/// Connects to the stream socket at `path`; a failure names that path.
Reply connect_stream_to(const std::string &path) {
  std::size_t slash = path.rfind('/');
  std::string directory_path = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
  UniqueFd directory{open(directory_path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
  if (!directory) return fail("open", errno, directory_path);
  UniqueFd socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (!socket) return fail("socket", errno);
  if (!limit_sending(socket.get())) return fail("setsockopt", errno);
  sockaddr_un address{};
  if (!make_address(directory.get(), slash == std::string::npos ? path : path.substr(slash + 1), address))
    return fail("connect", ENAMETOOLONG, path);
  if (::connect(socket.get(), generic(address), sizeof address) != 0)
    return fail("connect", errno == EAGAIN ? ETIMEDOUT : errno, path);
  return Value{static_cast<double>(socket.release())};
}

/// Sends all of the text, and the descriptor with its beginning.
Reply send_with_fd(int socket, int fd, const std::string &text) {
  iovec part{const_cast<char *>(text.data()), text.size()};
  msghdr packet{};
  packet.msg_iov = &part;
  packet.msg_iovlen = 1;
  Control control{};
  add_fd(packet, control, fd);
  ssize_t sent = sendmsg(socket, &packet, MSG_NOSIGNAL);
  for (auto done = static_cast<std::size_t>(sent); sent >= 0 && done < text.size(); done += static_cast<std::size_t>(sent))
    sent = ::send(socket, text.data() + done, text.size() - done, MSG_NOSIGNAL);
  return sent >= 0 ? nothing() : fail("sendmsg", errno);
}

} // namespace

Reply connect_stream(const Arguments &arguments) { return connect_stream_to(arguments.text(0)); }

Reply send_fd(const Arguments &arguments) { return send_with_fd(arguments.integer(0), arguments.integer(1), arguments.text(2)); }

Reply send_fd_to_path(const Arguments &arguments) {
  Reply connected = connect_stream_to(arguments.text(0));
  if (std::holds_alternative<Failure>(connected)) return connected;
  UniqueFd socket{static_cast<int>(number_of(std::get<Value>(connected)))};
  return send_with_fd(socket.get(), arguments.integer(1), arguments.text(2));
}

} // namespace pocker::host
