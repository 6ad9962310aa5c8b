// Runs a program and reports what it and the children it waited for used:
//   spawn PROGRAM ARG…      prints "<ns of wall time> <µs of CPU time> <minor page faults> <peak RSS in KiB> <exit code>"
// A small static program, because Node takes longer to start a process than the process itself takes.
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int count, char **arguments) {
  if (count < 2) return 64;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  // Containers inherit these: they would hold a pipe open.
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  const char *errors = getenv("SPAWN_STDERR");
  posix_spawn_file_actions_addopen(&actions, 2, errors == nullptr ? "/dev/null" : errors, O_WRONLY | O_CREAT | O_APPEND, 0600);
  timespec begin{}, end{};
  clock_gettime(CLOCK_MONOTONIC, &begin);
  pid_t pid = 0;
  if (posix_spawn(&pid, arguments[1], &actions, nullptr, arguments + 1, environ) != 0) return 69;
  int status = 0;
  rusage usage{};
  if (wait4(pid, &status, 0, &usage) != pid) return 70;
  clock_gettime(CLOCK_MONOTONIC, &end);
  long long nanoseconds = (end.tv_sec - begin.tv_sec) * 1'000'000'000LL + (end.tv_nsec - begin.tv_nsec);
  long long cpu = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1'000'000LL + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
  std::printf("%lld %lld %ld %ld %d\n", nanoseconds, cpu, usage.ru_minflt, usage.ru_maxrss,
              WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
  return 0;
}
