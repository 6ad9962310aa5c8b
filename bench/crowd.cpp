// Runs a program many times, some of them at once:
//   crowd JOBS COUNT PROGRAM ARG…      "{}" in an argument becomes the number of the run, from 0
// Prints "<ns of wall time> <µs of CPU time> <number of failed runs>"; the times cover all runs and the children they waited for.
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fcntl.h>
#include <spawn.h>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace {

bool start(const posix_spawn_file_actions_t &actions, char **words, int number) {
  std::vector<std::string> texts;
  for (char **word = words; *word != nullptr; ++word) {
    std::string text = *word;
    if (std::size_t at = text.find("{}"); at != std::string::npos) text.replace(at, 2, std::to_string(number));
    texts.push_back(text);
  }
  std::vector<char *> arguments;
  for (std::string &text : texts) arguments.push_back(text.data());
  arguments.push_back(nullptr);
  pid_t pid = 0;
  return posix_spawn(&pid, words[0], &actions, nullptr, arguments.data(), environ) == 0;
}

} // namespace

int main(int count, char **arguments) {
  if (count < 4) return 64;
  const int jobs = std::atoi(arguments[1]), total = std::atoi(arguments[2]);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  for (int fd : {1, 2}) posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_WRONLY, 0);
  timespec begin{}, end{};
  clock_gettime(CLOCK_MONOTONIC, &begin);
  int started = 0, ended = 0, failed = 0;
  while (ended < total) {
    while (started < total && started - ended < jobs) {
      if (!start(actions, arguments + 3, started)) return 69;
      ++started;
    }
    int status = 0;
    if (wait(&status) < 0) return 70;
    ++ended;
    if (status != 0) ++failed;
  }
  clock_gettime(CLOCK_MONOTONIC, &end);
  rusage usage{};
  getrusage(RUSAGE_CHILDREN, &usage);
  long long nanoseconds = (end.tv_sec - begin.tv_sec) * 1'000'000'000LL + (end.tv_nsec - begin.tv_nsec);
  long long cpu = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1'000'000LL + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
  std::printf("%lld %lld %d\n", nanoseconds, cpu, failed);
  return 0;
}
