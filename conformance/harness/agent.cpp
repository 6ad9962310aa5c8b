// A seccomp agent: listens on a Unix socket, takes the container process state and the notify fd (which Node cannot), prints the
// state as one line, then answers every notification with an errno and prints the number of the system call.
//
//   agent SOCKET ERRNO
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <linux/seccomp.h>
#include <string>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace {

[[noreturn]] void fail(const char *what) {
  std::perror(what);
  _exit(1);
}

int accept_at(const char *path) {
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

/// Everything until the other end is closed, and the descriptor that came with it.
std::string receive(int connection, int &fd) {
  std::string all;
  for (;;) {
    char text[4096];
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))];
    iovec part{text, sizeof text};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    const ssize_t size = recvmsg(connection, &message, MSG_CMSG_CLOEXEC);
    if (size < 0) fail("recvmsg");
    if (size == 0) return all;
    all.append(text, static_cast<std::size_t>(size));
    const cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header != nullptr && header->cmsg_type == SCM_RIGHTS) std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
  }
}

} // namespace

int main(int argc, char **argv) {
  if (argc != 3) return 64;
  int listener = -1;
  const std::string state = receive(accept_at(argv[1]), listener);
  std::printf("%s\n", state.c_str());
  std::fflush(stdout);
  if (listener < 0) return 1;
  for (;;) {
    seccomp_notif request{};
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &request) != 0) {
      if (errno == EINTR || errno == ENOENT) continue;
      fail("SECCOMP_IOCTL_NOTIF_RECV");
    }
    std::printf("%d\n", request.data.nr);
    std::fflush(stdout);
    seccomp_notif_resp response{};
    response.id = request.id;
    response.error = -std::atoi(argv[2]);
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response) != 0 && errno != ENOENT) fail("SECCOMP_IOCTL_NOTIF_SEND");
  }
}
