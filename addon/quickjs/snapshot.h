// The snapshot: QuickJS' heap as it is once all modules have been evaluated. It is made at build time and carried in the
// executable, whose copy-on-write pages it is, so that no start makes the language's own objects, reads bytecode or evaluates
// modules. Its pointers hold because this executable is always mapped to the addresses that it was linked for.
#pragma once

#include <quickjs.h>

namespace pocker::quickjs {

/// What a start goes on with.
struct Program {
  JSContext *context;
  /// The Host object; what differs between processes is set by each.
  JSValue host;
  /// Runs the command line.
  JSValue start;
  /// Carries out one request of the fork server's.
  JSValue serve;
};

/// The program that the snapshot holds; null in an executable without one.
const Program *stored_program();

/// Writes a copy of this executable with the snapshot in it, and `program` as what it holds. 0, or an errno(3) number.
[[nodiscard]] int write_executable(const char *path, const Program &program);

} // namespace pocker::quickjs
