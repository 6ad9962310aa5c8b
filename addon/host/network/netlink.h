// rtnetlink(7): queries and changes the network configuration of a socket's namespace through messages.
#pragma once

#include <linux/rtnetlink.h>

#include <cstring>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "../../sys/fd.h"

namespace pocker::host {

/// A request: a header, its fixed part, its attributes.
class NetlinkRequest {
public:
  template <class Fixed> NetlinkRequest(std::uint16_t type, std::uint16_t flags, const Fixed &fixed) {
    nlmsghdr header{0, type, static_cast<std::uint16_t>(NLM_F_REQUEST | flags), 1, 0};
    append(&header, sizeof header);
    append(&fixed, sizeof fixed);
  }
  void attribute(std::uint16_t type, const void *data, std::size_t size);
  void attribute(std::uint16_t type, std::uint32_t value) { attribute(type, &value, sizeof value); }
  /// One that was written earlier: its fixed part starts at fixed().
  explicit NetlinkRequest(std::span<const std::uint8_t> bytes) : bytes_(bytes.begin(), bytes.end()) {}
  template <class Fixed> Fixed &fixed() { return *reinterpret_cast<Fixed *>(bytes_.data() + sizeof(nlmsghdr)); }
  [[nodiscard]] const std::vector<std::uint8_t> &bytes() const { return bytes_; }
  /// An attribute that holds attributes: from here to close_nest.
  std::size_t open_nest(std::uint16_t type);
  void close_nest(std::size_t nest);
  /// Of a message within a nest.
  template <class Fixed> void fixed_part(const Fixed &fixed) { append(&fixed, sizeof fixed); }
  /// Including its NUL.
  void attribute(std::uint16_t type, const std::string &text) { attribute(type, text.c_str(), text.size() + 1); }

private:
  void append(const void *data, std::size_t size);
  std::vector<std::uint8_t> bytes_;
};

class Netlink {
public:
  /// A socket in the network namespace that the descriptor refers to; the calling thread is back in its own afterwards.
  sys::Result open(int network);
  /// The same in the caller's own.
  sys::Result open_own();

  using Reader = std::function<void(const nlmsghdr &)>;
  /// Sends the request and reads all answers to it, until its acknowledgement or its end.
  sys::Result ask(const NetlinkRequest &request, const Reader &read = nullptr);

private:
  sys::UniqueFd socket_;
};

/// The attributes after a fixed part of that size, once each.
void each_attribute(const nlmsghdr &message, std::size_t fixed, const std::function<void(const rtattr &)> &read);

} // namespace pocker::host
