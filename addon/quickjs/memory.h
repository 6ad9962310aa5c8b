// The standalone executable's malloc. At build time it allocates from one array, which becomes part of the snapshot (snapshot.h).
// At run time it allocates from the kernel, block after block: a command ends long before it would have to give anything back.
#pragma once

#include <cstddef>
#include <span>

namespace pocker::quickjs {

/// A variable that keeps its build-time value. (A section whose name is a C identifier has __start_… and __stop_….)
#define POCKER_SNAPSHOT_VARIABLE [[gnu::section("snapshot")]]

/// Nearly every start will write to what has been allocated so far.
void mark_busy();

/// The number of blocks requested.
std::size_t count_blocks();

/// From now on, all memory comes from the kernel. Returns the used part of the array; empty if the array was too small.
[[nodiscard]] std::span<const std::byte> close_array();

/// At a start: makes the kernel copy the busy part at once.
void prepare_memory();

} // namespace pocker::quickjs
