#include "make_snapshot.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "program.h"
#include "rehearsal.h"

namespace pocker::quickjs {
namespace {

/// Two builds must have the same bytes: addresses chosen by the kernel would differ.
constexpr std::uintptr_t stack_address = 0x1'0000'0000, bundle_address = 0x2'0000'0000, rehearsal_address = 0x3'0000'0000;
constexpr std::size_t stack_size = std::size_t{8} * 1024 * 1024;

bool is_making = false;

struct Job {
  /// An archive of modules; the second one may be null.
  const char *bundle, *rehearsal;
  const char *output;
};

/// The archive in that file, at that address; empty if it cannot be read.
std::span<const std::uint8_t> read_archive(const char *path, std::uintptr_t address) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  struct stat status {};
  void *bytes = MAP_FAILED;
  if (file >= 0 && fstat(file, &status) == 0)
    bytes = mmap(reinterpret_cast<void *>(address), static_cast<std::size_t>(status.st_size), PROT_READ,
                 MAP_PRIVATE | MAP_FIXED_NOREPLACE, file, 0);
  if (bytes != MAP_FAILED) return {static_cast<const std::uint8_t *>(bytes), static_cast<std::size_t>(status.st_size)};
  std::fprintf(stderr, "%s: %s\n", path, std::strerror(errno));
  return {};
}

/// The program, with its memory placed as the rehearsal says, if there is one, and if this QuickJS can place it.
Program make_placed(std::span<const std::uint8_t> bundle, [[maybe_unused]] std::span<const std::uint8_t> commands) {
#ifdef POCKER_IMMORTAL
  if (!commands.empty()) {
    if (!rehearse(bundle, commands)) return {};
    follow_rehearsal();
    Program program = make_program(bundle, true);
    if (program.context == nullptr || followed_rehearsal()) return program;
    std::fputs("the program did not request the same memory as in the rehearsal\n", stderr);
    return {};
  }
#endif
  return make_program(bundle, true);
}

int make(void *argument) {
  const auto *job = static_cast<const Job *>(argument);
  auto bundle = read_archive(job->bundle, bundle_address);
  std::span<const std::uint8_t> commands;
  if (job->rehearsal != nullptr) commands = read_archive(job->rehearsal, rehearsal_address);
  if (bundle.empty() || (job->rehearsal != nullptr && commands.empty())) return 1;
  is_making = true;
  Program program = make_placed(bundle, commands);
  is_making = false;
  if (program.context == nullptr) return 1;
  int error = write_executable(job->output, program);
  if (error == EOVERFLOW)
    std::fputs("the snapshot is too large: raise array_size in addon/quickjs/memory.cpp\n", stderr);
  else if (error == ENOEXEC)
    std::fputs("the linker has put something behind the section snapshot_array\n", stderr);
  else if (error != 0)
    std::fprintf(stderr, "%s: %s\n", job->output, std::strerror(error));
  return error == 0 ? 0 : 1;
}

} // namespace

int make_snapshot(int count, char **arguments) {
  if (count != 3 && count != 4) {
    std::fputs("pocker-runc: this executable has no snapshot yet\n", stderr);
    return 64;
  }
  Job job{arguments[1], arguments[3], arguments[2]};
  void *stack = mmap(reinterpret_cast<void *>(stack_address), stack_size, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
  int pid =
      stack == MAP_FAILED ? -1 : clone(make, static_cast<char *>(stack) + stack_size, CLONE_VM | CLONE_VFORK | SIGCHLD, &job);
  int status = 0;
  if (pid >= 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status)) return WEXITSTATUS(status);
  std::fprintf(stderr, "the snapshot was not made: %s\n", pid < 0 ? std::strerror(errno) : strsignal(WTERMSIG(status)));
  return 71;
}

} // namespace pocker::quickjs

/// Replaces libc's: QuickJS seeds its hashes from it, and two builds must not differ.
extern "C" int gettimeofday(timeval *__restrict time, void *__restrict) noexcept {
  timespec now{1, 0};
  if (!pocker::quickjs::is_making && clock_gettime(CLOCK_REALTIME, &now) != 0) return -1;
  *time = {now.tv_sec, now.tv_nsec / 1000};
  return 0;
}
