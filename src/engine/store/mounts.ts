// Whether something is mounted.
import type { Engine } from '../engine.js';

/** The path is a mount point. */
export function isMounted({ host }: Engine, path: string): boolean {
  const own = host.lstat(path);
  return own !== null && own.device !== host.lstat(path.slice(0, path.lastIndexOf('/')))?.device;
}
