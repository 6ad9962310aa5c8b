// How src/api speaks to the fork server (addon/quickjs/fork_server.h), in which the answers are JSON, a line each, on the channel.
#pragma once

#include <cstdint>

namespace pocker::request {

/// The fork server's socket to the program, as its only argument says.
constexpr int program_socket = 3;
constexpr const char *fork_server_argument = "--fork-server";

/// What the program sends, with these descriptors: the channel, a memfd with the request's text, those of stdio that are given,
/// those that the container keeps.
struct Header {
  /// Bits 0 to 2: that of stdio is given; else it is /dev/null.
  std::uint32_t stdio;
  std::uint32_t preserved;
};
constexpr std::uint32_t preserved_limit = 200;

} // namespace pocker::request
