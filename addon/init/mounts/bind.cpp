// Bind mounts: which tree, with which attributes, onto what.
#include <fcntl.h>
#include <limits.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <sys/statfs.h>

#include "../arena.h"
#include "mounts.h"
#include "../paths.h"
#include "unmount.h"

namespace pocker::init {
namespace {

bool wants_link(const plan::MountBind &operation) { return operation.source_nofollow() || operation.copy_symlink(); }

/// The source as this mount namespace has it now, including what earlier mounts of the list have made.
Result look_up(const Context &context, const plan::MountBind &operation) {
  std::uint64_t flags = O_PATH | O_CLOEXEC | (wants_link(operation) ? O_NOFOLLOW : 0);
  if (operation.inside() != nullptr) {
    // The container's root cannot get there along the host's path, and a link in the image may lead back to it (EXDEV).
    sys::OpenHow how{flags, 0, RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
    Result found = call(__NR_openat2, context.root.get(), operation.inside()->c_str(), &how, sizeof how);
    if (found.error() != EXDEV) return found;
  }
  return call(__NR_openat, AT_FDCWD, operation.source()->c_str(), flags);
}

/// Once mounted, its locked flags cannot be cleared, not even by root in the container (mount_namespaces(7)).
Outcome reopen(const Context &context, const plan::MountBind &operation, UniqueFd &tree, bool &reopened) {
  const char *source = operation.source()->c_str();
  Result found = look_up(context, operation);
  UniqueFd file{found};
  Result cloned = found.ok() ? clone_tree(file.get(), operation.recursive()) : found;
  reopened = cloned.ok();
  if (reopened) tree.reset(cloned.fd());
  return reopened || tree ? success() : check("open", cloned, source);
}

/// An id map needs privileges that only the host's root has, who opened the source before any mount of the list was made.
Outcome require_same(const Context &context, const plan::MountBind &operation, int tree) {
  Result looked_up = look_up(context, operation);
  bool absent = looked_up.error() == ENOENT || looked_up.error() == ENOTDIR || looked_up.error() == EACCES;
  if (absent) return success();
  UniqueFd now;
  if (Outcome outcome = check_fd("open", looked_up, now, operation.source()->c_str()); !outcome.ok()) return outcome;
  Status opened, found;
  if (Outcome outcome = inspect(tree, opened); !outcome.ok()) return outcome;
  if (Outcome outcome = inspect(now.get(), found); !outcome.ok()) return outcome;
  if (opened.inode == found.inode && opened.device == found.device) return success();
  return failure("open_tree", EINVAL, operation.source()->c_str(),
                 "an earlier mount covers it, so it cannot be id-mapped in a user namespace");
}

/// The detached tree to bind: from a slot, or from a path.
Outcome source_tree(Context &context, const plan::MountBind &operation, UniqueFd &tree, bool &reopened) {
  if (operation.source() == nullptr) return failure("open_tree", EINVAL, operation.target()->c_str());
  if (operation.slot() >= 0) {
    UniqueFd *slot = slot_of(context, operation.slot());
    if (slot == nullptr) return failure("open_tree", EINVAL, operation.target()->c_str());
    tree = static_cast<UniqueFd &&>(*slot);
    if (operation.reopen()) return reopen(context, operation, tree, reopened);
    if (!tree) return failure("open_tree", EBADF, operation.target()->c_str());
    return operation.verify() ? require_same(context, operation, tree.get()) : success();
  }
  const char *source = operation.source()->c_str();
  Result opened = look_up(context, operation);
  if (!opened.ok()) return check("open", opened, source);
  UniqueFd file{opened};
  Result cloned = clone_tree(file.get(), operation.recursive());
  if (!cloned.ok()) return check("open_tree", cloned, source);
  tree.reset(cloned.fd());
  return map_ids(context, operation.id_map(), operation.id_map_recursive(), tree.get(), source);
}

/// copy-symlink: the same link, unless it exists already.
Outcome copy_link(const Context &context, int link, const char *path) {
  const auto read = [path](int at, const char *name, const char *&text) {
    char *buffer = static_cast<char *>(allocate(PATH_MAX + 1));
    text = buffer;
    return check("readlink", call(__NR_readlinkat, at, name, buffer, PATH_MAX), path);
  };
  const char *wanted = "", *found = "";
  if (Outcome outcome = read(link, "", wanted); !outcome.ok()) return outcome;
  DirectoryEntry entry;
  if (Outcome outcome = make_parent(context, path, entry); !outcome.ok()) return outcome;
  Result made = call(__NR_symlinkat, wanted, entry.directory.get(), entry.name);
  if (made.error() != EEXIST) return check("symlink", made, path);
  Outcome there = read(entry.directory.get(), entry.name, found);
  if (there.ok() && std::string_view(wanted) == found) return success();
  return failure("symlink", EEXIST, path, "something other than that link is there");
}

/// Forged files on /proc would speak for the kernel (CVE-2019-16884).
Outcome require_proc(int tree, const char *path) {
  struct statfs status {};
  if (Outcome outcome = check("fstatfs", call(__NR_fstatfs, tree, &status), path); !outcome.ok()) return outcome;
  return status.f_type == sys::magic_proc ? success()
                                          : failure("bind", EINVAL, path, "only a proc filesystem may be mounted on /proc");
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
  if (operation.copy_symlink() && status.kind == Kind::symlink) return copy_link(context, tree.get(), path);
  Outcome found = operation.target_nofollow() ? open_exact(context, path, target)
                                              : open_target(context, path, status.kind == Kind::directory, target);
  if (!found.ok()) return found;
  if (std::string_view(path) == "/proc") {
    if (Outcome outcome = require_proc(tree.get(), path); !outcome.ok()) return outcome;
  }
  if (Outcome outcome = change(operation, tree.get(), operation.locked() && !reopened); !outcome.ok()) return outcome;
  if (Outcome outcome = attach(tree.get(), target.get(), path); !outcome.ok())
    return explain_mismatch(outcome, status.kind, target.get());
  Outcome outcome = finish_attached(context, operation, tree);
  remember(context, tree);
  return outcome;
}

} // namespace

Outcome mount_bind(Context &context, const plan::MountBind &operation) {
  return tolerate(context, bind(context, operation), operation.optional());
}

} // namespace pocker::init
