#include "embedded.h"

extern "C" {
extern const std::uint8_t pocker_init_begin[], pocker_init_end[];
#ifdef POCKER_BUNDLE
extern const std::uint8_t pocker_bundle_begin[], pocker_bundle_end[];
#endif
}

namespace pocker::host {

std::span<const std::uint8_t> init_image() { return {pocker_init_begin, pocker_init_end}; }

std::span<const std::uint8_t> bundle_image() {
#ifdef POCKER_BUNDLE
  return {pocker_bundle_begin, pocker_bundle_end};
#else
  return {};
#endif
}

} // namespace pocker::host
