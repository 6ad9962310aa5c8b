// For programs that use the runtime as a library (src/api): a small process that forks a child for each request. The child carries
// out one verb as a command would, but without execve(2), from this process's snapshot; its umask, signals, subreaper and working
// directory are nobody else's. Containers' processes become the fork server's children, which tells how they end.
//
//   program ── request, descriptors ──▶ fork server ── fork(2) ──▶ child: src/server, answers on the request's channel
//   program ◀── {"exit":…} on the channel ──  ◀── "process PID", "own TEXT", "disown TEXT" ──┘
//
// A request whose channel the program shuts down is aborted: its child is killed, and another one undoes what it has made. When the
// program ends, however it ends, the kernel closes its socket: what is at work is aborted, and what the program owns is deleted.
#pragma once

#include "snapshot.h"

namespace pocker::quickjs {

/// Serves until the program has ended. The exit code of this process, or in a child of it that of the verb.
int serve(const Program &program, char **arguments);

} // namespace pocker::quickjs
