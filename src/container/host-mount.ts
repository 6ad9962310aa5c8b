// The root filesystem of a container without a mount namespace: a mount on the host, perhaps on top of an existing one.
import { isHostFailure } from '../errors.js';
import type { Host } from '../host/host.js';

const EINVAL = 22;
const ENOENT = 2;
const fileLimit = 4096;

/** Which mount is visible at the path (proc_pid_fdinfo(5)); "" if none is. */
export function mountAt(host: Host, path: string): string {
  try {
    const fd = host.openDirectory(path);
    try {
      return /^mnt_id:\s+(\d+)$/m.exec(host.readText(`/proc/self/fdinfo/${fd}`, fileLimit))?.[1] ?? '';
    } finally {
      host.close(fd);
    }
  } catch (caught) {
    if (isHostFailure(caught)) return '';
    throw caught;
  }
}

/** Takes away the mount at `path`, unless it is still the one that was there `before`. */
export function unmountNew(host: Host, path: string, before: string | undefined): void {
  if (before !== undefined && mountAt(host, path) === before) return;
  try {
    host.unmount(path);
  } catch (caught) {
    if (!isHostFailure(caught) || (caught.errno !== EINVAL && caught.errno !== ENOENT)) throw caught;
  }
}
