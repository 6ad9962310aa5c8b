// Receives a descriptor from a Unix socket (SCM_RIGHTS), which Node cannot: for the helper programs in this folder.
#pragma once

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace harness {

[[noreturn]] inline void fail(const char *what) {
  std::perror(what);
  _exit(1);
}

/// Listens at the path, and waits for a connection.
inline int accept_at(const char *path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (std::strlen(path) >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    fail(path);
  }
  std::strcpy(address.sun_path, path);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || bind(fd, reinterpret_cast<sockaddr *>(&address), sizeof address) != 0 || listen(fd, 1) != 0) fail(path);
  const int connection = accept(fd, nullptr, nullptr);
  if (connection < 0) fail("accept");
  return connection;
}

/// Appends one message to `text`; false at the end. `fd`: the descriptor that came with it, if any.
inline bool receive(int connection, std::string &text, int &fd) {
  char buffer[4096];
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))];
  iovec part{buffer, sizeof buffer};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  const ssize_t size = recvmsg(connection, &message, MSG_CMSG_CLOEXEC);
  if (size < 0) fail("recvmsg");
  text.append(buffer, static_cast<std::size_t>(size));
  const cmsghdr *header = CMSG_FIRSTHDR(&message);
  if (header != nullptr && header->cmsg_type == SCM_RIGHTS) std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
  return size > 0;
}

} // namespace harness
