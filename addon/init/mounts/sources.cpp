// Bind sources for an existing container: opened in the runtime's view with its privileges, but with the flags of their mounts
// locked, as the container's user namespace would have them in a copy of that view (mount_namespaces(7)).
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>

#include "../arena.h"
#include "filesystem.h"
#include "mounts.h"
#include "../paths.h"

namespace pocker::init {
namespace {

/// Attaches the tree in the tmpfs, under the slot's number.
Outcome put(int tmpfs, const char *name, const UniqueFd &tree) {
  Status status;
  if (Outcome outcome = inspect(tree.get(), status); !outcome.ok()) return outcome;
  if (status.kind == Kind::directory) {
    if (Outcome outcome = check("mkdirat", call(__NR_mkdirat, tmpfs, name, 0700), name); !outcome.ok()) return outcome;
  } else {
    Result made = call(__NR_openat, tmpfs, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    if (!made.ok()) return check("open", made, name);
    UniqueFd closed{made};
  }
  UniqueFd mount_point;
  Result opened = call(__NR_openat, tmpfs, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  if (Outcome outcome = check_fd("open", opened, mount_point, name); !outcome.ok()) return outcome;
  return attach(tree.get(), mount_point.get(), name);
}

} // namespace

Outcome attach_hidden_tmpfs(UniqueFd &tmpfs) {
  UniqueFd context, root;
  if (Outcome outcome = check_fd("fsopen", call(__NR_fsopen, "tmpfs", FSOPEN_CLOEXEC), context, "tmpfs"); !outcome.ok())
    return outcome;
  if (Outcome outcome = configure_command(context.get(), sys::fsconfig_create, "tmpfs"); !outcome.ok()) return outcome;
  Result made = call(__NR_fsmount, context.get(), FSMOUNT_CLOEXEC, 0);
  if (Outcome outcome = check_fd("fsmount", made, tmpfs, "tmpfs"); !outcome.ok()) return outcome;
  Result opened = call(__NR_openat, AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (Outcome outcome = check_fd("open", opened, root, "/"); !outcome.ok()) return outcome;
  return attach(tmpfs.get(), root.get(), "/");
}

Outcome detach_hidden(const UniqueFd &tmpfs) {
  if (Outcome outcome = check("fchdir", call(__NR_fchdir, tmpfs.get())); !outcome.ok()) return outcome;
  if (Outcome outcome = check("umount2", call(__NR_umount2, ".", 2 /* MNT_DETACH */)); !outcome.ok()) return outcome;
  return check("chdir", call(__NR_chdir, "/"));
}

Outcome attach_sources(Context &context) {
  if (Outcome outcome = attach_hidden_tmpfs(context.kept); !outcome.ok()) return outcome;
  for (; context.kept_count < source_slots && context.sources[context.kept_count]; ++context.kept_count) {
    const char *name = decimal(static_cast<long>(context.kept_count));
    if (Outcome outcome = put(context.kept.get(), name, context.sources[context.kept_count]); !outcome.ok()) return outcome;
  }
  return success();
}

Outcome unshare_mounts(Context &context) {
  // The working directory moves into the copy; a descriptor would stay behind.
  if (context.kept) {
    if (Outcome outcome = check("fchdir", call(__NR_fchdir, context.kept.get())); !outcome.ok()) return outcome;
  }
  if (Outcome outcome = check("unshare", call(__NR_unshare, CLONE_NEWNS), "mount"); !outcome.ok()) return outcome;
  for (std::size_t slot = 0; slot < context.kept_count; ++slot) {
    const char *name = decimal(static_cast<long>(slot));
    Result cloned = call(__NR_open_tree, AT_FDCWD, name, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
    if (!cloned.ok()) return check("open_tree", cloned, name);
    context.sources[slot].reset(cloned.fd());
  }
  return check("chdir", call(__NR_chdir, "/"));
}

} // namespace pocker::init
