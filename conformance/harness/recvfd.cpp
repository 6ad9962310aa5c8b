// Receives a container's terminal: listens on a Unix socket, takes one descriptor by SCM_RIGHTS (which Node cannot), tells
// about it in one line of JSON, then copies the terminal to standard output, and lines of standard input to the terminal.
//
//   recvfd SOCKET
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <poll.h>
#include <string>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace {

[[noreturn]] void fail(const char *what) {
  std::perror(what);
  _exit(1);
}

int listenAt(const char *path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (std::strlen(path) >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    fail(path);
  }
  std::strcpy(address.sun_path, path);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || bind(fd, reinterpret_cast<sockaddr *>(&address), sizeof address) != 0 || listen(fd, 1) != 0) fail(path);
  return fd;
}

/// The descriptor that came with the message, and the message in `name`.
int receive(int connection, std::string &name) {
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
  name.assign(text, static_cast<size_t>(size));
  const cmsghdr *header = CMSG_FIRSTHDR(&message);
  if (header == nullptr || header->cmsg_type != SCM_RIGHTS) {
    std::fprintf(stderr, "no descriptor came\n");
    _exit(1);
  }
  int fd = -1;
  std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
  return fd;
}

void describe(int terminal, const std::string &name) {
  winsize size{};
  struct stat status {};
  int number = -1;
  if (fstat(terminal, &status) != 0) fail("fstat");
  const bool isMaster = isatty(terminal) == 1 && ioctl(terminal, TIOCGPTN, &number) == 0;
  if (isMaster && ioctl(terminal, TIOCGWINSZ, &size) != 0) fail("ioctl");
  std::string plain;
  for (const char c : name)
    if (c >= ' ' && c != '"' && c != '\\') plain += c;
  std::printf("{\"name\": \"%s\", \"isMaster\": %s, \"pts\": %d, \"rows\": %d, \"columns\": %d}\n", plain.c_str(),
              isMaster ? "true" : "false", number, size.ws_row, size.ws_col);
  std::fflush(stdout);
}

/// False at the end of `from`.
bool copy(int from, int to) {
  char buffer[4096];
  const ssize_t size = read(from, buffer, sizeof buffer);
  return size > 0 && write(to, buffer, static_cast<size_t>(size)) == size;
}

} // namespace

int main(int argc, char **argv) {
  if (argc != 2) return 64;
  const int connection = accept(listenAt(argv[1]), nullptr, nullptr);
  if (connection < 0) fail("accept");
  std::string name;
  const int terminal = receive(connection, name);
  describe(terminal, name);
  pollfd watched[] = {{terminal, POLLIN, 0}, {0, POLLIN, 0}};
  while (poll(watched, 2, -1) > 0) {
    if ((watched[0].revents & (POLLIN | POLLHUP)) != 0 && !copy(terminal, 1)) return 0;
    if ((watched[1].revents & (POLLIN | POLLHUP)) != 0 && !copy(0, terminal)) watched[1].fd = -1;
  }
}
