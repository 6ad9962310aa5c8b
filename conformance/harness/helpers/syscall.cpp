// Makes system calls by number, bypassing libc, and prints the errno of each, 0 for success; linked statically, so that it runs
// in a container of its own.
//
//   syscall NUMBER[:ARGUMENT[:ARGUMENT]]…      prefix "i386:": through int 0x80; prefix "value:": prints what it returns
//   syscall scheduler                          the policy, the flags and the nice value from sched_getattr(2)
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

long call_native(long number, unsigned long first, unsigned long second) {
  const long result = syscall(number, first, second, 0UL, 0UL, 0UL, 0UL);
  return result == -1 ? errno : 0;
}

long call_i386(long number, unsigned long first) {
#if defined(__x86_64__)
  long result = 0;
  asm volatile("int $0x80" : "=a"(result) : "a"(number), "b"(first), "c"(0L), "d"(0L) : "memory", "r8", "r9", "r10", "r11");
  return result < 0 ? -result : 0;
#else
  return ENOSYS + number * 0 + static_cast<long>(first) * 0;
#endif
}

/** The first version of struct sched_attr, from include/uapi/linux/sched/types.h. */
struct SchedulerAttributes {
  unsigned size, policy;
  unsigned long long flags;
  int nice;
  unsigned priority;
  unsigned long long runtime, deadline, period;
};

int show_scheduler() {
  SchedulerAttributes attributes = {};
  if (syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0) != 0) return EXIT_FAILURE;
  std::printf("%u %llu %d\n", attributes.policy, attributes.flags, attributes.nice);
  return EXIT_SUCCESS;
}

} // namespace

int main(int argc, char **argv) {
  if (argc == 2 && std::strcmp(argv[1], "scheduler") == 0) return show_scheduler();
  constexpr const char *prefix = "i386:";
  constexpr const char *value = "value:";
  for (int i = 1; i < argc; ++i) {
    const bool compat = std::strncmp(argv[i], prefix, std::strlen(prefix)) == 0;
    const bool shown = std::strncmp(argv[i], value, std::strlen(value)) == 0;
    char *rest = argv[i] + (compat ? std::strlen(prefix) : shown ? std::strlen(value) : 0);
    const long number = std::strtol(rest, &rest, 0);
    unsigned long arguments[2] = {};
    for (unsigned long &argument : arguments) {
      if (*rest == ':') argument = std::strtoul(rest + 1, &rest, 0);
    }
    if (shown) {
      std::printf("%ld\n", syscall(number, arguments[0], arguments[1]));
      continue;
    }
    std::printf("%ld\n", compat ? call_i386(number, arguments[0]) : call_native(number, arguments[0], arguments[1]));
  }
  return 0;
}
