// HOME of a program whose environment has none: from the image's passwd(5).
#pragma once

#include "../context.h"

namespace pocker::init {

Outcome set_home(Context &context, const plan::SetHome &operation);

} // namespace pocker::init
