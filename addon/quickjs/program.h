// The TypeScript bundle in QuickJS: from bytecode to a program that can be started.
#pragma once

#include <cstdint>
#include <span>

#include "snapshot.h"

namespace pocker::quickjs {

/// Evaluates the entry, or all modules of the archive (modules.h) when the program is made for a snapshot. Null context: it
/// failed, and printed why.
Program make_program(std::span<const std::uint8_t> archive, bool whole);

/// Evaluates one more module, of another archive. False: it failed, and printed why.
[[nodiscard]] bool add_module(const Program &program, std::span<const std::uint8_t> archive, const char *name);

/// Runs the commands of src/entry.rehearsal.ts. False: one failed, and why was printed.
[[nodiscard]] bool rehearse_commands(const Program &program);

/// What belongs to this process only: the properties of the Host object, and the stack.
void adopt(const Program &program, int count, char **arguments);

/// Calls `start` or `serve`. Returns an exit code, but only if something is wrong: normally host.exit ends the program.
int run(const Program &program, JSValue function);

} // namespace pocker::quickjs
