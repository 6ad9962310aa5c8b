// The parent of vfork(2) sleeps uninterruptibly (state D), except for SIGKILL, until the child executes a program or ends; this child
// never does.
#include <unistd.h>

int main() {
  if (vfork() == 0) {
    for (;;) pause();
  }
  return 1;
}
