// Waiting for a line of a file that the kernel tells changes of.
import type { Host } from '../host/host.js';

/** False when the line was not there within `ms`. Fails as Host.openWatched and Host.readWatched do. */
export function awaitLine(host: Host, path: string, line: string, ms: number): boolean {
  const deadline = host.monotonic() + ms;
  const fd = host.openWatched(path);
  try {
    for (;;) {
      if (host.readWatched(fd).split('\n').includes(line)) return true;
      const left = Math.ceil(deadline - host.monotonic());
      if (left <= 0) return false;
      host.poll([], [fd], left);
    }
  } finally {
    host.close(fd);
  }
}
