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
/// What is left of memory is lost if it is less than this.
constexpr std::size_t smallest_rest = 256;
/// Of each step, this much is populated at once.
constexpr std::size_t step_size = std::size_t{64} << 10;
/// When a page of a file is read, the kernel maps the pages around it, to multiples of this size.
constexpr std::size_t mapped_at_once = std::size_t{64} << 10;

/// Precedes each block: its size, including this header, and, in the bits that no size needs, the part of the snapshot that it
/// belongs to. What follows, which the caller gets, is at a multiple of 16.
struct Header {
  std::size_t size_and_part;
  [[nodiscard]] std::size_t size() const { return size_and_part & ~std::size_t{15}; }
  [[nodiscard]] std::size_t part() const { return size_and_part & 15; }
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
  FreeBlock *free[exact_lists + std::size_t{8} * 29];
};

[[gnu::section("snapshot_array")]] alignas(4096) std::byte array[array_size];
/// The array's unused rest; null at run time.
POCKER_SNAPSHOT_VARIABLE std::byte *array_next = array;
/// One for each part of the snapshot; at run time only the first.
POCKER_SNAPSHOT_VARIABLE Memory memories[part_count]{};
/// What is in use ends here or before.
std::byte *used_end = array;
/// The part in use.
std::size_t current = 0;
/// For the rehearsal.
std::byte *(*take_pages)(std::size_t size) = nullptr;

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

/// Makes these pages at once: faulting them one by one takes three times as long. Linux 5.14; older kernels fault.
void populate(std::byte *begin, std::size_t size) {
  int saved = errno;
  if (madvise(begin, size, sys::madv_populate_write) != 0) errno = saved;
}

Header *header_of(void *block) { return static_cast<Header *>(block) - 1; }

void release(void *block) {
  const Header *header = header_of(block);
  FreeBlock *&first = memories[header->part()].free[class_of(header->size()).list];
  auto *freed = static_cast<FreeBlock *>(block);
  freed->next = first;
  first = freed;
}

/// To the next border of what is mapped at once, so that parts do not share it. Goes on where the part ended, if nobody else did.
bool take_of_array(Memory &memory, std::size_t size) {
  std::byte *begin = memory.end == array_next ? memory.next : array_next + sizeof(Header);
  auto end = (reinterpret_cast<std::uintptr_t>(begin) + size + mapped_at_once - 1) / mapped_at_once * mapped_at_once;
  if (end > reinterpret_cast<std::uintptr_t>(array + sizeof array)) return false;
  memory.next = begin;
  array_next = memory.populated = memory.end = reinterpret_cast<std::byte *>(end);
  return true;
}

/// Makes free blocks of what is left of the memory that was last taken.
void free_rest(Memory &memory) {
  used_end = std::max(used_end, memory.next);
  for (;;) {
    std::size_t size = std::min(static_cast<std::size_t>(memory.end - memory.next) / grain * grain, exact_limit);
    if (size < smallest_rest) return;
    auto *header = reinterpret_cast<Header *>(memory.next);
    header->size_and_part = size | current;
    memory.next += size;
    release(header + 1);
  }
}

/// Free blocks would stay in the executable as they are: instead, smaller ones are made of them.
bool take_of_free(Memory &memory, std::size_t size) {
  for (std::size_t list = class_of(size).list; list < std::size(memory.free); ++list) {
    FreeBlock *block = memory.free[list];
    if (block == nullptr) continue;
    memory.free[list] = block->next;
    memory.next = reinterpret_cast<std::byte *>(header_of(block));
    memory.populated = memory.end = memory.next + header_of(block)->size();
    return true;
  }
  return false;
}

bool grow(Memory &memory, std::size_t size) {
  if (array_next != nullptr) {
    free_rest(memory);
    if (take_of_free(memory, size) || take_of_array(memory, size)) return true;
    array_next = nullptr; // which close_array reports
  }
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
void populate_until(Memory &memory, const std::byte *end) {
  auto wanted = static_cast<std::size_t>(end - memory.populated);
  std::size_t size =
      std::min((wanted + step_size - 1) / step_size * step_size, static_cast<std::size_t>(memory.end - memory.populated));
  populate(memory.populated, size);
  memory.populated += size;
}

void *allocate(std::size_t size) {
  if (size > size_limit) return nullptr;
  auto [total, list] = class_of(std::max(size, sizeof(FreeBlock)) + sizeof(Header));
  if (take_pages != nullptr) {
    auto *header = reinterpret_cast<Header *>(take_pages(sizeof(Header) + total) + sizeof(Header));
    header->size_and_part = total;
    return header + 1;
  }
  Memory &memory = memories[current];
  if (FreeBlock *block = memory.free[list]; block != nullptr) {
    memory.free[list] = block->next;
    return block;
  }
  if (total > static_cast<std::size_t>(memory.end - memory.next) && !grow(memory, total)) return nullptr;
  auto *header = reinterpret_cast<Header *>(memory.next);
  memory.next += total;
  if (memory.next > memory.populated) populate_until(memory, memory.next);
  header->size_and_part = total | current;
  return header + 1;
}

} // namespace

void use_part(std::size_t part) { current = part; }

void use_pages(std::byte *(*take)(std::size_t size)) { take_pages = take; }

std::span<const std::byte> close_array() {
  bool fitted = std::exchange(array_next, nullptr) != nullptr;
  const std::byte *end = used_end;
  current = 0;
  take_pages = nullptr;
  for (Memory &memory : memories) {
    end = std::max<const std::byte *>(end, memory.next);
    memory.next = memory.populated = memory.end = nullptr;
    // Do not reuse scattered free blocks, each on a page of its own; and keep nothing of their old content.
    for (FreeBlock *&list : memory.free) {
      while (list != nullptr) {
        FreeBlock *block = std::exchange(list, list->next);
        std::memset(static_cast<void *>(block), 0, header_of(block)->size() - sizeof(Header));
      }
    }
  }
  return fitted ? std::span<const std::byte>{array, end} : std::span<const std::byte>{};
}

void prepare_memory() {
  // Between clone3(2) and execve(2) a child has no use for JavaScript's heap; sharing it would mean copying or faulting each of
  // its pages once more.
  static_cast<void>(madvise(array, sizeof array, MADV_DONTFORK));
}

} // namespace pocker::quickjs

#ifndef POCKER_SANITIZE // which has its own
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
  return block == nullptr ? 0 : header_of(block)->size() - sizeof(Header);
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
#endif
