// The build's last step, by the executable itself: POCKER-RUNC BUNDLE OUTPUT writes the one that has the snapshot.
#pragma once

namespace pocker::quickjs {

/// Exit code.
int make_snapshot(int count, char **arguments);

} // namespace pocker::quickjs
