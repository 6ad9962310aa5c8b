// The entry point, and the memory functions that compilers take for granted: there is no libc.
#include <cstddef>
#include <cstdint>

extern "C" {

[[noreturn]] void pocker_init(long *stack);

#if defined(__x86_64__)
asm(".globl _start\n_start:\n\txor %ebp, %ebp\n\tmov %rsp, %rdi\n\tand $-16, %rsp\n\tcall pocker_init\n\thlt\n");
#elif defined(__aarch64__)
asm(".globl _start\n_start:\n\tmov x29, xzr\n\tmov x0, sp\n\tand sp, x0, #-16\n\tbl pocker_init\n\tbrk #0\n");
#endif

#define POCKER_PLAIN __attribute__((optimize("no-tree-loop-distribute-patterns"), used))

POCKER_PLAIN void *memcpy(void *to, const void *from, std::size_t size) {
  auto *target = static_cast<unsigned char *>(to);
  auto *source = static_cast<const unsigned char *>(from);
  for (std::size_t i = 0; i < size; ++i) target[i] = source[i];
  return to;
}

POCKER_PLAIN void *memmove(void *to, const void *from, std::size_t size) {
  auto *target = static_cast<unsigned char *>(to);
  auto *source = static_cast<const unsigned char *>(from);
  if (target < source) return memcpy(to, from, size);
  for (std::size_t i = size; i > 0; --i) target[i - 1] = source[i - 1];
  return to;
}

POCKER_PLAIN void *memset(void *to, int byte, std::size_t size) {
  auto *target = static_cast<unsigned char *>(to);
  for (std::size_t i = 0; i < size; ++i) target[i] = static_cast<unsigned char>(byte);
  return to;
}

POCKER_PLAIN int memcmp(const void *a, const void *b, std::size_t size) {
  auto *left = static_cast<const unsigned char *>(a);
  auto *right = static_cast<const unsigned char *>(b);
  for (std::size_t i = 0; i < size; ++i) {
    if (left[i] != right[i]) return left[i] < right[i] ? -1 : 1;
  }
  return 0;
}

POCKER_PLAIN std::size_t strlen(const char *text) {
  std::size_t length = 0;
  while (text[length] != 0) ++length;
  return length;
}

POCKER_PLAIN int strncmp(const char *a, const char *b, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    if (a[i] != b[i] || a[i] == 0) return static_cast<unsigned char>(a[i]) - static_cast<unsigned char>(b[i]);
  }
  return 0;
}

POCKER_PLAIN void *memchr(const void *text, int byte, std::size_t size) {
  auto *bytes = static_cast<const unsigned char *>(text);
  for (std::size_t i = 0; i < size; ++i) {
    if (bytes[i] == static_cast<unsigned char>(byte)) return const_cast<unsigned char *>(bytes + i);
  }
  return nullptr;
}

[[noreturn]] POCKER_PLAIN void abort() { __builtin_trap(); }

/// -fstack-protector: every function finds this value at its end, unless its stack was overwritten.
std::uintptr_t __stack_chk_guard = 0;
[[noreturn]] POCKER_PLAIN void __stack_chk_fail() { __builtin_trap(); }

/// From the kernel's random bytes (getauxval(3), AT_RANDOM), which follow the arguments and the environment. A string cannot
/// write a guard that contains a zero.
__attribute__((no_stack_protector)) POCKER_PLAIN void seed_stack_guard(const long *stack) {
  constexpr long at_null = 0, at_random = 25;
  const long *entry = stack + 1 + *stack + 1;
  while (*entry != 0) ++entry;
  for (++entry; entry[0] != at_null; entry += 2) {
    if (entry[0] == at_random) memcpy(&__stack_chk_guard, reinterpret_cast<const void *>(entry[1]), sizeof __stack_chk_guard);
  }
  __stack_chk_guard &= ~std::uintptr_t{0xff};
}
}
