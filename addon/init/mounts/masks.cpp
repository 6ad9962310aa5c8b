// What the container must not see (maskedPaths) or change (readonlyPaths). A path that does not exist needs neither.
#include <fcntl.h>
#include <linux/mount.h>

#include "mounts.h"
#include "../paths.h"

namespace pocker::init {
namespace {

/// ENOENT and ENOTDIR: the kernel or the image has no such path.
bool absent(Result result) { return result.error() == ENOENT || result.error() == ENOTDIR; }

/// A path below /proc or /sys is looked up in the mount made there, not by name: the name may now lead to another directory.
Result open_covered(const Context &context, const char *path) {
  std::string_view text{path};
  const UniqueFd &mount = text.starts_with("/proc/") ? context.proc_mount : context.sys_mount;
  bool below = text.starts_with("/proc/") || text.starts_with("/sys/");
  if (!below || !mount) return open_in_root(context, path, O_PATH);
  return open_below(mount.get(), path + text.find('/', 1), O_PATH);
}

Outcome make_empty_directory(UniqueFd &mount) {
  UniqueFd context;
  if (Outcome outcome = check_fd("fsopen", call(__NR_fsopen, "tmpfs", FSOPEN_CLOEXEC), context, "tmpfs"); !outcome.ok())
    return outcome;
  constexpr const char *parameters[][2] = {{"nr_blocks", "1"}, {"nr_inodes", "1"}, {"mode", "0555"}};
  for (const auto &[key, value] : parameters) {
    Result set = call(__NR_fsconfig, context.get(), sys::fsconfig_set_string, key, value, 0);
    if (!set.ok()) return check("fsconfig", set, key);
  }
  if (Outcome outcome = check("fsconfig", call(__NR_fsconfig, context.get(), sys::fsconfig_create, nullptr, nullptr, 0), "tmpfs");
      !outcome.ok())
    return outcome;
  Result made = call(__NR_fsmount, context.get(), FSMOUNT_CLOEXEC,
                     MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
  if (made.ok()) mount.reset(made.fd());
  return check("fsmount", made, "tmpfs");
}

/// The first place gets the mount itself, the others clones of it: before Linux 6.15, a detached mount cannot be cloned.
Outcome cover(UniqueFd &mount, bool &attached, int target, const char *path) {
  if (!attached) {
    attached = true;
    return attach(mount.get(), target, path);
  }
  Result cloned = clone_tree(mount.get(), false);
  if (!cloned.ok()) return check("open_tree", cloned, path);
  UniqueFd copy{cloned};
  return attach(copy.get(), target, path);
}

Outcome mask_directory(Context &context, int target, const char *path) {
  bool attached = static_cast<bool>(context.mask_directory);
  if (!attached) {
    if (Outcome outcome = make_empty_directory(context.mask_directory); !outcome.ok()) return outcome;
  }
  return cover(context.mask_directory, attached, target, path);
}

Outcome compare_with_root(const Context &context, int fd, bool &is_root) {
  Status root, status;
  if (Outcome outcome = inspect(fd, status); !outcome.ok()) return outcome;
  if (Outcome outcome = inspect(context.root.get(), root); !outcome.ok()) return outcome;
  is_root = status.mount_root && status.mount_id == root.mount_id;
  return success();
}

} // namespace

Outcome mask_path(Context &context, const plan::MaskPath &operation) {
  const char *path = operation.path()->c_str();
  Result opened = open_covered(context, path);
  if (absent(opened)) return success();
  if (!opened.ok()) return check("openat2", opened, path);
  UniqueFd target{opened};
  Status status;
  if (Outcome outcome = inspect(target.get(), status); !outcome.ok()) return outcome;
  if (status.kind == Kind::directory) return mask_directory(context, target.get(), path);
  if (!context.null_device) return failure("mask", ENODEV, path, "the host's /dev/null is not the null device");
  return cover(context.null_device, context.null_attached, target.get(), path);
}

Outcome readonly_path(Context &context, const plan::ReadonlyPath &operation) {
  const char *path = operation.path()->c_str();
  Result opened = open_covered(context, path);
  if (absent(opened)) return success();
  if (!opened.ok()) return check("openat2", opened, path);
  UniqueFd target{opened};
  bool is_root = false;
  if (Outcome outcome = compare_with_root(context, target.get(), is_root); !outcome.ok()) return outcome;
  // Processes stay below what is mounted on their root.
  if (is_root) return set_attributes(target.get(), {MOUNT_ATTR_RDONLY, 0, 0, 0}, false, path);
  Result cloned = clone_tree(target.get(), true);
  if (!cloned.ok()) return check("open_tree", cloned, path);
  UniqueFd tree{cloned};
  if (Outcome outcome = set_attributes(tree.get(), {MOUNT_ATTR_RDONLY, 0, 0, 0}, true, path); !outcome.ok()) return outcome;
  return attach(tree.get(), target.get(), path);
}

} // namespace pocker::init
