// The rehearsal: before the build makes the snapshot, it makes the program once with each block of memory on its own page, runs the
// usual commands on a machine that exists only in memory (src/entry.rehearsal.ts), and notes which pages they read and write. The
// program is then made again, in the same order, and what was requested for a block says where that goes: what is written, what is
// read, and the rest each lie side by side (placement.h). The kernel maps 16 pages of a file at once and copies each page that is
// written, so a process has less memory, and fewer page faults.
#pragma once

#include <cstdint>
#include <span>

#include "program.h"

namespace pocker::quickjs {

/// Rehearses the commands of the second archive with the program of the first. False: it has written why it could not.
[[nodiscard]] bool rehearse(std::span<const std::uint8_t> program, std::span<const std::uint8_t> commands);

/// From now on, requests for memory are granted as the rehearsal says.
void follow_rehearsal();

/// Whether there were as many requests as in the rehearsal.
[[nodiscard]] bool followed_rehearsal();

} // namespace pocker::quickjs
