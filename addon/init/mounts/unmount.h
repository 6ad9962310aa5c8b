// Unmounting by descriptor: no name in the rootfs is looked up again, and whatever was made can be undone.
#pragma once

#include "../context.h"

namespace pocker::init {

Outcome open_descriptors(Context &context, const plan::OpenDescriptors &operation);
Outcome unmount(Context &context, const plan::Unmount &operation);

/// umount2(2, MNT_DETACH) of an open mount, through `descriptors` of the context.
Result detach(const Context &context, int mount);

/// Keeps an attached mount for undo_mounts(), if OpenDescriptors asked for that; otherwise the caller keeps it.
void remember(Context &context, UniqueFd &mount);
/// Unmounts what was remembered, newest first; failures are reported.
void undo_mounts(Context &context);

} // namespace pocker::init
