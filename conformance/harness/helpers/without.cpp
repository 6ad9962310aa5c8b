// Runs a program as on a kernel that lacks some system calls, by means of a filter:
//   without CALL[,CALL]… PROGRAM ARGUMENTS…
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <unistd.h>

#include <seccomp.h>

int main(int count, char **arguments) {
  if (count < 3) return 125;
  scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
  if (filter == nullptr) return 125;
  // The program may need setuid, like newuidmap(1).
  int failed = seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, geteuid() == 0 ? 0 : 1);
  for (char *name = std::strtok(arguments[1], ","); name != nullptr; name = std::strtok(nullptr, ",")) {
    int number = seccomp_syscall_resolve_name(name);
    if (number < 0 || failed != 0) return 125;
    failed = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), number, 0);
  }
  if (failed == 0) failed = seccomp_load(filter);
  if (failed != 0) return 125;
  seccomp_release(filter);
  execv(arguments[2], arguments + 2);
  std::perror(arguments[2]);
  return 125;
}
