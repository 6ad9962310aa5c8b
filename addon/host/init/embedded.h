// Files embedded in this program.
#pragma once

#include <cstdint>
#include <span>

namespace pocker::host {

/// The executable file of pocker-init (linked in by the build, see CMakeLists.txt).
std::span<const std::uint8_t> init_image();

/// The TypeScript bundle as bytecode (addon/quickjs/modules.h); only in the standalone executable.
std::span<const std::uint8_t> bundle_image();

} // namespace pocker::host
