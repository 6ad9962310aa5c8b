// Waits for a line in a file whose changes the kernel reports.
import type { Host } from '../host/host.js';

/** False if the line did not appear within `ms`. Fails as Host.openWatched and Host.readWatched do. */
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
