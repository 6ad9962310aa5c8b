// The standalone executable's malloc. At build time it allocates from one array, which becomes part of the snapshot (snapshot.h).
// At run time it allocates from the kernel, block after block: a command ends long before it would have to give anything back.
#pragma once

#include <cstddef>
#include <span>

namespace pocker::quickjs {

/// A variable that keeps its build-time value. (A section whose name is a C identifier has __start_… and __stop_….)
#define POCKER_SNAPSHOT_VARIABLE [[gnu::section("snapshot")]]

/// The snapshot has parts that do not share what the kernel maps at once (rehearsal.h). From now on, use this one.
constexpr std::size_t part_count = 3;
void use_part(std::size_t part);

/// From now on, each block gets what `take` returns, at a multiple of 16.
void use_pages(std::byte *(*take)(std::size_t size));

/// From now on, all memory comes from the kernel. Returns the used part of the array; empty if the array was too small.
[[nodiscard]] std::span<const std::byte> close_array();

/// At a start: keeps children from getting the array.
void prepare_memory();

} // namespace pocker::quickjs
