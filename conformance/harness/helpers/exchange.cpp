// The attacker in the race cases: exchanges two paths (renameat2, RENAME_EXCHANGE) endlessly, like a hostile container that
// shares a volume.
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
    // By number, because not every C library has the function. It does not matter if a path is missing for a moment.
    if (syscall(SYS_renameat2, AT_FDCWD, argv[1], AT_FDCWD, argv[2], RENAME_EXCHANGE) != 0) usleep(100);
    usleep(20);
  }
}
