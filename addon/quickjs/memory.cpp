#include "memory.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <sys/mman.h>
#include <utility>

#include "../sys/kernel.h"

namespace pocker::quickjs {
namespace {

/// More than the bundle needs when it is evaluated; the executable contains only what was used.
constexpr std::size_t array_size = std::size_t{8} << 20;
/// Memory is requested from the kernel in steps of this size.
constexpr std::size_t chunk_size = std::size_t{1} << 20;
/// Of each step, this much is populated at once.
constexpr std::size_t step_size = std::size_t{64} << 10;
constexpr std::size_t page_size = 4096;

/// Precedes each block: its size, including this header. What follows, which the caller gets, is at a multiple of 16.
struct Header {
  std::size_t size;
};
struct FreeBlock {
  FreeBlock *next;
};

/// Up to this size, each size has its own list of free blocks; beyond it, each eighth of a power of two. QuickJS has its own
/// allocator for small things, which asks for pages.
constexpr std::size_t grain = 16;
constexpr std::size_t exact_limit = 4096 + 256;
constexpr std::size_t exact_lists = exact_limit / grain + 1;
constexpr std::size_t size_limit = std::size_t{1} << 40;

struct Memory {
  std::byte *next, *populated, *end;
  std::byte *busy_end;
  std::size_t blocks;
  FreeBlock *free[exact_lists + std::size_t{8} * 29];
};

[[gnu::section("snapshot_array")]] alignas(page_size) std::byte array[array_size];
POCKER_SNAPSHOT_VARIABLE Memory memory{array + sizeof(Header), array + sizeof array, array + sizeof array, array, 0, {}};

struct Class {
  std::size_t size;
  std::size_t list;
};

Class class_of(std::size_t size) {
  size = (size + grain - 1) & ~(grain - 1);
  if (size <= exact_limit) return {size, size / grain};
  auto power = static_cast<unsigned>(std::bit_width(size - 1) - 1);
  std::size_t step = std::size_t{1} << (power - 3);
  size = (size + step - 1) & ~(step - 1);
  return {size, exact_lists + std::size_t{8} * (power - 12) + (size - 1) / step - 8};
}

/// Copies or makes these pages at once: faulting them one by one takes three times as long. Linux 5.14; older kernels fault.
void populate(std::byte *begin, std::size_t size) {
  int saved = errno;
  if (madvise(begin, size, sys::madv_populate_write) != 0) errno = saved;
}

bool grow(std::size_t size) {
  std::size_t wanted = std::max(chunk_size, size + grain);
  void *chunk = mmap(nullptr, wanted, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (chunk == MAP_FAILED) return false;
  auto *begin = static_cast<std::byte *>(chunk);
  memory.next = begin + sizeof(Header);
  memory.populated = begin;
  memory.end = begin + wanted;
  return true;
}

/// Up to `end`, and to the end of its step.
void populate_until(const std::byte *end) {
  auto wanted = static_cast<std::size_t>(end - memory.populated);
  std::size_t size =
      std::min((wanted + step_size - 1) / step_size * step_size, static_cast<std::size_t>(memory.end - memory.populated));
  populate(memory.populated, size);
  memory.populated += size;
}

Header *header_of(void *block) { return static_cast<Header *>(block) - 1; }

void *allocate(std::size_t size) {
  if (size > size_limit) return nullptr;
  ++memory.blocks;
  auto [total, list] = class_of(std::max(size, sizeof(FreeBlock)) + sizeof(Header));
  if (FreeBlock *block = memory.free[list]; block != nullptr) {
    memory.free[list] = block->next;
    return block;
  }
  if (total > static_cast<std::size_t>(memory.end - memory.next) && !grow(total)) return nullptr;
  auto *header = reinterpret_cast<Header *>(memory.next);
  memory.next += total;
  if (memory.next > memory.populated) populate_until(memory.next);
  header->size = total;
  return header + 1;
}

void release(void *block) {
  FreeBlock *&first = memory.free[class_of(header_of(block)->size).list];
  auto *freed = static_cast<FreeBlock *>(block);
  freed->next = first;
  first = freed;
}

} // namespace

void mark_busy() { memory.busy_end = memory.next; }

std::size_t count_blocks() { return memory.blocks; }

std::span<const std::byte> close_array() {
  bool fitted = memory.end == array + sizeof array;
  std::byte *end = memory.next;
  memory.next = memory.populated = memory.end = nullptr;
  // Do not reuse scattered free blocks, each on a page of its own; and keep nothing of their old content.
  for (FreeBlock *&list : memory.free) {
    while (list != nullptr) {
      FreeBlock *block = std::exchange(list, list->next);
      std::memset(static_cast<void *>(block), 0, header_of(block)->size - sizeof(Header));
    }
  }
  return fitted ? std::span<const std::byte>{array, end} : std::span<const std::byte>{};
}

void prepare_memory() {
  populate(array, static_cast<std::size_t>(memory.busy_end - array) / page_size * page_size);
  // Between clone3(2) and execve(2) a child has no use for JavaScript's heap; sharing it would mean copying or faulting each of
  // its pages once more.
  static_cast<void>(madvise(array, sizeof array, MADV_DONTFORK));
}

} // namespace pocker::quickjs

extern "C" {

void *malloc(std::size_t size) {
  void *block = pocker::quickjs::allocate(size);
  if (block == nullptr) errno = ENOMEM;
  return block;
}

void free(void *block) {
  if (block != nullptr) pocker::quickjs::release(block);
}

void *calloc(std::size_t count, std::size_t size) {
  std::size_t total = 0;
  void *block = __builtin_mul_overflow(count, size, &total) ? nullptr : pocker::quickjs::allocate(total);
  return block == nullptr ? nullptr : std::memset(block, 0, total);
}

std::size_t malloc_usable_size(void *block) {
  using namespace pocker::quickjs;
  return block == nullptr ? 0 : header_of(block)->size - sizeof(Header);
}

void *realloc(void *block, std::size_t size) {
  std::size_t had = malloc_usable_size(block);
  if (block != nullptr && size <= had) return block;
  void *larger = pocker::quickjs::allocate(size);
  if (larger == nullptr || block == nullptr) return larger;
  std::memcpy(larger, block, had);
  pocker::quickjs::release(block);
  return larger;
}

/// Nobody here asks for more than malloc's alignment.
void *aligned_alloc(std::size_t alignment, std::size_t size) {
  if (alignment <= pocker::quickjs::grain) return malloc(size);
  errno = ENOMEM;
  return nullptr;
}
}
