#include "netlink.h"

#include <optional>

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <sched.h>
#include <sys/socket.h>

namespace pocker::host {

using sys::call;
using sys::Result;
using sys::UniqueFd;

void NetlinkRequest::append(const void *data, std::size_t size) {
  const auto *bytes = static_cast<const std::uint8_t *>(data);
  bytes_.insert(bytes_.end(), bytes, bytes + size);
  bytes_.resize(NLMSG_ALIGN(bytes_.size()));
  auto length = static_cast<std::uint32_t>(bytes_.size());
  std::memcpy(bytes_.data(), &length, sizeof length);
}

void NetlinkRequest::attribute(std::uint16_t type, const void *data, std::size_t size) {
  rtattr header{static_cast<unsigned short>(RTA_LENGTH(size)), type};
  append(&header, sizeof header);
  append(data, size);
}

std::size_t NetlinkRequest::open_nest(std::uint16_t type) {
  std::size_t nest = bytes_.size();
  rtattr header{0, type};
  append(&header, sizeof header);
  return nest;
}

void NetlinkRequest::close_nest(std::size_t nest) {
  auto length = static_cast<unsigned short>(bytes_.size() - nest);
  std::memcpy(bytes_.data() + nest, &length, sizeof length);
}

Result Netlink::open_own() {
  Result made = call(__NR_socket, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  socket_ = UniqueFd{made};
  return made;
}

Result Netlink::open(int network) {
  Result opened = call(__NR_openat, AT_FDCWD, "/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  if (!opened.ok()) return opened;
  UniqueFd own{opened};
  if (Result entered = call(__NR_setns, network, CLONE_NEWNET); !entered.ok()) return entered;
  Result made = call(__NR_socket, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  socket_ = UniqueFd{made};
  // Nothing after this may run in a container's network namespace.
  if (!call(__NR_setns, own.get(), CLONE_NEWNET).ok()) std::abort();
  return made;
}

namespace {

/// One datagram of any length; empty if it could not be read, with the reason in errno.
std::vector<char> receive(int socket) {
  for (;;) {
    ssize_t size = recv(socket, nullptr, 0, MSG_PEEK | MSG_TRUNC);
    std::vector<char> packet(size < 0 ? 0 : static_cast<std::size_t>(size));
    if (size >= 0) size = recv(socket, packet.data(), packet.size(), 0);
    if (size >= 0) return packet;
    if (errno != EINTR) return {};
  }
}

/// One packet of an answer; nothing if more of the answer follows.
std::optional<Result> read_packet(const std::vector<char> &packet, const Netlink::Reader &read) {
  // NLMSG_NEXT makes the length negative if the last message is not padded.
  for (std::size_t at = 0; at < packet.size() && packet.size() - at >= sizeof(nlmsghdr);) {
    const auto &message = *reinterpret_cast<const nlmsghdr *>(packet.data() + at);
    if (message.nlmsg_len < sizeof(nlmsghdr) || message.nlmsg_len > packet.size() - at) break;
    if (message.nlmsg_type == NLMSG_DONE) return Result(0);
    if (message.nlmsg_type == NLMSG_ERROR) {
      if (message.nlmsg_len < NLMSG_LENGTH(sizeof(nlmsgerr))) return Result(-EBADMSG);
      return Result(reinterpret_cast<const nlmsgerr *>(packet.data() + at + NLMSG_HDRLEN)->error);
    }
    if (read) read(message);
    at += NLMSG_ALIGN(message.nlmsg_len);
  }
  return std::nullopt;
}

} // namespace

Result Netlink::ask(const NetlinkRequest &request, const Reader &read) {
  if (send(socket_.get(), request.bytes().data(), request.bytes().size(), 0) < 0) return Result(-errno);
  for (;;) {
    std::vector<char> packet = receive(socket_.get());
    if (packet.empty()) return Result(-errno);
    if (std::optional<Result> end = read_packet(packet, read)) return *end;
  }
}

void each_attribute(const nlmsghdr &message, std::size_t fixed, const std::function<void(const rtattr &)> &read) {
  const auto *start = reinterpret_cast<const char *>(&message) + NLMSG_SPACE(fixed);
  long left = static_cast<long>(message.nlmsg_len) - static_cast<long>(NLMSG_SPACE(fixed));
  for (const auto *one = reinterpret_cast<const rtattr *>(start); left >= 0 && RTA_OK(one, static_cast<unsigned>(left));) {
    read(*one);
    unsigned step = RTA_ALIGN(one->rta_len);
    left -= static_cast<long>(step);
    one = reinterpret_cast<const rtattr *>(reinterpret_cast<const char *>(one) + step);
  }
}

} // namespace pocker::host
