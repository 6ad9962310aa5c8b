#include "unmount.h"

#include <fcntl.h>
#include <linux/openat2.h>

#include "../arena.h"
#include "../channel.h"
#include "../paths.h"

namespace pocker::init {
namespace {

constexpr int mnt_detach = 2;
constexpr const char *not_there = "nothing is mounted there";

} // namespace

/// umount2(2) takes only a path: a link in /proc/self/fd is one that nobody can change.
Result detach(const Context &context, int mount) {
  if (Result there = call(__NR_fchdir, context.descriptors.get()); !there.ok()) return there;
  Result result = call(__NR_umount2, decimal(mount), mnt_detach);
  Result back = call(__NR_chdir, "/");
  return result.ok() ? back : result;
}

Outcome open_descriptors(Context &context, const plan::OpenDescriptors &operation) {
  Result opened = call(__NR_openat, AT_FDCWD, "/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (!opened.ok()) return check("open", opened, "/proc/self/fd");
  context.descriptors.reset(opened.fd());
  context.undo = operation.undo();
  return success();
}

Outcome unmount(Context &context, const plan::Unmount &operation) {
  const char *path = operation.path()->c_str();
  Result opened = open_in_root(context, path, O_PATH | O_NOFOLLOW, RESOLVE_NO_SYMLINKS);
  if (opened.error() == ELOOP)
    return failure("umount", ELOOP, path, "the path contains a symbolic link; give the path that it leads to");
  if (opened.error() == ENOENT || opened.error() == ENOTDIR) return failure("umount", opened.error(), path, not_there);
  if (!opened.ok()) return check("openat2", opened, path);
  UniqueFd mount{opened};
  Status status;
  if (Outcome outcome = inspect(mount.get(), status); !outcome.ok()) return outcome;
  if (!status.mount_root && status.kind == Kind::symlink)
    return failure("umount", ELOOP, path, "the path contains a symbolic link; give the path that it leads to");
  if (!status.mount_root) return failure("umount", EINVAL, path, not_there);
  return operation.probe() ? success() : check("umount", detach(context, mount.get()), path);
}

void remember(Context &context, UniqueFd &mount) {
  if (context.undo && context.made_count < source_slots) context.made[context.made_count++] = static_cast<UniqueFd &&>(mount);
}

void undo_mounts(Context &context) {
  while (context.made_count > 0) {
    UniqueFd &mount = context.made[--context.made_count];
    Result result = detach(context, mount.get());
    if (!result.ok()) warn(context, "a mount that was already made could not be removed again", decimal(result.error()));
  }
}

} // namespace pocker::init
