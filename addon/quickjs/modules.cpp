#include "modules.h"

#include <cstring>

namespace pocker::quickjs {

std::span<const std::uint8_t> find_module(std::span<const std::uint8_t> archive, std::string_view name) {
  while (archive.size() >= sizeof(ModuleHeader)) {
    ModuleHeader header{};
    std::memcpy(&header, archive.data(), sizeof header);
    const std::uint8_t *begin = archive.data() + sizeof header;
    if (name == std::string_view(reinterpret_cast<const char *>(begin), header.name_size))
      return {begin + header.name_size, header.code_size};
    archive = archive.subspan(padded(sizeof header + header.name_size + header.code_size));
  }
  return {};
}

std::string_view flat_name(std::string_view specifier) {
  std::size_t slash = specifier.rfind('/');
  return slash == std::string_view::npos ? specifier : specifier.substr(slash + 1);
}

} // namespace pocker::quickjs
