// Whether something is mounted.
import type { Engine } from '../engine.js';

/** A file system of its own is there. */
export function isMounted({ host }: Engine, path: string): boolean {
  const own = host.lstat(path);
  return own !== null && own.device !== host.lstat(path.slice(0, path.lastIndexOf('/')))?.device;
}
