// Mounts in the rootfs, by file descriptor from end to end: fsopen or open_tree, mount_setattr, move_mount.
#pragma once

#include "context.h"
#include "paths.h"

namespace pocker::init {

/// attributes.cpp
/// What to set and to clear. MOUNT_ATTR__ATIME is one field of several values: a part of it is changed by clearing all of it.
sys::MountAttr attributes(std::uint64_t set, std::uint64_t clear);
/// mount_setattr(2) on an open mount. Nothing to do is no call.
Outcome set_attributes(int mount, const sys::MountAttr &attributes, bool recursive, const char *path);

/// MOUNT_ATTR_*; what the two last ones mean stands at MountBind in the plan's schema.
struct Changes {
  std::uint64_t set, clear, unnamed, times_clear;
};
/// Of one mount. `locked`: the kernel would let flags go that it keeps in a mount namespace of the container.
Outcome change_attributes(int mount, const Changes &changes, bool locked, const char *path);

Outcome propagate(int mount, std::uint32_t propagation, bool recursive, const char *path);

/// move_mount(2) of a detached mount onto an open target.
Outcome attach(int mount, int target, const char *path);

/// move_mount(2) has EINVAL for many things; a directory on a file, or the other way round, is what mount(2) calls ENOTDIR.
Outcome explain_mismatch(Outcome outcome, Kind source, int target);

/// open_tree(2, OPEN_TREE_CLONE) of an open file.
Result clone_tree(int fd, bool recursive);

/// For the steps that change an attached mount later; -1: none does.
Outcome keep_mount(Context &context, int slot, const UniqueFd &mount);

/// The slot of a bind source or of a filesystem that was made before; null: there is no such slot.
UniqueFd *slot_of(Context &context, int slot);

/// An optional mount that fails is said, not fatal.
Outcome tolerate(const Context &context, const Outcome &outcome, bool optional);

/// id_map.cpp
Outcome id_map(Context &context, const plan::IdMap &operation);
/// Shows a mount's ids through the maps in a slot; -1 is none.
Outcome map_ids(const Context &context, int slot, bool recursive, int mount, const char *path);

/// bind.cpp
Outcome mount_bind(Context &context, const plan::MountBind &operation);

/// sources.cpp
/// On top of the root, where no path leads.
Outcome attach_hidden_tmpfs(UniqueFd &tmpfs);
/// Takes it away; the working directory becomes "/".
Outcome detach_hidden(const UniqueFd &tmpfs);
Outcome attach_sources(Context &context);
Outcome unshare_mounts(Context &context);

/// A node of the host's, to be used and not to be changed: writing to the device works, chmod(2) and chown(2) are EROFS.
Outcome clone_node(int fd, const char *path, UniqueFd &tree);

/// Of a mount on /proc or /sys that was attached just now.
Outcome keep_kernel_mount(Context &context, const char *path, const UniqueFd &mount);

Outcome open_source(Context &context, const plan::OpenSource &operation);
Outcome mount_filesystem(Context &context, const plan::MountFilesystem &operation);
Outcome mount_attributes(Context &context, const plan::MountAttributes &operation);
Outcome mask_path(Context &context, const plan::MaskPath &operation);
Outcome readonly_path(Context &context, const plan::ReadonlyPath &operation);

/// tmpcopyup: the content of directory `from` into directory `to`; its own owner and mode stay.
Outcome copy_up(int from, int to);

} // namespace pocker::init
