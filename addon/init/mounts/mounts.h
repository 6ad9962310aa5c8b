// Mounts in the rootfs, by file descriptor throughout: fsopen or open_tree, mount_setattr, move_mount.
#pragma once

#include "../context.h"
#include "../paths.h"

namespace pocker::init {

/// attributes.cpp
/// What to set and what to clear. MOUNT_ATTR__ATIME is one field with several values: changing part of it clears all of it.
sys::MountAttr attributes(std::uint64_t set, std::uint64_t clear);
/// mount_setattr(2) on an open mount. If there is nothing to do, no call is made.
Outcome set_attributes(int mount, const sys::MountAttr &attributes, bool recursive, const char *path);

/// MOUNT_ATTR_*; for the meaning of the last two, see MountBind in the plan's schema.
struct Changes {
  std::uint64_t set, clear, unnamed, times_clear;
};
/// For a single mount. `locked`: the kernel would drop flags that it keeps in a mount namespace of the container.
Outcome change_attributes(int mount, const Changes &changes, bool locked, const char *path);

Outcome propagate(int mount, std::uint32_t propagation, bool recursive, const char *path);

/// move_mount(2) of a detached mount onto an open target.
Outcome attach(int mount, int target, const char *path);

/// move_mount(2) returns EINVAL for many things; a directory on a file, or the reverse, becomes ENOTDIR, as with mount(2).
Outcome explain_mismatch(Outcome outcome, Kind source, int target);

/// open_tree(2, OPEN_TREE_CLONE) of an open file.
Result clone_tree(int fd, bool recursive);

/// Remembers it for steps that change an attached mount later; -1: there are none.
Outcome keep_mount(Context &context, int slot, const UniqueFd &mount);

/// The slot of a bind source or of a filesystem made earlier; null: there is no such slot.
UniqueFd *slot_of(Context &context, int slot);

/// If an optional mount fails, that is reported but not fatal.
Outcome tolerate(const Context &context, const Outcome &outcome, bool optional);

/// id_map.cpp
Outcome id_map(Context &context, const plan::IdMap &operation);
/// Shows a mount's ids through the maps in a slot; -1: none.
Outcome map_ids(const Context &context, int slot, bool recursive, int mount, const char *path);

/// bind.cpp
Outcome mount_bind(Context &context, const plan::MountBind &operation);

/// sources.cpp
/// On top of the root, where no path leads.
Outcome attach_hidden_tmpfs(UniqueFd &tmpfs);
/// Unmounts it; the working directory becomes "/".
Outcome detach_hidden(const UniqueFd &tmpfs);
Outcome attach_sources(Context &context);
Outcome unshare_mounts(Context &context);

/// Lends a host node that cannot be changed: writing to the device works, but chmod(2) and chown(2) fail with EROFS.
Outcome clone_node(int fd, const char *path, UniqueFd &tree);

/// Remembers a mount on /proc or /sys for masks.cpp.
Outcome keep_kernel_mount(Context &context, const char *path, const UniqueFd &mount);

/// What every mount needs once it is attached. `Operation`: MountFilesystem or MountBind.
template <typename Operation> Outcome finish_attached(Context &context, const Operation &operation, const UniqueFd &mount) {
  const char *path = operation.target()->c_str();
  if (Outcome outcome = keep_kernel_mount(context, path, mount); !outcome.ok()) return outcome;
  if (Outcome outcome = keep_mount(context, operation.keep_as(), mount); !outcome.ok()) return outcome;
  return propagate(mount.get(), operation.propagation(), operation.propagation_recursive(), path);
}

Outcome open_source(Context &context, const plan::OpenSource &operation);
Outcome mount_filesystem(Context &context, const plan::MountFilesystem &operation);
Outcome mount_attributes(Context &context, const plan::MountAttributes &operation);
Outcome mask_path(Context &context, const plan::MaskPath &operation);
Outcome readonly_path(Context &context, const plan::ReadonlyPath &operation);

/// tmpcopyup: copies the contents of directory `from` into directory `to`, which keeps its own owner and mode.
Outcome copy_up(int from, int to);

} // namespace pocker::init
