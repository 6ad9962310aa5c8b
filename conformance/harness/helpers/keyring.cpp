// Session keyrings (keyctl(2)); linked statically, so that it also runs in a container.
//
//   keyring id                 prints the serial number of its own keyring
//   keyring squat NAME UID     as that user, takes a keyring with that name that everybody may use, prints its number and waits
//   keyring expired NAME UID   the same, with a keyring that has expired
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

constexpr int get_id = 0, join_session = 1, set_permissions = 5, set_timeout = 15, session_keyring = -3;

} // namespace

int main(int argc, char **argv) {
  bool expires = argc == 4 && std::strcmp(argv[1], "expired") == 0;
  bool squats = argc == 4 && (expires || std::strcmp(argv[1], "squat") == 0);
  if (squats && setuid(static_cast<uid_t>(std::atoi(argv[3]))) != 0) return EXIT_FAILURE;
  if (squats && syscall(SYS_keyctl, join_session, argv[2]) < 0) return EXIT_FAILURE;
  if (squats && syscall(SYS_keyctl, set_permissions, session_keyring, 0x3f3f3f3f) < 0) return EXIT_FAILURE;
  long own = syscall(SYS_keyctl, get_id, session_keyring, 0);
  if (expires && (syscall(SYS_keyctl, set_timeout, own, 1) < 0 || sleep(2) != 0)) return EXIT_FAILURE;
  std::printf("%ld\n", own);
  std::fflush(stdout);
  return squats ? pause() : 0;
}
