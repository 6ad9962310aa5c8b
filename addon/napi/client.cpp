#include "client.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <mutex>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../host/arguments.h"
#include "../host/processes/child.h"
#include "../channel/request.h"

namespace pocker::client {
namespace {

using host::Arguments;
using host::Array;
using host::fail;
using host::nothing;
using host::Reply;
using host::Type;
using host::Value;
using sys::UniqueFd;

/// The program has one fork server for all its threads: what a worker thread has begun continues after the thread ends. The
/// kernel closes this end when the program is gone.
std::mutex mutex;
UniqueFd server;

Value number(int value) { return Value{static_cast<double>(value)}; }

class Attributes {
public:
  Attributes() {
    posix_spawnattr_init(&attributes_);
    posix_spawn_file_actions_init(&actions_);
  }
  ~Attributes() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  Attributes(const Attributes &) = delete;
  Attributes &operator=(const Attributes &) = delete;

  /// The fork server inherits only the program's environment: not its descriptors, signals or working directory.
  [[nodiscard]] int prepare(int socket) {
    sigset_t all, none;
    sigfillset(&all);
    sigemptyset(&none);
    int error = posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    if (error == 0) error = posix_spawnattr_setsigdefault(&attributes_, &all);
    if (error == 0) error = posix_spawnattr_setsigmask(&attributes_, &none);
    if (error == 0) error = posix_spawn_file_actions_addchdir_np(&actions_, "/");
    if (error == 0) error = posix_spawn_file_actions_adddup2(&actions_, socket, request::program_socket);
    for (int fd = 0; error == 0 && fd <= 2; ++fd) error = posix_spawn_file_actions_addopen(&actions_, fd, "/dev/null", O_RDWR, 0);
    if (error == 0) error = posix_spawn_file_actions_addclosefrom_np(&actions_, request::program_socket + 1);
    return error;
  }
  [[nodiscard]] const posix_spawnattr_t *attributes() const { return &attributes_; }
  [[nodiscard]] const posix_spawn_file_actions_t *actions() const { return &actions_; }

private:
  posix_spawnattr_t attributes_{};
  posix_spawn_file_actions_t actions_{};
};

/// posix_spawn(3) shares this process's memory until execve(2): no page tables are copied, however large it is.
int start(const char *path, UniqueFd &ours) {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) return errno;
  UniqueFd theirs{pair[1]};
  ours.reset(pair[0]);
  Attributes attributes;
  if (int error = attributes.prepare(theirs.get()); error != 0) return error;
  char *arguments[] = {const_cast<char *>(path), const_cast<char *>(request::fork_server_argument), nullptr};
  pid_t child = -1;
  if (int error = posix_spawn(&child, path, attributes.actions(), attributes.attributes(), arguments, environ); error != 0)
    return error;
  // It leaves the fork server behind at once. Another waiter in this program may have reaped it first.
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return 0;
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : ENOEXEC;
}

/// What is sent, and our end of its channel.
struct Request {
  request::Header header{};
  std::vector<int> fds;
  UniqueFd channel, theirs, text;
};

/// `stdio`: three descriptors, -1 for none.
Reply prepare(Request &request, const std::string &text, const Array &stdio, const Array &preserved) {
  if (host::CallError error = host::sealed_file("request", text, false, request.text)) return fail(error.call, error.number);
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) return fail("socketpair", errno);
  request.channel.reset(pair[0]);
  request.theirs.reset(pair[1]);
  request.fds = {request.theirs.get(), request.text.get()};
  std::uint32_t bit = 1;
  for (const Value &fd : stdio) {
    if (auto value = static_cast<int>(host::number_of(fd)); value >= 0) {
      request.fds.push_back(value);
      request.header.stdio |= bit;
    }
    bit <<= 1;
  }
  if (preserved.size() > request::preserved_limit) return fail("request", EINVAL, "preserved");
  for (const Value &fd : preserved) request.fds.push_back(static_cast<int>(host::number_of(fd)));
  request.header.preserved = static_cast<std::uint32_t>(preserved.size());
  return nothing();
}

/// 0, or an errno(3) number.
int send_request(int socket, Request &request) {
  iovec part{&request.header, sizeof request.header};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * 253)] = {};
  std::size_t size = sizeof(int) * request.fds.size();
  msghdr packet{};
  packet.msg_iov = &part;
  packet.msg_iovlen = 1;
  packet.msg_control = control;
  packet.msg_controllen = CMSG_SPACE(size);
  cmsghdr *rights = CMSG_FIRSTHDR(&packet);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(size);
  std::memcpy(CMSG_DATA(rights), request.fds.data(), size);
  return sendmsg(socket, &packet, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? errno : 0;
}

bool is_busy(int error) { return error == EAGAIN || error == ETOOMANYREFS || error == ENOBUFS; }

constexpr const char *given_descriptors = "a descriptor of stdio or fds";

/// request(path, text, stdio, preserved): our end of the request's channel, or -1 if the fork server cannot take more requests now.
Reply send(const Arguments &arguments) {
  Request request;
  Reply prepared = prepare(request, arguments.text(1), host::array_of(arguments.at(2)), host::array_of(arguments.at(3)));
  if (std::holds_alternative<host::Failure>(prepared)) return prepared;
  std::lock_guard lock{mutex};
  for (bool again = true;; again = false) {
    if (!server) {
      if (int error = start(arguments.path(0), server); error != 0) {
        server.reset();
        return fail("posix_spawn", error, arguments.text(0));
      }
    }
    int error = send_request(server.get(), request);
    if (error == 0) return number(request.channel.release());
    if (is_busy(error)) return number(-1);
    // Only these mean that it is gone. Anything else, such as a bad descriptor, must not end the server, which has other containers.
    if (!again || (error != EPIPE && error != ECONNRESET)) return fail("sendmsg", error, given_descriptors);
    server.reset();
  }
}

/// requestFrom(socket, text, stdio): the same for a sandbox's keeper.
Reply send_to(const Arguments &arguments) {
  Request request;
  Reply prepared = prepare(request, arguments.text(1), host::array_of(arguments.at(2)), {});
  if (std::holds_alternative<host::Failure>(prepared)) return prepared;
  int error = send_request(arguments.integer(0), request);
  if (error == 0) return number(request.channel.release());
  return is_busy(error) ? number(-1) : fail("sendmsg", error, given_descriptors);
}

Reply make_pair(int pair[2]) {
  Array fds;
  for (int i = 0; i < 2; ++i) fds.push_back(number(pair[i]));
  return Value{std::move(fds)};
}

/// [read end, write end]
Reply pipe(const Arguments &) {
  int pair[2];
  return ::pipe2(pair, O_CLOEXEC) == 0 ? make_pair(pair) : fail("pipe2", errno);
}

Reply socket_pair(const Arguments &) {
  int pair[2];
  return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0 ? make_pair(pair) : fail("socketpair", errno);
}

/// A descriptor that has been sent; -1 if there was none.
Reply receive_descriptor(const Arguments &arguments) {
  char byte[64];
  iovec part{byte, sizeof byte};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))];
  msghdr packet{};
  packet.msg_iov = &part;
  packet.msg_iovlen = 1;
  packet.msg_control = control;
  packet.msg_controllen = sizeof control;
  if (recvmsg(arguments.integer(0), &packet, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) <= 0) return number(-1);
  const cmsghdr *header = CMSG_FIRSTHDR(&packet);
  if (header == nullptr || header->cmsg_type != SCM_RIGHTS) return number(-1);
  int fd = -1;
  std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
  return number(fd);
}

Reply resize(const Arguments &arguments) {
  winsize size{};
  size.ws_col = static_cast<unsigned short>(arguments.integer(1));
  size.ws_row = static_cast<unsigned short>(arguments.integer(2));
  return ioctl(arguments.integer(0), TIOCSWINSZ, &size) == 0 ? nothing() : fail("ioctl(TIOCSWINSZ)", errno);
}

/// A sealed memfd with that program, which every user may execute.
Reply make_executable(const Arguments &arguments) {
  const auto *program = std::get_if<host::Bytes>(&arguments.at(0));
  if (program == nullptr) return fail("memfd_create", EINVAL);
  UniqueFd file;
  host::CallError error = host::sealed_file("program", host::as_text(*program), true, file);
  return error ? fail(error.call, error.number) : number(file.release());
}

Reply close(const Arguments &arguments) {
  UniqueFd{arguments.integer(0)}.reset();
  return nothing();
}

template <Reply (*function)(const Arguments &)> Reply enter(std::span<const Value> values) { return function(Arguments{values}); }

constexpr host::Function table[] = {
    {"request",
     enter<send>,
     {{"path", Type::path}, {"text", Type::text}, {"stdio", Type::integer, true}, {"preserved", Type::integer, true}}},
    {"requestFrom", enter<send_to>, {{"socket", Type::integer}, {"text", Type::text}, {"stdio", Type::integer, true}}},
    {"pipe", enter<pipe>, {}},
    {"socketPair", enter<socket_pair>, {}},
    {"receiveDescriptor", enter<receive_descriptor>, {{"socket", Type::integer}}},
    {"resize", enter<resize>, {{"fd", Type::integer}, {"columns", Type::integer}, {"rows", Type::integer}}},
    {"makeExecutable", enter<make_executable>, {{"program", Type::bytes}}},
    {"close", enter<close>, {{"fd", Type::integer}}},
};

} // namespace

std::span<const host::Function> functions() { return table; }

} // namespace pocker::client
