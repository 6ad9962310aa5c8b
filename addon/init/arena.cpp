#include "arena.h"

#include <linux/mman.h>

#include <cstdint>
#include <cstring>

#include "../sys/syscall.h"

namespace pocker::init {
namespace {
constexpr std::size_t chunk_size = std::size_t{64} * 1024;
char *next = nullptr;
std::size_t left = 0;
} // namespace

void reserve(std::size_t size) {
  if (size <= left) return;
  std::size_t wanted = size > chunk_size ? size : chunk_size;
  sys::Result result =
      sys::call(__NR_mmap, nullptr, wanted, 0x1 | 0x2 /* PROT_READ|PROT_WRITE */, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (!result.ok()) out_of_memory(result.error());
  next = reinterpret_cast<char *>(result.value());
  left = wanted;
}

void *allocate(std::size_t size) {
  size = (size + 15) & ~std::size_t{15};
  reserve(size);
  char *block = next;
  next += size;
  left -= size;
  return block;
}

char *append(char *end, std::string_view part) {
  if (!part.empty()) std::memcpy(end, part.data(), part.size());
  return end + part.size();
}

const char *join(std::string_view a, std::string_view b, std::string_view c, std::string_view d) {
  char *text = static_cast<char *>(allocate(a.size() + b.size() + c.size() + d.size() + 1));
  char *end = text;
  for (std::string_view part : {a, b, c, d}) {
    end = append(end, part);
  }
  *end = 0;
  return text;
}

const char *decimal(long value) {
  char digits[24];
  char *end = digits + sizeof digits;
  char *first = end;
  unsigned long rest = value < 0 ? 0UL - static_cast<unsigned long>(value) : static_cast<unsigned long>(value);
  do {
    *--first = static_cast<char>('0' + rest % 10);
    rest /= 10;
  } while (rest != 0);
  if (value < 0) *--first = '-';
  return join({first, static_cast<std::size_t>(end - first)}, "");
}

} // namespace pocker::init
