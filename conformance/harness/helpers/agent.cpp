// A seccomp agent: listens on a Unix socket, receives the container process state and the notify fd (which Node cannot), prints
// the state as one line, then answers every notification with an errno and prints the system call's number.
//
//   agent SOCKET ERRNO
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <linux/seccomp.h>
#include <string>
#include <sys/ioctl.h>

#include "descriptors.h"

int main(int argc, char **argv) {
  if (argc != 3) return 64;
  int listener = -1;
  std::string state;
  const int connection = harness::accept_at(argv[1]);
  while (harness::receive(connection, state, listener)) {
  }
  // Some write it in several lines.
  std::replace(state.begin(), state.end(), '\n', ' ');
  std::printf("%s\n", state.c_str());
  std::fflush(stdout);
  if (listener < 0) return 1;
  for (;;) {
    seccomp_notif request{};
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &request) != 0) {
      if (errno == EINTR || errno == ENOENT) continue;
      harness::fail("SECCOMP_IOCTL_NOTIF_RECV");
    }
    std::printf("%d\n", request.data.nr);
    std::fflush(stdout);
    seccomp_notif_resp response{};
    response.id = request.id;
    response.error = -std::atoi(argv[2]);
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response) != 0 && errno != ENOENT) harness::fail("SECCOMP_IOCTL_NOTIF_SEND");
  }
}
