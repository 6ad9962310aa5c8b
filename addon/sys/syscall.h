// Raw system calls, without libc: pocker-init has none, and the child between clone3 and execveat must not touch it.
#pragma once

#include <asm/unistd.h>

namespace pocker::sys {

/// A system call's outcome: a value, or an errno(3) number.
class [[nodiscard]] Result {
public:
  constexpr explicit Result(long raw) : raw_(raw) {}
  [[nodiscard]] constexpr bool ok() const { return raw_ >= 0 || raw_ < -4095; }
  [[nodiscard]] constexpr int error() const { return ok() ? 0 : static_cast<int>(-raw_); }
  [[nodiscard]] constexpr long value() const { return raw_; }
  [[nodiscard]] constexpr int fd() const { return static_cast<int>(raw_); }

private:
  long raw_;
};

namespace detail {
inline long word(long value) { return value; }
inline long word(unsigned long value) { return static_cast<long>(value); }
inline long word(int value) { return value; }
inline long word(unsigned value) { return static_cast<long>(value); }
inline long word(long long value) { return static_cast<long>(value); }
inline long word(unsigned long long value) { return static_cast<long>(value); }
inline long word(decltype(nullptr)) { return 0; }
template <class T> long word(T *pointer) { return reinterpret_cast<long>(pointer); }

#if defined(__x86_64__)
inline long enter(long number, long a, long b, long c, long d, long e, long f) {
  long result;
  register long r10 asm("r10") = d;
  register long r8 asm("r8") = e;
  register long r9 asm("r9") = f;
  asm volatile("syscall"
               : "=a"(result)
               : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
               : "rcx", "r11", "memory");
  return result;
}
#elif defined(__aarch64__)
inline long enter(long number, long a, long b, long c, long d, long e, long f) {
  register long x8 asm("x8") = number;
  register long x0 asm("x0") = a;
  register long x1 asm("x1") = b;
  register long x2 asm("x2") = c;
  register long x3 asm("x3") = d;
  register long x4 asm("x4") = e;
  register long x5 asm("x5") = f;
  asm volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
  return x0;
}
#else
#error "pocker-init knows the system call convention of x86_64 and aarch64"
#endif
} // namespace detail

/// call(__NR_openat2, …): up to six arguments, integers or pointers.
template <class A = long, class B = long, class C = long, class D = long, class E = long, class F = long>
inline Result call(long number, A a = {}, B b = {}, C c = {}, D d = {}, E e = {}, F f = {}) {
  using detail::word;
  return Result(detail::enter(number, word(a), word(b), word(c), word(d), word(e), word(f)));
}

/// Ends this process even if a seccomp filter refuses exit_group(2): no filter stops a trap.
[[noreturn]] inline void die(int status) {
  static_cast<void>(call(__NR_exit_group, status).ok());
  __builtin_trap();
}

} // namespace pocker::sys
