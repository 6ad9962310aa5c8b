// Bind mounts: which tree, with which attributes, onto what.
#include <fcntl.h>
#include <linux/mount.h>
#include <sys/statfs.h>

#include "arena.h"
#include "mounts.h"
#include "paths.h"
#include "unmount.h"

namespace pocker::init {
namespace {

/// What is mounted cannot have its locked flags cleared later, by whoever is root in the container (mount_namespaces(7)).
void reopen(const plan::MountBind &operation, UniqueFd &tree) {
  UniqueFd file{call(__NR_openat, AT_FDCWD, operation.source()->c_str(), O_PATH | O_CLOEXEC)};
  if (!file) return;
  Result cloned = clone_tree(file.get(), operation.recursive());
  if (cloned.ok()) tree.reset(cloned.fd());
}

/// The detached tree that is to be bound: of a slot, of a path in the rootfs, or of a host path.
Outcome source_tree(Context &context, const plan::MountBind &operation, UniqueFd &tree) {
  if (operation.slot() >= 0) {
    UniqueFd *slot = slot_of(context, operation.slot());
    if (slot == nullptr) return failure("open_tree", EINVAL, operation.target()->c_str());
    tree = static_cast<UniqueFd &&>(*slot);
    if (operation.reopen() && operation.source() != nullptr) reopen(operation, tree);
    return tree ? success() : failure("open_tree", EBADF, operation.target()->c_str());
  }
  if (operation.source() == nullptr) return failure("open_tree", EINVAL, operation.target()->c_str());
  const char *source = operation.source()->c_str();
  Result opened =
      operation.inside() ? open_in_root(context, source, O_PATH) : call(__NR_openat, AT_FDCWD, source, O_PATH | O_CLOEXEC);
  if (!opened.ok()) return check("open", opened, source);
  UniqueFd file{opened};
  Result cloned = clone_tree(file.get(), operation.recursive());
  if (cloned.ok()) tree.reset(cloned.fd());
  return check("open_tree", cloned, source);
}

/// Made-up files on /proc would speak for the kernel (CVE-2019-16884).
Outcome require_proc(int tree, const char *path) {
  struct statfs status {};
  if (Outcome outcome = check("fstatfs", call(__NR_fstatfs, tree, &status), path); !outcome.ok()) return outcome;
  return status.f_type == sys::magic_proc ? success() : failure("bind", EINVAL, path, "only a proc filesystem may be on /proc");
}

/// ST_* of statfs(2): what a user namespace may not take from a mount (mount_namespaces(7)). The kernel holds that for the mounts
/// that a new mount namespace begins with, but not for trees that were opened before.
struct Lockable {
  long flag;
  const char *name;
};
constexpr Lockable lockable[] = {{0x1, "ro"},     {0x2, "nosuid"},    {0x4, "nodev"},
                                 {0x8, "noexec"}, {0x400, "noatime"}, {0x800, "nodiratime"}};

Outcome change_attributes(const plan::MountBind &operation, int tree) {
  const char *path = operation.target()->c_str();
  if (Outcome outcome = set_attributes(tree, attributes(operation.recursive_set(), operation.recursive_clear()), true, path);
      !outcome.ok())
    return outcome;
  return set_attributes(tree, attributes(operation.attributes_set(), operation.attributes_clear()), false, path);
}

/// Compared before and after: "rw" takes nothing from a filesystem that is read-only as a whole.
Outcome change_locked(const plan::MountBind &operation, int tree) {
  const char *path = operation.target()->c_str();
  struct statfs before {
  }, after{};
  if (Outcome outcome = check("fstatfs", call(__NR_fstatfs, tree, &before), path); !outcome.ok()) return outcome;
  if (Outcome outcome = change_attributes(operation, tree); !outcome.ok()) return outcome;
  if (Outcome outcome = check("fstatfs", call(__NR_fstatfs, tree, &after), path); !outcome.ok()) return outcome;
  for (const auto &[flag, name] : lockable) {
    if ((before.f_flags & ~after.f_flags & flag) != 0) return failure("mount_setattr", EPERM, path, join(name, " is locked"));
  }
  return success();
}

Outcome bind(Context &context, const plan::MountBind &operation) {
  const char *path = operation.target()->c_str();
  UniqueFd tree, target;
  if (Outcome outcome = source_tree(context, operation, tree); !outcome.ok()) return outcome;
  Status status;
  if (Outcome outcome = inspect(tree.get(), status); !outcome.ok()) return outcome;
  if (Outcome outcome = open_target(context, path, status.kind == Kind::directory, target); !outcome.ok()) return outcome;
  if (std::string_view(path) == "/proc") {
    if (Outcome outcome = require_proc(tree.get(), path); !outcome.ok()) return outcome;
  }
  Outcome changed = operation.locked() ? change_locked(operation, tree.get()) : change_attributes(operation, tree.get());
  if (!changed.ok()) return changed;
  if (Outcome outcome = attach(tree.get(), target.get(), path); !outcome.ok())
    return explain_mismatch(outcome, status.kind, target.get());
  Outcome propagated = propagate(tree.get(), operation.propagation(), operation.propagation_recursive(), path);
  remember(context, tree);
  return propagated;
}

} // namespace

Outcome mount_bind(Context &context, const plan::MountBind &operation) {
  return tolerate(context, bind(context, operation), operation.optional());
}

} // namespace pocker::init
