#include "snapshot.h"

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <link.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../sys/fd.h"
#include "memory.h"

extern "C" std::byte __start_snapshot[], __stop_snapshot[];

namespace pocker::quickjs {
namespace {

struct Stored {
  bool is_there;
  Program program;
};

POCKER_SNAPSHOT_VARIABLE Stored stored{};

/// Where the section begins in this executable's file.
std::size_t section_offset() {
  const auto *headers = reinterpret_cast<const ElfW(Phdr) *>(getauxval(AT_PHDR));
  auto begin = reinterpret_cast<ElfW(Addr)>(__start_snapshot), end = reinterpret_cast<ElfW(Addr)>(__stop_snapshot);
  for (unsigned long i = 0; i < getauxval(AT_PHNUM); ++i) {
    const auto &part = headers[i];
    if (part.p_type == PT_LOAD && begin >= part.p_vaddr && end <= part.p_vaddr + part.p_filesz)
      return begin - part.p_vaddr + part.p_offset;
  }
  return 0;
}

bool write_all(int fd, const std::byte *bytes, std::size_t size) {
  while (size > 0) {
    ssize_t written = write(fd, bytes, size);
    if (written <= 0) return false;
    bytes += written;
    size -= static_cast<std::size_t>(written);
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
  void *image = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, own.get(), 0);
  if (image == MAP_FAILED) return errno;
  std::size_t offset = section_offset();
  if (offset == 0) return ENOEXEC;
  if (!close_array()) return ENOSPC;
  stored = {true, program};
  std::memcpy(static_cast<std::byte *>(image) + offset, __start_snapshot,
              static_cast<std::size_t>(__stop_snapshot - __start_snapshot));
  unlink(path);
  sys::UniqueFd file{open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755)};
  return file && write_all(file.get(), static_cast<const std::byte *>(image), size) ? 0 : errno;
}

} // namespace pocker::quickjs
