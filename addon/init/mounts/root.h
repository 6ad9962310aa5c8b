// The container's root: made a mount of its own, then entered; the old root is left behind.
#pragma once

#include "../context.h"

namespace pocker::init {

Outcome tree_propagation(Context &context, const plan::TreePropagation &operation);
Outcome mount_root(Context &context, const plan::MountRoot &operation);
Outcome open_root(Context &context, const plan::OpenRoot &operation);
/// old_mounts.cpp: unmounts everything on the mount `root` except the container's root; covers procfs and sysfs that are locked.
Outcome detach_others(Context &context, int root);
Outcome enter_root(Context &context, const plan::EnterRoot &operation);

} // namespace pocker::init
