// A process in a container that watches all others: prints what it can get of one whose program is not the container's own.
// Linked statically, so that it runs there.
//
//   spy STOP [kill]
//
// STOP: a file; it looks until that exists. kill: kills each of them, to reach for its resources while it ends. Prints "looking", then
// "noticed" when it sees the first of them, whatever it can get, and at the end how often it saw one. `true` and the like do not count.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <string>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

std::string link_of(const std::string &path) {
  char text[4096];
  ssize_t size = readlink(path.c_str(), text, sizeof text);
  return size < 0 ? "" : std::string(text, static_cast<std::size_t>(size));
}

std::string name_of(const std::string &process) {
  char text[32] = "";
  int fd = open((process + "/comm").c_str(), O_RDONLY | O_CLOEXEC);
  ssize_t size = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
  close(fd);
  return std::string(text, size > 0 ? static_cast<std::size_t>(size - 1) : 0);
}

/// Programs of the image. An ending process has no executable any more, but it has its name: a runtime's name is a descriptor's,
/// or begins like one.
bool is_own(const std::string &process) {
  if (link_of(process + "/exe").rfind("/bin/", 0) == 0) return true;
  std::string name = name_of(process);
  return name == "true" || name == "sh" || name == "sleep" || name == "spy" || name.empty();
}

bool opens(const std::string &path, int flags) {
  int fd = open(path.c_str(), flags | O_CLOEXEC);
  if (fd >= 0) close(fd);
  return fd >= 0;
}

/// Of a process that has ended, some kernels open the memory, but there is none: a read finds the end of the file.
bool has_memory(const std::string &path, int flags) {
  int fd = open(path.c_str(), flags | O_CLOEXEC);
  if (fd < 0) return false;
  char byte;
  ssize_t size = pread(fd, &byte, 1, path.ends_with("/mem") ? 4096 : 0);
  close(fd);
  return size != 0;
}

/// A process must have stopped to be let go; one that ends while it is traced waits for its tracer.
bool traces(int pid) {
  if (ptrace(PTRACE_SEIZE, pid, nullptr, nullptr) != 0) return false;
  ptrace(PTRACE_INTERRUPT, pid, nullptr, nullptr);
  if (int status = 0; waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status)) {
    int signal = status >> 16 == PTRACE_EVENT_STOP ? 0 : WSTOPSIG(status);
    ptrace(PTRACE_DETACH, pid, nullptr, reinterpret_cast<void *>(static_cast<std::intptr_t>(signal)));
  }
  return true;
}

/// By then it may have become another program, which is checked again.
void report(const std::string &process, const char *what, const std::string &text = "") {
  if (access(process.c_str(), F_OK) != 0 || is_own(process)) return;
  std::string exe = link_of(process + "/exe");
  std::printf("%s of %s (%s): %s\n", what, process.c_str(), exe.c_str(), text.c_str());
  std::fflush(stdout);
}

/// Until it has ended: opens whatever can be opened of it meanwhile, through its last descriptors.
void wait_for(const std::string &process) {
  for (int tries = 0; tries < 20'000; ++tries) {
    std::string path = process + "/fd/" + std::to_string(3 + tries % 12);
    if (std::string text = link_of(path); !text.empty()) report(process, path.c_str(), text);
  }
}

unsigned long noticed = 0;

void look_at(int pid, bool killing) {
  std::string process = "/proc/" + std::to_string(pid);
  if (is_own(process)) return;
  if (noticed++ == 0) {
    std::puts("noticed");
    std::fflush(stdout);
  }
  if (killing && kill(pid, SIGKILL) == 0) wait_for(process);
  for (const char *name : {"/cwd", "/root", "/exe"}) {
    if (std::string text = link_of(process + name); !text.empty()) report(process, name, text);
  }
  for (int fd = 0; fd < 64; ++fd) {
    std::string path = process + "/fd/" + std::to_string(fd);
    if (std::string text = link_of(path); !text.empty()) report(process, path.c_str(), text);
  }
  if (opens(process + "/exe", O_WRONLY)) report(process, "exe for writing");
  if (has_memory(process + "/mem", O_RDWR)) report(process, "mem");
  if (has_memory(process + "/environ", O_RDONLY)) report(process, "environ");
  if (traces(pid)) report(process, "ptrace");
}

} // namespace

int main(int argc, char **argv) {
  if (argc < 2) return 64;
  std::puts("looking");
  std::fflush(stdout);
  while (access(argv[1], F_OK) != 0) {
    DIR *processes = opendir("/proc");
    while (const dirent *entry = readdir(processes)) {
      int pid = std::atoi(entry->d_name);
      if (pid > 1 && pid != getpid()) look_at(pid, argc > 2);
    }
    closedir(processes);
  }
  std::printf("seen %lu\n", noticed);
  return 0;
}
