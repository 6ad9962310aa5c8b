// The build's last step, run by the executable itself: POCKER-RUNC BUNDLE OUTPUT [REHEARSAL] writes a copy that contains the snapshot
// of the bundle, in the order that the commands of the rehearsal want (rehearsal.h).
#pragma once

namespace pocker::quickjs {

/// Returns the exit code.
int make_snapshot(int count, char **arguments);

} // namespace pocker::quickjs
