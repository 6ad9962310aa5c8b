#include "modules.h"

#include <cstring>

namespace pocker::quickjs {

namespace {

struct Module {
  std::string_view name;
  std::span<const std::uint8_t> code;
};

/// Takes the first module off the archive.
Module take(std::span<const std::uint8_t> &archive) {
  ModuleHeader header{};
  std::memcpy(&header, archive.data(), sizeof header);
  const std::uint8_t *begin = archive.data() + sizeof header;
  archive = archive.subspan(padded(sizeof header + header.name_size + header.code_size));
  return {{reinterpret_cast<const char *>(begin), header.name_size}, {begin + header.name_size, header.code_size}};
}

} // namespace

std::span<const std::uint8_t> find_module(std::span<const std::uint8_t> archive, std::string_view name) {
  while (archive.size() >= sizeof(ModuleHeader)) {
    if (Module module = take(archive); module.name == name) return module.code;
  }
  return {};
}

std::vector<std::string_view> module_names(std::span<const std::uint8_t> archive) {
  std::vector<std::string_view> names;
  while (archive.size() >= sizeof(ModuleHeader)) names.push_back(take(archive).name);
  return names;
}

std::string_view flat_name(std::string_view specifier) {
  std::size_t slash = specifier.rfind('/');
  return slash == std::string_view::npos ? specifier : specifier.substr(slash + 1);
}

} // namespace pocker::quickjs
