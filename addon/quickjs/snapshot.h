// The snapshot: QuickJS's heap after all modules have been evaluated. It is made at build time and is part of the executable,
// whose pages are copy-on-write. So no start has to make the language's own objects, read bytecode or evaluate modules. Its
// pointers stay valid because the executable is always mapped at the addresses it was linked for.
#pragma once

#include <quickjs.h>

namespace pocker::quickjs {

/// What a start continues with.
struct Program {
  JSContext *context;
  /// The Host object; each process sets what differs between processes.
  JSValue host;
  /// Runs the command line.
  JSValue start;
  /// Carries out one request of the fork server.
  JSValue serve;
};

/// The program in the snapshot; null in an executable without one.
const Program *stored_program();

/// Writes a copy of this executable with the snapshot and `program` in it. 0, or an errno(3) number.
[[nodiscard]] int write_executable(const char *path, const Program &program);

} // namespace pocker::quickjs
