// Staging directories: everything is made there, on the store's filesystem, then moved into place in one step.
import { fromHost, isMissing } from '../../errors.js';
import type { Engine } from '../engine.js';
import { isMounted } from './mounts.js';

interface Staging {
  readonly directory: string;
  /** Holds its lock. */
  readonly fd: number;
}

/** Makes and locks one. Null: in between, another command took it for a leftover and removed it. */
function tryStaging({ host, paths }: Engine): Staging | null {
  const directory = `${paths.root}/staging/${host.pid}-${host.clock()}`;
  host.mkdir(directory, 0o700, true);
  let fd = -1;
  try {
    fd = host.openDirectory(directory);
    if (host.lock(fd, 0) && host.isSameFile(fd, directory)) return { directory, fd };
  } catch (caught) {
    if (!isMissing(caught)) throw caught;
  }
  if (fd >= 0) host.close(fd);
  return null;
}

function makeStaging(engine: Engine): Staging {
  try {
    for (;;) {
      const staging = tryStaging(engine);
      if (staging !== null) return staging;
    }
  } catch (caught) {
    throw fromHost('E_ENGINE', 'cannot make a directory', caught);
  }
}

/** A directory of this command alone, on the store's filesystem; a later command removes it if this one cannot. */
export function withStaging<T>(engine: Engine, body: (directory: string) => T): T {
  const { directory, fd } = makeStaging(engine);
  try {
    return body(directory);
  } finally {
    engine.host.removeDirectory(directory);
    engine.host.close(fd);
  }
}

/** Removes what killed commands left in the staging directory. Returns how many there were. */
export function clearStaging(engine: Engine): number {
  const { host, paths } = engine;
  const parent = `${paths.root}/staging`;
  if (host.lstat(parent) === null) return 0;
  return host.readdir(parent).filter((name) => {
    let fd = -1;
    try {
      fd = host.openDirectory(`${parent}/${name}`);
      if (!host.lock(fd, 0) || !host.isSameFile(fd, `${parent}/${name}`)) return false;
      const mount = `${parent}/${name}/mount`;
      if (isMounted(engine, mount)) host.unmount(mount);
      host.removeDirectory(`${parent}/${name}`);
      return true;
    } catch {
      return false; // its command removed it meanwhile, or one of its programs still writes there: the next command tries again
    } finally {
      if (fd >= 0) host.close(fd);
    }
  }).length;
}
