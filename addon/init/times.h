// When each step began, for --trace.
#pragma once

#include "context.h"

namespace pocker::init {

/// Of the step at work, where a trace is asked for.
void note_time(Context &context);

/// Tells whoever waits what was noted since the last time.
Outcome send_times(Context &context);

} // namespace pocker::init
