// Unmounting by descriptor: no name in the rootfs is looked up again, and what was made can be taken back.
#pragma once

#include "context.h"

namespace pocker::init {

Outcome open_descriptors(Context &context, const plan::OpenDescriptors &operation);
Outcome unmount(Context &context, const plan::Unmount &operation);

/// umount2(2, MNT_DETACH) of an open mount, through `descriptors` of the context.
Result detach(const Context &context, int mount);

/// Keeps an attached mount for undo_mounts(), where OpenDescriptors asked for that; else it stays with the caller.
void remember(Context &context, UniqueFd &mount);
/// Unmounts what was remembered, the last one first; what cannot be is said.
void undo_mounts(Context &context);

} // namespace pocker::init
