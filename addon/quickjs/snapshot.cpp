#include "snapshot.h"

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <span>

#include "../sys/fd.h"
#include "memory.h"

extern "C" std::byte __start_snapshot[], __stop_snapshot[], __stop_snapshot_array[];

namespace pocker::quickjs {
namespace {

struct Stored {
  bool is_there;
  Program program;
};

POCKER_SNAPSHOT_VARIABLE Stored stored{};

/// The executable to be written.
class Image {
public:
  Image(std::byte *bytes, std::size_t size) : bytes_(bytes), size_(size) {}

  [[nodiscard]] std::span<const std::byte> bytes() const { return {bytes_, size_}; }

  /// Finds the segment loaded at that address, and returns where it is in the file; null if there is none.
  ElfW(Phdr) * segment_of(const std::byte *address) {
    auto wanted = reinterpret_cast<ElfW(Addr)>(address);
    auto *segments = at<ElfW(Phdr)>(header().e_phoff);
    for (std::size_t i = 0; i < header().e_phnum; ++i) {
      auto &segment = segments[i];
      if (segment.p_type == PT_LOAD && wanted >= segment.p_vaddr && wanted < segment.p_vaddr + segment.p_filesz) return &segment;
    }
    return nullptr;
  }

  /// Replaces the file's content from there on with this process's memory.
  void store(const ElfW(Phdr) & segment, const std::byte *begin, std::size_t size) {
    std::memcpy(at<std::byte>(segment.p_offset + reinterpret_cast<ElfW(Addr)>(begin) - segment.p_vaddr), begin, size);
  }

  /// Ends the segment's part of the file at that address, in whole pages; beyond it there are zeros. False: something else is
  /// there.
  bool cut(ElfW(Phdr) & segment, const std::byte *end, const std::byte *last) {
    auto file_end = segment.p_vaddr + segment.p_filesz;
    if (file_end != reinterpret_cast<ElfW(Addr)>(last)) return false;
    std::size_t unused = (file_end - reinterpret_cast<ElfW(Addr)>(end)) / page_size * page_size;
    std::size_t behind = segment.p_offset + segment.p_filesz;
    segment.p_filesz -= unused;
    // Section names, and symbols if there are any.
    std::memmove(bytes_ + behind - unused, bytes_ + behind, size_ - behind);
    size_ -= unused;
    header().e_shoff -= unused;
    auto *sections = at<ElfW(Shdr)>(header().e_shoff);
    for (std::size_t i = 0; i < header().e_shnum; ++i) {
      auto &section = sections[i];
      if (section.sh_offset >= behind)
        section.sh_offset -= unused;
      else if (section.sh_offset + section.sh_size == behind)
        section.sh_size -= unused;
    }
    return true;
  }

private:
  static constexpr std::size_t page_size = 4096;
  template <typename T> T *at(std::size_t offset) { return reinterpret_cast<T *>(bytes_ + offset); }
  ElfW(Ehdr) & header() { return *at<ElfW(Ehdr)>(0); }

  std::byte *bytes_;
  std::size_t size_;
};

bool write_all(int fd, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written == 0) errno = EIO;
    if (written <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

} // namespace

const Program *stored_program() { return stored.is_there ? &stored.program : nullptr; }

int write_executable(const char *path, const Program &program) {
  sys::UniqueFd own{open("/proc/self/exe", O_RDONLY | O_CLOEXEC)};
  struct stat status {};
  if (!own || fstat(own.get(), &status) != 0) return errno;
  auto size = static_cast<std::size_t>(status.st_size);
  void *bytes = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, own.get(), 0);
  if (bytes == MAP_FAILED) return errno;
  auto used = close_array();
  if (used.empty()) return EOVERFLOW;
  stored = {true, program};
  Image image{static_cast<std::byte *>(bytes), size};
  auto *segment = image.segment_of(__start_snapshot);
  if (segment == nullptr || image.segment_of(used.data()) != segment) return ENOEXEC;
  image.store(*segment, __start_snapshot, static_cast<std::size_t>(__stop_snapshot - __start_snapshot));
  image.store(*segment, used.data(), used.size());
  if (!image.cut(*segment, used.data() + used.size(), __stop_snapshot_array)) return ENOEXEC;
  unlink(path);
  sys::UniqueFd file{open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755)};
  return file && write_all(file.get(), image.bytes()) ? 0 : errno;
}

} // namespace pocker::quickjs
