// pocker-keeper: the first process of a Sandbox. It starts each command that the program outside asks for, reports how it ended, and
// reaps what commands leave behind. Starting a command here is faster than from outside: everything is joined already.
//
//   pocker-keeper EXECUTABLE SOCKET      descriptors: its own executable, and the socket where requests arrive
//
// A request is addon/channel/request.h's: a channel, a memfd with the arguments (each ends with a NUL byte), and stdio. The answers
// on the channel are lines of JSON, as a fork server's (src/server/messages.ts).
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../channel/request.h"

extern char **environ;

namespace {

using pocker::request::Header;

/// The sandbox has at most 1024 descriptors.
constexpr int most_commands = 900;
/// The channel, the arguments, and stdio.
constexpr int most_descriptors = 5;
constexpr std::size_t arguments_limit = std::size_t{4} * 1024 * 1024;
constexpr int failed = 71; // EX_OSERR of sysexits(3)

struct Command {
  pid_t pid;
  int channel;
};
Command commands[most_commands];
int running = 0;

struct Request {
  int fds[most_descriptors];
  int count = 0;
};

void close_all(const Request &request) {
  for (int i = 0; i < request.count; ++i) close(request.fds[i]);
}

void tell(int channel, const char *text) {
  static_cast<void>(!send(channel, text, std::strlen(text), MSG_DONTWAIT | MSG_NOSIGNAL));
}

/// False: the program outside has ended.
bool receive(int socket, Request &request) {
  Header header{};
  iovec part{&header, sizeof header};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof request.fds)];
  msghdr packet{};
  packet.msg_iov = &part;
  packet.msg_iovlen = 1;
  packet.msg_control = control;
  packet.msg_controllen = CMSG_LEN(sizeof request.fds); // CMSG_SPACE would have room for one more
  ssize_t size = recvmsg(socket, &packet, MSG_CMSG_CLOEXEC | MSG_WAITALL);
  if (size != static_cast<ssize_t>(sizeof header)) return size < 0 && errno == EINTR;
  for (cmsghdr *one = CMSG_FIRSTHDR(&packet); one != nullptr; one = CMSG_NXTHDR(&packet, one)) {
    if (one->cmsg_type != SCM_RIGHTS) continue;
    request.count = static_cast<int>((one->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    std::memcpy(request.fds, CMSG_DATA(one), sizeof(int) * static_cast<std::size_t>(request.count));
  }
  return true;
}

/// 0, or an errno(3) number. `arguments`: a list that ends with null.
int spawn(pid_t &pid, char **arguments, const Request &request) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  for (int fd = 0; fd <= 2; ++fd) posix_spawn_file_actions_adddup2(&actions, request.fds[2 + fd], fd);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setsigmask(&attributes, &none);
  int error = posix_spawnp(&pid, arguments[0], &actions, &attributes, arguments, environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

/// 0, or an errno(3) number.
int start(pid_t &pid, const Request &request) {
  struct stat status {};
  if (request.count != most_descriptors || fstat(request.fds[1], &status) != 0) return EPROTO;
  auto size = static_cast<std::size_t>(status.st_size);
  if (size == 0 || size > arguments_limit) return E2BIG;
  void *mapped = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, request.fds[1], 0);
  if (mapped == MAP_FAILED) return errno;
  auto *text = static_cast<char *>(mapped);
  std::size_t count = 0;
  for (std::size_t i = 0; i < size; ++i) count += text[i] == 0;
  auto **arguments = static_cast<char **>(std::calloc(count + 1, sizeof(char *)));
  int error = arguments == nullptr ? ENOMEM : text[size - 1] == 0 ? 0 : EPROTO;
  if (error == 0) {
    for (std::size_t i = 0, at = 0; i < count; ++i, at += std::strlen(text + at) + 1) arguments[i] = text + at;
    error = spawn(pid, arguments, request);
  }
  std::free(arguments);
  munmap(mapped, size);
  return error;
}

/// False: the program outside has ended.
bool take_request(int socket) {
  Request request;
  if (!receive(socket, request)) return false;
  if (request.count == 0) return true;
  pid_t pid = 0;
  int error = running == most_commands ? EAGAIN : start(pid, request);
  char text[160];
  if (error == 0) {
    std::snprintf(text, sizeof text, "{\"result\":{\"process\":{\"pid\":%d,\"startTime\":0}}}\n", pid);
  } else {
    std::snprintf(text, sizeof text,
                  "{\"error\":{\"code\":\"E_EXEC\",\"message\":\"%s\",\"operation\":\"execve\",\"errno\":%d}}\n",
                  std::strerror(error), error);
  }
  tell(request.fds[0], text);
  if (error == 0) {
    commands[running++] = {pid, request.fds[0]};
    request.fds[0] = -1;
  }
  close_all(request);
  return true;
}

void reap_children() {
  for (;;) {
    siginfo_t info{};
    if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG) != 0 || info.si_pid == 0) return;
    for (int i = 0; i < running; ++i) {
      if (commands[i].pid != info.si_pid) continue;
      bool exited = info.si_code == CLD_EXITED;
      char text[80];
      std::snprintf(text, sizeof text, "{\"exit\":{\"code\":%d,\"signal\":%d}}\n", exited ? info.si_status : 0,
                    exited ? 0 : info.si_status);
      tell(commands[i].channel, text);
      close(commands[i].channel);
      commands[i] = commands[--running];
      break;
    }
  }
}

} // namespace

int main(int count, char **arguments) {
  if (count != 3) return failed;
  close(static_cast<int>(std::strtol(arguments[1], nullptr, 10)));
  int socket = static_cast<int>(std::strtol(arguments[2], nullptr, 10));
  // Commands have its user id: they must neither see its descriptors nor write to its memory.
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || fcntl(socket, F_SETFD, FD_CLOEXEC) != 0) return failed;
  sigset_t children;
  sigemptyset(&children);
  sigaddset(&children, SIGCHLD);
  if (sigprocmask(SIG_BLOCK, &children, nullptr) != 0) return failed;
  int signals = signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK);
  if (signals < 0) return failed;
  for (;;) {
    pollfd wanted[] = {{socket, POLLIN, 0}, {signals, POLLIN, 0}};
    if (poll(wanted, 2, -1) < 0 && errno != EINTR) return failed;
    signalfd_siginfo info{};
    while (read(signals, &info, sizeof info) > 0) continue;
    reap_children();
    if (wanted[0].revents != 0 && !take_request(socket)) return 0;
  }
}
