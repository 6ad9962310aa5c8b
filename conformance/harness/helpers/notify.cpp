// Both ends of sd_notify(3): `notify listen SOCKET` stands in for a service manager and prints every message; `notify TEXT` sends
// one to $NOTIFY_SOCKET. Linked statically, so that it runs in a container.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace {

sockaddr_un address_of(const char *path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  return address;
}

[[noreturn]] void fail(const char *what) {
  std::perror(what);
  _exit(1);
}

[[noreturn]] void listen_at(const char *path) {
  const sockaddr_un address = address_of(path);
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || bind(fd, reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0) fail(path);
  for (;;) {
    char text[4096];
    const ssize_t size = recv(fd, text, sizeof text, 0);
    if (size < 0) fail("recv");
    std::printf("%s\n", std::string(text, static_cast<std::size_t>(size)).c_str());
    std::fflush(stdout);
  }
}

} // namespace

int main(int argc, char **argv) {
  if (argc == 3 && std::strcmp(argv[1], "listen") == 0) listen_at(argv[2]);
  const char *path = std::getenv("NOTIFY_SOCKET");
  if (argc != 2 || path == nullptr) return 64;
  const sockaddr_un address = address_of(path);
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (sendto(fd, argv[1], std::strlen(argv[1]), 0, reinterpret_cast<const sockaddr *>(&address), sizeof address) < 0) fail(path);
  return 0;
}
