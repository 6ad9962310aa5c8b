// A directory of results that are expensive to compute. Each is in a file that also contains the whole key it was computed from.
// Only the owner of the directory is trusted; a file that is not exactly what was written counts as missing.
#include <cerrno>
#include <cstdlib>
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../sys/fd.h"
#include "../../sys/owned.h"
#include "../functions.h"
#include "../modes.h"

namespace pocker::host {
namespace {

using sys::UniqueFd;

struct Header {
  char magic[8];
  std::uint64_t checksum; // of everything after it
  std::uint32_t key_size;
  std::uint32_t data_size;
};
constexpr char magic[8] = {'P', 'K', 'R', 'C', 'A', 'C', 'H', '1'};
constexpr off_t size_limit = off_t{4} * 1024 * 1024;

/// FNV-1a: protects against accidents. Against attackers there is the owner of the directory.
std::uint64_t hash(std::string_view text) {
  std::uint64_t value = 0xcbf29ce484222325U;
  for (char letter : text) value = (value ^ static_cast<unsigned char>(letter)) * 0x100000001b3U;
  return value;
}

std::string name_of(const std::string &key) {
  constexpr char digits[] = "0123456789abcdef";
  std::string name;
  for (std::uint64_t value = hash(key); name.size() < 16; value >>= 4) name += digits[value & 15];
  return name;
}

/// It is ours, and nobody else may write to it.
bool is_private(const struct stat &status) { return status.st_uid == geteuid() && (status.st_mode & 022) == 0; }

UniqueFd open_private(const char *path) {
  UniqueFd directory{open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
  struct stat status {};
  if (directory && (fstat(directory.get(), &status) != 0 || !is_private(status))) directory.reset();
  return directory;
}

std::string content_of(int directory, const std::string &name) {
  UniqueFd file{openat(directory, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
  struct stat status {};
  if (!file || fstat(file.get(), &status) != 0) return {};
  if (!S_ISREG(status.st_mode) || !is_private(status) || status.st_nlink != 1 || status.st_size > size_limit) return {};
  std::string content(static_cast<std::size_t>(status.st_size), 0);
  ssize_t size = read(file.get(), content.data(), content.size());
  return size == status.st_size ? content : std::string{};
}

Header header_of(std::string_view body, std::size_t key_size) {
  Header header{};
  std::memcpy(header.magic, magic, sizeof magic);
  header.key_size = static_cast<std::uint32_t>(key_size);
  header.data_size = static_cast<std::uint32_t>(body.size() - key_size);
  header.checksum = hash(body);
  return header;
}

bool write_file(int directory, const std::string &name, const std::string &content) {
  std::string temporary = "." + name + "." + std::to_string(getpid());
  static_cast<void>(unlinkat(directory, temporary.c_str(), 0)); // left by an earlier process with our pid
  UniqueFd file{openat(directory, temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)};
  if (!file || (is_masked(0600) && fchmod(file.get(), 0600) != 0)) return false;
  bool written = ::write(file.get(), content.data(), content.size()) == static_cast<ssize_t>(content.size());
  if (written && renameat(directory, temporary.c_str(), directory, name.c_str()) == 0) return true;
  unlinkat(directory, temporary.c_str(), 0);
  return false;
}

/// Removes files other than `kept`, in any order, until at most `limit` are left.
void prune(UniqueFd directory, const std::string &kept, std::size_t limit) {
  sys::Owned<DIR, closedir> listing{fdopendir(directory.get())};
  if (!listing) return;
  int fd = directory.release();
  std::vector<std::string> names;
  while (const dirent *entry = readdir(listing.get())) {
    if (entry->d_type != DT_DIR && kept != entry->d_name) names.emplace_back(entry->d_name);
  }
  for (std::size_t left = names.size() + 1; left > limit; --left) unlinkat(fd, names[left - 2].c_str(), 0);
}

} // namespace

Reply read_cache(const Arguments &arguments) {
  const std::string &key = arguments.text(1);
  UniqueFd directory = open_private(arguments.path(0));
  if (!directory) return nothing();
  std::string content = content_of(directory.get(), name_of(key));
  if (content.size() < sizeof(Header) + key.size()) return nothing();
  std::string_view body = std::string_view(content).substr(sizeof(Header));
  Header expected = header_of(body, key.size());
  if (std::memcmp(content.data(), &expected, sizeof expected) != 0 || !body.starts_with(key)) return nothing();
  return Value{Bytes(body.begin() + static_cast<std::ptrdiff_t>(key.size()), body.end())};
}

Reply write_cache(const Arguments &arguments) {
  const std::string &key = arguments.text(1);
  const auto *data = std::get_if<Bytes>(&arguments.at(2));
  auto limit = static_cast<std::size_t>(arguments.number(3));
  UniqueFd directory = open_private(arguments.path(0));
  if (!directory || data == nullptr || limit == 0) return Value{false};
  std::string body = key;
  body.append(data->begin(), data->end());
  Header header = header_of(body, key.size());
  std::string name = name_of(key);
  if (!write_file(directory.get(), name, std::string(reinterpret_cast<const char *>(&header), sizeof header) + body))
    return Value{false};
  prune(std::move(directory), name, limit);
  return Value{true};
}

} // namespace pocker::host
