// The standalone executable's malloc. At build time it takes from one array, which becomes part of the snapshot (snapshot.h);
// at a start it takes from the kernel, side by side, for a command ends long before it would have to give anything back.
#pragma once

#include <cstddef>
#include <span>

namespace pocker::quickjs {

/// A variable that is as it was at build time. (A section whose name is a C identifier has __start_… and __stop_….)
#define POCKER_SNAPSHOT_VARIABLE [[gnu::section("snapshot")]]

/// What was allocated so far, nearly every start will write to.
void mark_busy();

/// How many blocks were asked for.
std::size_t count_blocks();

/// From now on everything comes from the kernel. What was used of the array; empty: it was too small.
[[nodiscard]] std::span<const std::byte> close_array();

/// At a start: has the kernel make the busy part's copy.
void prepare_memory();

} // namespace pocker::quickjs
