#include "terminal.h"

#include <asm/ioctls.h>
#include <sys/statfs.h>
#include <asm/termios.h>
#include <fcntl.h>

#include "../channel.h"
#include "../mounts/mounts.h"
#include "../paths.h"

namespace pocker::init {
namespace {

constexpr const char *ptmx = "/dev/pts/ptmx";

Outcome open_master(const Context &context, UniqueFd &master) {
  Result opened = open_in_root(context, ptmx, O_RDWR | O_NOCTTY);
  if (!opened.ok()) return failure("open", opened.error(), ptmx, "process.terminal needs a devpts mount on /dev/pts");
  master.reset(opened.fd());
  struct statfs status {};
  if (Outcome outcome = check("fstatfs", call(__NR_fstatfs, master.get(), &status), ptmx); !outcome.ok()) return outcome;
  return status.f_type == sys::magic_devpts ? success() : failure("open", ENODEV, ptmx, "/dev/pts is not a devpts");
}

/// TIOCGPTPEER: gets the slave from the master itself, never by its path, which the container could change (CVE-2025-52565).
Outcome open_slave(const UniqueFd &master, UniqueFd &slave) {
  int unlock = 0;
  if (Outcome outcome = check("ioctl(TIOCSPTLCK)", call(__NR_ioctl, master.get(), TIOCSPTLCK, &unlock)); !outcome.ok())
    return outcome;
  Result peer = call(__NR_ioctl, master.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (peer.ok()) slave.reset(peer.fd());
  return check("ioctl(TIOCGPTPEER)", peer);
}

Outcome set_size(const UniqueFd &slave, const plan::Terminal &operation) {
  if (operation.rows() == 0 && operation.columns() == 0) return success();
  winsize size{operation.rows(), operation.columns(), 0, 0};
  return check("ioctl(TIOCSWINSZ)", call(__NR_ioctl, slave.get(), TIOCSWINSZ, &size));
}

Outcome bind_console(const Context &context, const UniqueFd &slave) {
  constexpr const char *console = "/dev/console";
  DirectoryEntry entry;
  if (Outcome outcome = make_parent(context, console, entry); !outcome.ok()) return outcome;
  Result made = call(__NR_openat, entry.directory.get(), entry.name, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC, 0600);
  if (!made.ok() && made.error() != EEXIST) return check("open", made, console);
  UniqueFd created{made};
  Result opened = call(__NR_openat, entry.directory.get(), entry.name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  if (!opened.ok()) return check("open", opened, console);
  UniqueFd target{opened};
  Status status;
  if (Outcome outcome = inspect(target.get(), status); !outcome.ok()) return outcome;
  if (status.kind == Kind::symlink) return failure("mount", ELOOP, console, "must not be a symbolic link");
  Result cloned = clone_tree(slave.get(), false);
  if (!cloned.ok()) return check("open_tree", cloned, console);
  UniqueFd tree{cloned};
  return attach(tree.get(), target.get(), console);
}

Outcome take_over_stdio(const UniqueFd &slave) {
  if (Outcome outcome = check("ioctl(TIOCSCTTY)", call(__NR_ioctl, slave.get(), TIOCSCTTY, 0)); !outcome.ok()) return outcome;
  for (int fd = 0; fd <= 2; ++fd) {
    if (Outcome outcome = check("dup3", call(__NR_dup3, slave.get(), fd, 0)); !outcome.ok()) return outcome;
  }
  return success();
}

} // namespace

Outcome terminal(Context &context, const plan::Terminal &operation) {
  UniqueFd master, slave;
  if (Outcome outcome = open_master(context, master); !outcome.ok()) return outcome;
  if (Outcome outcome = open_slave(master, slave); !outcome.ok()) return outcome;
  if (Outcome outcome = set_size(slave, operation); !outcome.ok()) return outcome;
  if (Outcome outcome = check("fchown", call(__NR_fchown, slave.get(), operation.uid(), -1)); !outcome.ok()) return outcome;
  if (operation.bind()) {
    if (Outcome outcome = bind_console(context, slave); !outcome.ok()) return outcome;
  }
  if (Outcome outcome = send(context, Message::console, {.text = ptmx, .fd = master.get()}); !outcome.ok()) return outcome;
  return take_over_stdio(slave);
}

} // namespace pocker::init
