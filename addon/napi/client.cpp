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
#include "../host/child.h"
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

/// 0, or an errno(3) number.
int send_request(std::uint32_t stdio, std::uint32_t preserved, const std::vector<int> &fds) {
  request::Header header{stdio, preserved};
  iovec part{&header, sizeof header};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * 253)] = {};
  msghdr packet{};
  packet.msg_iov = &part;
  packet.msg_iovlen = 1;
  packet.msg_control = control;
  packet.msg_controllen = CMSG_SPACE(sizeof(int) * fds.size());
  cmsghdr *rights = CMSG_FIRSTHDR(&packet);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(sizeof(int) * fds.size());
  std::memcpy(CMSG_DATA(rights), fds.data(), sizeof(int) * fds.size());
  return sendmsg(server.get(), &packet, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? errno : 0;
}

/// request(path, text, stdio, preserved): our end of the request's channel, or -1 if the fork server cannot take more requests
/// now. `stdio`: three descriptors, -1 for none.
Reply send(const Arguments &arguments) {
  const std::string &text = arguments.text(1);
  UniqueFd file{host::sealed_file("request", text.data(), text.size(), false)};
  if (!file) return fail("memfd_create", EMFILE);
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) return fail("socketpair", errno);
  UniqueFd ours{pair[0]}, theirs{pair[1]};
  std::vector<int> fds{theirs.get(), file.get()};
  std::uint32_t given = 0, bit = 1;
  for (const Value &fd : host::array_of(arguments.at(2))) {
    if (auto value = static_cast<int>(host::number_of(fd)); value >= 0) {
      fds.push_back(value);
      given |= bit;
    }
    bit <<= 1;
  }
  const Array &preserved = host::array_of(arguments.at(3));
  if (preserved.size() > request::preserved_limit) return fail("request", EINVAL, "preserved");
  for (const Value &fd : preserved) fds.push_back(static_cast<int>(host::number_of(fd)));
  std::lock_guard lock{mutex};
  for (bool again = true;; again = false) {
    if (!server) {
      if (int error = start(arguments.path(0), server); error != 0) {
        server.reset();
        return fail("posix_spawn", error, arguments.text(0));
      }
    }
    int error = send_request(given, static_cast<std::uint32_t>(preserved.size()), fds);
    if (error == 0) return number(ours.release());
    if (error == EAGAIN || error == ETOOMANYREFS || error == ENOBUFS) return number(-1);
    // Only these mean that it is gone. Anything else, such as a bad descriptor, must not end the server, which has others' containers.
    if (!again || (error != EPIPE && error != ECONNRESET)) return fail("sendmsg", error, "a descriptor of stdio or fds");
    server.reset();
  }
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

Reply close(const Arguments &arguments) {
  UniqueFd{arguments.integer(0)}.reset();
  return nothing();
}

template <Reply (*function)(const Arguments &)> Reply enter(std::span<const Value> values) { return function(Arguments{values}); }

constexpr host::Function table[] = {
    {"request",
     enter<send>,
     {{"path", Type::path}, {"text", Type::text}, {"stdio", Type::integer, true}, {"preserved", Type::integer, true}}},
    {"pipe", enter<pipe>, {}},
    {"socketPair", enter<socket_pair>, {}},
    {"receiveDescriptor", enter<receive_descriptor>, {{"socket", Type::integer}}},
    {"resize", enter<resize>, {{"fd", Type::integer}, {"columns", Type::integer}, {"rows", Type::integer}}},
    {"close", enter<close>, {{"fd", Type::integer}}},
};

} // namespace

std::span<const host::Function> functions() { return table; }

} // namespace pocker::client
