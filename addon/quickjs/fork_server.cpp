#include "fork_server.h"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <string>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "../channel/request.h"
#include "../host/processes/child.h"
#include "requests.h"

namespace pocker::quickjs {
namespace {

/// One round: waits for something to do, and does it. False: the program has ended.
bool attend(Server &server) {
  std::vector<pollfd> wanted{
      {server.socket.get(), POLLIN, 0}, {server.signals.get(), POLLIN, 0}, {server.notices.get(), POLLIN, 0}};
  for (const Request &request : server.requests)
    wanted.push_back({abortable(request) ? request.channel.get() : -1, POLLRDHUP, 0});
  if (poll(wanted.data(), wanted.size(), -1) < 0) return errno == EINTR;
  // A program that has its result may close the channel.
  take_notices(server);
  for (std::size_t i = 3; i < wanted.size(); ++i) {
    if (wanted[i].revents != 0) abort(server, server.requests[i - 3]);
  }
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
  for (Request &request : server.requests) {
    abort(server, request);
    // A worker that stays with its container leaves by itself, unless it is in the middle of a request.
    if (request.worker == 0 || request.killed || request.aborted) continue;
    end_worker(server, request);
  }
  while (at_work()) attend(server);
  take_notices(server);
  if (server.owned.empty()) return;
  std::string text =
      R"({"verb":"end","runtime":{"root":"/","cgroupManager":"cgroupfs","rootless":"auto","strict":false},"owned":[)";
  for (const std::string &one : server.owned) text += (&one == server.owned.data() ? "" : ",") + one;
  text += "]}";
  UniqueFd file;
  if (host::sealed_file("request", text, false, file)) return;
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
