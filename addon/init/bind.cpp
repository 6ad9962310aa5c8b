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
bool reopen(const plan::MountBind &operation, UniqueFd &tree) {
  UniqueFd file{call(__NR_openat, AT_FDCWD, operation.source()->c_str(), O_PATH | O_CLOEXEC)};
  if (!file) return false;
  Result cloned = clone_tree(file.get(), operation.recursive());
  if (cloned.ok()) tree.reset(cloned.fd());
  return cloned.ok();
}

/// The detached tree that is to be bound: of a slot, of a path in the rootfs, or of a host path.
Outcome source_tree(Context &context, const plan::MountBind &operation, UniqueFd &tree, bool &reopened) {
  if (operation.slot() >= 0) {
    UniqueFd *slot = slot_of(context, operation.slot());
    if (slot == nullptr) return failure("open_tree", EINVAL, operation.target()->c_str());
    tree = static_cast<UniqueFd &&>(*slot);
    reopened = operation.reopen() && operation.source() != nullptr && reopen(operation, tree);
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

Outcome change(const plan::MountBind &operation, int tree, bool locked) {
  const char *path = operation.target()->c_str();
  Changes own{operation.attributes_set(), operation.attributes_clear(), operation.attributes_unnamed(), operation.times_clear()};
  if (Outcome outcome = change_attributes(tree, own, locked, path); !outcome.ok()) return outcome;
  std::uint64_t clear = operation.recursive_clear();
  if (locked && (clear & ~std::uint64_t{MOUNT_ATTR__ATIME}) != 0)
    return failure("mount_setattr", EPERM, path, "the flags of the mounts below a source are locked");
  return set_attributes(tree, attributes(operation.recursive_set(), clear), true, path);
}

Outcome bind(Context &context, const plan::MountBind &operation) {
  const char *path = operation.target()->c_str();
  UniqueFd tree, target;
  bool reopened = false;
  if (Outcome outcome = source_tree(context, operation, tree, reopened); !outcome.ok()) return outcome;
  Status status;
  if (Outcome outcome = inspect(tree.get(), status); !outcome.ok()) return outcome;
  if (Outcome outcome = open_target(context, path, status.kind == Kind::directory, target); !outcome.ok()) return outcome;
  if (std::string_view(path) == "/proc") {
    if (Outcome outcome = require_proc(tree.get(), path); !outcome.ok()) return outcome;
  }
  if (Outcome outcome = change(operation, tree.get(), operation.locked() && !reopened); !outcome.ok()) return outcome;
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
