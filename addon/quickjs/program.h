// The TypeScript bundle in QuickJS: from bytecode to a program that can be started.
#pragma once

#include <cstdint>
#include <span>

#include "snapshot.h"

namespace pocker::quickjs {

/// Evaluates the entry, or all modules of the archive (modules.h) when the program is made for a snapshot. Null context: it
/// failed, and printed why.
Program make_program(std::span<const std::uint8_t> archive, bool whole);

/// What belongs to this process only: the properties of the Host object, and the stack.
void adopt(const Program &program, int count, char **arguments);

/// Calls `start` or `serve`. Returns an exit code, but only if something is wrong: normally host.exit ends the program.
int run(const Program &program, JSValue function);

} // namespace pocker::quickjs
