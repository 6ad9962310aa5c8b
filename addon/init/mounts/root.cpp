#include "root.h"

#include <fcntl.h>
#include <linux/mount.h>

#include "mounts.h"
#include "../paths.h"

namespace pocker::init {
namespace {

Outcome open_directory(int at, const char *path, UniqueFd &directory) {
  return check_fd("open", call(__NR_openat, at, path, O_PATH | O_DIRECTORY | O_CLOEXEC), directory, path);
}

/// In somebody else's mount namespace, what is attached to a shared mount would also appear for its peers. The mount that holds
/// `path` is found by walking up to its root.
Outcome make_parent_private(const char *path) {
  UniqueFd directory;
  if (Outcome outcome = open_directory(AT_FDCWD, path, directory); !outcome.ok()) return outcome;
  for (;;) {
    Status status;
    if (Outcome outcome = inspect(directory.get(), status); !outcome.ok()) return outcome;
    if (status.mount_root) break;
    UniqueFd child{directory.release()};
    if (Outcome outcome = open_directory(child.get(), "..", directory); !outcome.ok()) return outcome;
  }
  return set_attributes(directory.get(), {0, 0, MS_PRIVATE, 0}, false, path);
}

/// The host's null device, opened before anybody in the container could put something else in its place (CVE-2025-31133).
Outcome keep_null_device(Context &context) {
  Result opened = call(__NR_openat, AT_FDCWD, "/dev/null", O_PATH | O_NOFOLLOW | O_CLOEXEC);
  if (opened.error() == ENOENT) return success();
  UniqueFd device;
  if (Outcome outcome = check_fd("open", opened, device, "/dev/null"); !outcome.ok()) return outcome;
  Status status;
  if (Outcome outcome = inspect(device.get(), status); !outcome.ok()) return outcome;
  if (status.kind != Kind::character || status.major != 1 || status.minor != 3) return success();
  return clone_node(device.get(), "/dev/null", context.null_device);
}

Outcome pivot(const Context &context) {
  UniqueFd old;
  if (Outcome outcome = open_directory(AT_FDCWD, "/", old); !outcome.ok()) return outcome;
  if (Outcome outcome = check("fchdir", call(__NR_fchdir, context.root.get())); !outcome.ok()) return outcome;
  if (Outcome outcome = check("pivot_root", call(__NR_pivot_root, ".", ".")); !outcome.ok()) return outcome;
  // The old root is now on top of the new one. Unmounting it does not reach the host's mounts: none of its mounts is shared.
  if (Outcome outcome = check("fchdir", call(__NR_fchdir, old.get())); !outcome.ok()) return outcome;
  if (Outcome outcome = check("umount", call(__NR_umount2, ".", 2 /* MNT_DETACH */), "old root"); !outcome.ok()) return outcome;
  return check("chdir", call(__NR_chdir, "/"));
}

Outcome change_root(const Context &context) {
  if (Outcome outcome = check("fchdir", call(__NR_fchdir, context.root.get())); !outcome.ok()) return outcome;
  if (Outcome outcome = check("chroot", call(__NR_chroot, ".")); !outcome.ok()) return outcome;
  return check("chdir", call(__NR_chdir, "/"));
}

/// If the root cannot be pivoted, everything mounted on it is unmounted one by one.
Outcome move(Context &context) {
  UniqueFd root;
  if (Outcome outcome = open_directory(AT_FDCWD, "/", root); !outcome.ok()) return outcome;
  if (Outcome outcome = attach(context.root.get(), root.get(), "/"); !outcome.ok()) return outcome;
  if (Outcome outcome = detach_others(context, root.get()); !outcome.ok()) return outcome;
  return change_root(context);
}

Outcome leave_old_root(Context &context, plan::RootMethod method) {
  switch (method) {
  case plan::RootMethod_pivot: return pivot(context);
  case plan::RootMethod_move: return move(context);
  case plan::RootMethod_chroot: return change_root(context);
  }
  return failure("enter root", EINVAL);
}

} // namespace

Outcome tree_propagation(Context &, const plan::TreePropagation &operation) {
  UniqueFd root;
  if (Outcome outcome = open_directory(AT_FDCWD, "/", root); !outcome.ok()) return outcome;
  return set_attributes(root.get(), {0, 0, operation.propagation(), 0}, operation.recursive(), "/");
}

Outcome mount_root(Context &context, const plan::MountRoot &operation) {
  const char *path = operation.path()->c_str();
  if (Outcome outcome = keep_null_device(context); !outcome.ok()) return outcome;
  UniqueFd tree;
  if (operation.slot() >= 0 && static_cast<std::size_t>(operation.slot()) < source_slots) {
    tree = static_cast<UniqueFd &&>(context.sources[operation.slot()]);
  } else {
    Result cloned = call(__NR_open_tree, AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
    if (!cloned.ok()) return check("open_tree", cloned, path);
    tree.reset(cloned.fd());
  }
  if (operation.isolate_parent()) {
    if (Outcome outcome = make_parent_private(path); !outcome.ok()) return outcome;
  }
  UniqueFd target;
  if (Outcome outcome = open_directory(AT_FDCWD, path, target); !outcome.ok()) return outcome;
  if (Outcome outcome = attach(tree.get(), target.get(), path); !outcome.ok()) return outcome;
  // Only now: what is attached to a shared mount becomes shared.
  if (operation.isolate()) {
    if (Outcome outcome = set_attributes(tree.get(), {0, 0, MS_PRIVATE, 0}, true, path); !outcome.ok()) return outcome;
  }
  return open_directory(tree.get(), ".", context.root);
}

Outcome open_root(Context &context, const plan::OpenRoot &operation) {
  const char *path = operation.path()->c_str();
  if (Outcome outcome = open_directory(AT_FDCWD, path, context.root); !outcome.ok()) return outcome;
  if (operation.change()) return change_root(context);
  if (Outcome outcome = check("fchdir", call(__NR_fchdir, context.root.get()), path); !outcome.ok()) return outcome;
  return success();
}

Outcome enter_root(Context &context, const plan::EnterRoot &operation) {
  for (UniqueFd &id_map : context.id_maps) id_map.reset();
  if (Outcome outcome = leave_old_root(context, operation.method()); !outcome.ok()) return outcome;
  return open_directory(AT_FDCWD, "/", context.root);
}

} // namespace pocker::init
