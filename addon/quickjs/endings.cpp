// What workers report, how they and their containers' processes end, and how requests are aborted.
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "requests.h"

namespace pocker::quickjs {
namespace {

/// Milliseconds.
constexpr int stop_tries = 100;

void take_notice(Server &server, const std::string &notice, pid_t sender) {
  std::size_t space = notice.find(' ');
  if (space == std::string::npos) return;
  std::string verb = notice.substr(0, space), rest = notice.substr(space + 1);
  if (verb == "own") server.owned.push_back(rest);
  if (verb == "disown") std::erase(server.owned, rest);
  for (Request &request : server.requests) {
    if (request.worker != sender) continue;
    if (verb == "ended") request.process = 0;
    if (verb != "process") continue;
    request.process = static_cast<pid_t>(std::strtol(rest.c_str(), nullptr, 10));
    request.settled = true;
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
  if (killed && request.settled) tell(request.channel, "{\"left\":{}}\n");
  if (killed && !request.settled && undo(server, request)) return false;
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

/// While the worker is stopped, nobody reaps its children, so their pids cannot be reused.
void stop(const Request &request) {
  kill(request.worker, SIGSTOP);
  // A process in an uninterruptible wait, for example for a filesystem's server, does not stop, but does not move either.
  for (int tries = 0; tries < stop_tries; ++tries) {
    siginfo_t info{};
    if (waitid(P_PID, static_cast<id_t>(request.worker), &info, WSTOPPED | WEXITED | WNOWAIT | WNOHANG) != 0 || info.si_pid != 0)
      break;
    poll(nullptr, 0, 1);
  }
}

/// Also kills the hook that it runs, which has its own session; not the process that it has made, if that is settled.
void kill_stopped(Request &request) {
  request.killed = true;
  std::string process = std::to_string(request.worker);
  std::string children = read_proc("/proc/" + process + "/task/" + process + "/children");
  for (char *at = children.data(), *end = nullptr; *at != 0; at = end) {
    auto child = static_cast<pid_t>(std::strtol(at, &end, 10));
    if (end == at) break;
    if (request.settled && child == request.process) continue;
    kill(-child, SIGKILL);
    kill(child, SIGKILL);
  }
  kill(request.worker, SIGKILL);
}

} // namespace

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

void reap_children(Server &server) {
  for (;;) {
    siginfo_t info{};
    if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0) return;
    // A process becomes our child when its worker ends; the worker has said before who owns it.
    take_notices(server);
    for (std::size_t i = 0; i < server.requests.size(); ++i) {
      if (!child_ended(server, server.requests[i], info)) continue;
      server.requests.erase(server.requests.begin() + static_cast<std::ptrdiff_t>(i));
      break;
    }
    static_cast<void>(waitpid(info.si_pid, nullptr, 0));
  }
}

bool abortable(const Request &request) { return request.worker != 0 && !request.killed && !request.aborted && !request.settled; }

void abort(Server &server, Request &request) {
  if (!abortable(request)) return;
  stop(request);
  // It may just have made its process after all; then its answer is on the way, and the program deletes what it made.
  take_notices(server);
  if (request.settled) {
    kill(request.worker, SIGCONT);
    return;
  }
  kill_stopped(request);
}

void end_worker(Server &server, Request &request) {
  stop(request);
  take_notices(server);
  kill_stopped(request);
}

} // namespace pocker::quickjs
