// For programs that use the runtime as a library (src/api): a small process that forks a child for each request. The child
// carries out one verb as a command would, but without execve(2), from this process's snapshot. It has its own umask, signals,
// subreaper and working directory. Containers' processes become the fork server's children, so it can report how they end.
//
//   program ── request, descriptors ──▶ fork server ── fork(2) ──▶ child: src/server, answers on the request's channel
//   program ◀── {"exit":…} on the channel ──  ◀── "process PID", "own TEXT", "disown TEXT" ──┘
//
// If the program shuts down a request's channel, the request is aborted: its child is killed, and another child undoes what it
// made. When the program ends, for whatever reason, the kernel closes its socket: requests are aborted, and what the program owns
// is deleted.
#pragma once

#include "snapshot.h"

namespace pocker::quickjs {

/// Serves until the program has ended. Returns the exit code of this process or, in a child, that of the verb.
int serve(const Program &program, char **arguments);

} // namespace pocker::quickjs
