// How src/api talks to the fork server (addon/quickjs/fork_server.h). The answers are JSON, one per line, on the channel.
#pragma once

#include <cstdint>

namespace pocker::request {

/// The fork server's socket to the program: its only argument.
constexpr int program_socket = 3;
constexpr const char *fork_server_argument = "--fork-server";

/// What the program sends, with these descriptors: the channel, a memfd with the request's text, the given stdio descriptors, and
/// the descriptors that the container keeps.
struct Header {
  /// Bits 0 to 2: this stdio descriptor is given; otherwise it is /dev/null.
  std::uint32_t stdio;
  std::uint32_t preserved;
};
constexpr std::uint32_t preserved_limit = 200;

} // namespace pocker::request
