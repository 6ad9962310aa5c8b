// pocker-init, as this program carries it.
#pragma once

#include <cstdint>
#include <span>

namespace pocker::host {

/// The whole executable file (linked in by the build, see CMakeLists.txt).
std::span<const std::uint8_t> init_image();

} // namespace pocker::host
