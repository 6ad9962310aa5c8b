// Receives a container's terminal: listens on a Unix socket, takes one descriptor through SCM_RIGHTS (which Node cannot),
// describes it in one line of JSON, then copies the terminal to standard output, and lines of standard input to the terminal.
//
//   recvfd SOCKET
#include <cstdio>
#include <poll.h>
#include <string>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "descriptors.h"

namespace {

void describe(int terminal, const std::string &name) {
  winsize size{};
  struct stat status {};
  int number = -1;
  if (fstat(terminal, &status) != 0) harness::fail("fstat");
  const bool isMaster = isatty(terminal) == 1 && ioctl(terminal, TIOCGPTN, &number) == 0;
  if (isMaster && ioctl(terminal, TIOCGWINSZ, &size) != 0) harness::fail("ioctl");
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
  std::string name;
  int terminal = -1;
  harness::receive(harness::accept_at(argv[1]), name, terminal);
  if (terminal < 0) {
    std::fprintf(stderr, "no descriptor came\n");
    return 1;
  }
  describe(terminal, name);
  pollfd watched[] = {{terminal, POLLIN, 0}, {0, POLLIN, 0}};
  while (poll(watched, 2, -1) > 0) {
    if ((watched[0].revents & (POLLIN | POLLHUP)) != 0 && !copy(terminal, 1)) return 0;
    if ((watched[1].revents & (POLLIN | POLLHUP)) != 0 && !copy(0, terminal)) watched[1].fd = -1;
  }
}
