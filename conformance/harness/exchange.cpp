// The attacker of the race cases: exchanges two paths (renameat2, RENAME_EXCHANGE) without end, as a hostile container that
// shares a volume would.
//
//   exchange PATH PATH
#include <cstdio>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc != 3) return 64;
  for (;;) {
    // By number: not every C library has the function. A path that is missing for a moment is part of the game.
    if (syscall(SYS_renameat2, AT_FDCWD, argv[1], AT_FDCWD, argv[2], RENAME_EXCHANGE) != 0) usleep(100);
    usleep(20);
  }
}
