// `knock PATH UID`: as that user, connects to the gate at PATH (addon/channel/message.h) and says go; prints the result.
// `knock PATH UID silent`: only connects, prints that, and stays.
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <string>

namespace {

struct Header {
  std::uint32_t message = 6; // go
  std::uint32_t step = 0;
  std::int64_t number = 0;
  std::uint32_t text_length = 2, path_length = 0;
};

int say(const char *what, int error) {
  std::printf("%s: %s\n", what, error == 0 ? "done" : std::strerror(error));
  std::fflush(stdout);
  return error == 0 ? 0 : 1;
}

int go(int fd) {
  Header header;
  char packet[sizeof header + 2];
  std::memcpy(packet, &header, sizeof header);
  std::memcpy(packet + sizeof header, "{}", 2);
  if (send(fd, packet, sizeof packet, MSG_NOSIGNAL) < 0) return say("send", errno);
  // The end of file is the program's execve(2).
  ssize_t size = recv(fd, packet, sizeof packet, 0);
  return say("go", size < 0 ? errno : 0);
}

} // namespace

int main(int argc, char **argv) {
  if (argc < 3) return 64;
  const auto uid = static_cast<uid_t>(std::stoul(argv[2]));
  if (setresgid(uid, uid, uid) != 0 || setresuid(uid, uid, uid) != 0) return say("setresuid", errno);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, argv[1], sizeof address.sun_path - 1);
  const int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  if (connect(fd, reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0) return say("connect", errno);
  if (argc == 3) return go(fd);
  say("connect", 0);
  for (;;) pause();
}
