// The bundle as bytecode: a list of modules, each a name and bytes, written by `compile` and linked into the executable.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace pocker::quickjs {

/// Header of one module; name (not terminated) and bytecode follow, then padding to 8 bytes.
struct ModuleHeader {
  std::uint32_t name_size;
  std::uint32_t code_size;
};

constexpr std::size_t padded(std::size_t size) { return (size + 7) & ~std::size_t{7}; }

/// The bytecode of that module; empty if there is none with that name.
std::span<const std::uint8_t> find_module(std::span<const std::uint8_t> archive, std::string_view name);

/// All modules, in the archive's order.
std::vector<std::string_view> module_names(std::span<const std::uint8_t> archive);

/// "./chunk.js" as imported → "chunk.js" as stored: the bundle is one flat folder.
std::string_view flat_name(std::string_view specifier);

} // namespace pocker::quickjs
