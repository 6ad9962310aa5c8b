// The build's last step, run by the executable itself: POCKER-RUNC BUNDLE OUTPUT writes a copy that contains the snapshot.
#pragma once

namespace pocker::quickjs {

/// Returns the exit code.
int make_snapshot(int count, char **arguments);

} // namespace pocker::quickjs
