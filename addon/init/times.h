// When each step began, for --trace.
#pragma once

#include "context.h"

namespace pocker::init {

/// Notes the current step, if a trace is requested.
void note_time(Context &context);

/// Sends the waiting runtime what was noted since the last time.
Outcome send_times(Context &context);

} // namespace pocker::init
