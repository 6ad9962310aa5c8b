#include "fork_server.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <string>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "../channel/request.h"
#include "../host/child.h"
#include "worker.h"

namespace pocker::quickjs {
namespace {

using sys::UniqueFd;

/// Milliseconds.
constexpr int stop_tries = 100;

struct Request {
  /// Carries out the verb, or undoes it; 0 once it has ended.
  pid_t worker = 0;
  /// Its worker has been killed, and may take a while to end.
  bool killed = false;
  /// The worker is undoing what a killed worker made.
  bool aborted = false;
  /// The process whose end the program wants to know; 0 if none.
  pid_t process = 0;
  UniqueFd channel, text;
};

struct Server {
  const Program *program;
  char **arguments;
  UniqueFd socket, signals;
  /// Workers report here, one packet each time.
  UniqueFd notices, notice_writer;
  std::vector<Request> requests;
  /// What to delete when the program has ended.
  std::vector<std::string> owned;
};

/// The worker closes the channels of other requests: held there, they would keep the program from seeing that they are closed.
pid_t start_worker(Server &server, Received *received, const Task &task) {
  pid_t worker = fork();
  if (worker != 0) return worker;
  WorkerDescriptors own;
  if (!own.keep(task, server.notice_writer, received)) _exit(worker_failed);
  server.requests.clear();
  for (UniqueFd *fd : {&server.socket, &server.signals, &server.notices, &server.notice_writer}) fd->reset();
  if (received != nullptr && !own.place(*received)) _exit(worker_failed);
  _exit(work(*server.program, server.arguments, own, task));
}

void tell(const UniqueFd &channel, const char *text) {
  static_cast<void>(send(channel.get(), text, std::strlen(text), MSG_DONTWAIT | MSG_NOSIGNAL));
}

/// False: the program has ended.
bool receive(int socket, Received &received) {
  iovec part{&received.header, sizeof received.header};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * 253)];
  msghdr packet{};
  packet.msg_iov = &part;
  packet.msg_iovlen = 1;
  packet.msg_control = control;
  packet.msg_controllen = sizeof control;
  ssize_t size = 0;
  do size = recvmsg(socket, &packet, MSG_CMSG_CLOEXEC | MSG_WAITALL);
  while (size < 0 && errno == EINTR);
  if (size != static_cast<ssize_t>(sizeof received.header)) return false;
  for (cmsghdr *header = CMSG_FIRSTHDR(&packet); header != nullptr; header = CMSG_NXTHDR(&packet, header)) {
    if (header->cmsg_type != SCM_RIGHTS) continue;
    std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(header) + i * sizeof fd, sizeof fd);
      received.fds.emplace_back(fd);
    }
  }
  return true;
}

std::size_t expected(const request::Header &header) {
  return 2 + static_cast<std::size_t>(__builtin_popcount(header.stdio & 7U)) + header.preserved;
}

/// False: the program has ended.
bool take_request(Server &server) {
  Received received;
  if (!receive(server.socket.get(), received)) return false;
  // Descriptors were cut off by this process's limit: close the channel, if it arrived, without an answer.
  if (received.header.preserved > request::preserved_limit || received.fds.size() != expected(received.header)) return true;
  Request request;
  request.worker = start_worker(server, &received, {received.fds[0].get(), received.fds[1].get(), 0});
  if (request.worker < 0) {
    char text[160];
    std::snprintf(text, sizeof text,
                  "{\"error\":{\"code\":\"E_HOST\",\"message\":\"cannot fork: %s\",\"operation\":\"fork\",\"errno\":%d}}\n",
                  std::strerror(errno), errno);
    tell(received.fds[0], text);
    return true;
  }
  request.channel = std::move(received.fds[0]);
  request.text = std::move(received.fds[1]);
  server.requests.push_back(std::move(request));
  return true;
}

void take_notice(Server &server, const std::string &notice, pid_t sender) {
  std::size_t space = notice.find(' ');
  if (space == std::string::npos) return;
  std::string verb = notice.substr(0, space), rest = notice.substr(space + 1);
  if (verb == "own") server.owned.push_back(rest);
  if (verb == "disown") std::erase(server.owned, rest);
  if (verb != "process") return;
  for (Request &request : server.requests) {
    if (request.worker == sender) request.process = static_cast<pid_t>(std::strtol(rest.c_str(), nullptr, 10));
  }
}

void take_notices(Server &server) {
  std::string buffer(16384, 0);
  for (;;) {
    ssize_t size = recv(server.notices.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (size <= 0) return;
    // "PID VERB REST": workers belong to this program and need not prove who they are.
    char *rest = nullptr;
    std::string notice = buffer.substr(0, static_cast<std::size_t>(size));
    auto sender = static_cast<pid_t>(std::strtol(notice.c_str(), &rest, 10));
    if (*rest == ' ') take_notice(server, rest + 1, sender);
  }
}

std::string read_proc(const std::string &path) {
  std::string text(4096, 0);
  UniqueFd file{open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  ssize_t size = file ? read(file.get(), text.data(), text.size()) : -1;
  text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  return text;
}

/// Field 22 of /proc/PID/stat, after the name in parentheses, which may contain anything.
double start_time_of(pid_t pid) {
  std::string text = read_proc("/proc/" + std::to_string(pid) + "/stat");
  std::size_t at = text.rfind(')');
  for (int field = 2; at != std::string::npos && field < 22; ++field) at = text.find(' ', at + 1);
  return at == std::string::npos ? 0 : std::strtod(text.c_str() + at, nullptr);
}

/// Starts undoing what a killed worker made; the worker is not reaped yet. False: nothing can undo it.
bool undo(Server &server, Request &request) {
  Task task{request.channel.get(), request.text.get(), request.worker, start_time_of(request.worker)};
  request.aborted = true;
  request.process = 0;
  pid_t worker = start_worker(server, nullptr, task);
  request.worker = worker < 0 ? 0 : worker;
  return worker > 0;
}

/// Whether the request is finished.
bool worker_ended(Server &server, Request &request, bool killed) {
  if (request.aborted) {
    tell(request.channel, "{\"aborted\":true}\n");
    return true;
  }
  if (killed && undo(server, request)) return false;
  request.worker = 0;
  request.text.reset();
  return request.process == 0;
}

/// Whether the request is finished. Stray processes of hooks belong to no request.
bool child_ended(Server &server, Request &request, const siginfo_t &info) {
  bool exited = info.si_code == CLD_EXITED;
  if (info.si_pid == request.worker) return worker_ended(server, request, !exited);
  if (info.si_pid != request.process) return false;
  char text[80];
  std::snprintf(text, sizeof text, "{\"exit\":{\"code\":%d,\"signal\":%d}}\n", exited ? info.si_status : 0,
                exited ? 0 : info.si_status);
  tell(request.channel, text);
  return true;
}

void reap_children(Server &server) {
  for (;;) {
    siginfo_t info{};
    if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0) return;
    // A process becomes our child when its worker ends; the worker has said before whose it is.
    take_notices(server);
    for (std::size_t i = 0; i < server.requests.size(); ++i) {
      if (!child_ended(server, server.requests[i], info)) continue;
      server.requests.erase(server.requests.begin() + static_cast<std::ptrdiff_t>(i));
      break;
    }
    static_cast<void>(waitpid(info.si_pid, nullptr, 0));
  }
}

/// Also kills the hook that it runs, which has a session of its own. While the worker is stopped, nobody reaps its children, so
/// their pids cannot be reused.
void abort(Request &request) {
  if (request.worker == 0 || request.killed || request.aborted) return;
  request.killed = true;
  std::string process = std::to_string(request.worker);
  kill(request.worker, SIGSTOP);
  // A process in an uninterruptible wait, for a filesystem's server for example, does not stop; it does not move either.
  for (int tries = 0; tries < stop_tries; ++tries) {
    siginfo_t info{};
    if (waitid(P_PID, static_cast<id_t>(request.worker), &info, WSTOPPED | WEXITED | WNOWAIT | WNOHANG) != 0 || info.si_pid != 0)
      break;
    poll(nullptr, 0, 1);
  }
  std::string children = read_proc("/proc/" + process + "/task/" + process + "/children");
  for (char *at = children.data(), *end = nullptr; *at != 0; at = end) {
    auto child = static_cast<pid_t>(std::strtol(at, &end, 10));
    if (end == at) break;
    kill(-child, SIGKILL);
    kill(child, SIGKILL);
  }
  kill(request.worker, SIGKILL);
}

/// One round: waits for something to do, and does it. False: the program has ended.
bool attend(Server &server) {
  std::vector<pollfd> wanted{
      {server.socket.get(), POLLIN, 0}, {server.signals.get(), POLLIN, 0}, {server.notices.get(), POLLIN, 0}};
  for (const Request &request : server.requests)
    wanted.push_back({request.worker != 0 && !request.killed && !request.aborted ? request.channel.get() : -1, POLLRDHUP, 0});
  if (poll(wanted.data(), wanted.size(), -1) < 0) return errno == EINTR;
  for (std::size_t i = 3; i < wanted.size(); ++i) {
    if (wanted[i].revents != 0) abort(server.requests[i - 3]);
  }
  take_notices(server);
  if (wanted[1].revents != 0) {
    signalfd_siginfo info{};
    while (read(server.signals.get(), &info, sizeof info) > 0) continue;
    reap_children(server);
  }
  return wanted[0].revents == 0 || take_request(server);
}

/// Aborts what is in progress, and deletes what the program owns.
void conclude(Server &server) {
  server.socket.reset();
  auto at_work = [&server] {
    for (const Request &request : server.requests) {
      if (request.worker != 0) return true;
    }
    return false;
  };
  for (Request &request : server.requests) abort(request);
  while (at_work()) attend(server);
  take_notices(server);
  if (server.owned.empty()) return;
  std::string text =
      R"({"verb":"end","runtime":{"root":"/","cgroupManager":"cgroupfs","rootless":"auto","strict":false},"owned":[)";
  for (const std::string &one : server.owned) text += (&one == server.owned.data() ? "" : ",") + one;
  text += "]}";
  UniqueFd file{host::sealed_file("request", text.data(), text.size(), false)};
  if (!file) return;
  pid_t worker = start_worker(server, nullptr, {-1, file.get(), 0, 0});
  while (worker > 0 && waitpid(worker, nullptr, 0) < 0 && errno == EINTR) continue;
}

bool set_up(Server &server) {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) return false;
  server.notices.reset(pair[0]);
  server.notice_writer.reset(pair[1]);
  sigset_t children;
  sigemptyset(&children);
  sigaddset(&children, SIGCHLD);
  if (sigprocmask(SIG_BLOCK, &children, nullptr) != 0) return false;
  server.signals.reset(signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK));
  return server.signals && fcntl(server.socket.get(), F_SETFD, FD_CLOEXEC) == 0 && prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0;
}

} // namespace

int serve(const Program &program, char **arguments) {
  // The program waits for its child and must have no other: the server is its grandchild, in a session of its own.
  pid_t child = fork();
  if (child != 0) return child < 0 ? worker_failed : 0;
  setsid();
  Server server;
  server.program = &program;
  server.arguments = arguments;
  server.socket.reset(request::program_socket);
  if (!set_up(server)) return worker_failed;
  while (attend(server)) continue;
  conclude(server);
  return 0;
}

} // namespace pocker::quickjs
