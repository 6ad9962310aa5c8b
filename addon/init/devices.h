// Device nodes in the rootfs. Existing files are never followed or trusted (CVE-2026-88264).
#pragma once

#include "context.h"

namespace pocker::init {

Outcome device_node(Context &context, const plan::DeviceNode &operation);
Outcome device(Context &context, const plan::Device &operation);

} // namespace pocker::init
