// A container's root filesystem: overlayfs with a lower directory per layer of the image, an upper directory next to the
// container's record, and a mount point in its bundle directory, which the next boot clears.
import { fromHost, isHostFailure } from '../../errors.js';
import { bundleDirectory, containerDirectory } from '../records/container-store.js';
import type { Engine } from '../engine.js';
import { engineError } from '../errors.js';
import { layerPath, readRecord } from '../records/image-store.js';
import { isMissing } from '../../host/failure.js';
import { isMounted } from '../store/mounts.js';

export interface Rootfs {
  readonly id: string;
  /** The image's id. */
  readonly image: string;
  /** What it writes may be lost in a power failure. */
  readonly volatile?: boolean;
}

const EINVAL = 22;
const MS_RDONLY = 1;
const MS_NODEV = 4;

/** mount(2) takes one page of options. */
const longestOptions = 4000;

export const rootfsPath = (engine: Engine, id: string): string => `${bundleDirectory(engine, id)}/rootfs`;
/** What the container wrote. */
export const upperPath = (engine: Engine, id: string): string => `${containerDirectory(engine, id)}/upper`;
const workPath = (engine: Engine, id: string): string => `${containerDirectory(engine, id)}/work`;

/** Directories of the image's layers, uppermost first as overlayfs wants them. */
export function lowerDirectories(engine: Engine, image: string): string[] {
  const record = readRecord(engine, image);
  if (record === null) throw engineError(`No such image: ${image}`, 'Pull it again');
  return record.diffIds.length > 0 ? record.diffIds.map((diffId) => layerPath(engine, diffId)).reverse() : [nothing(engine)];
}

/** An empty directory, to reach overlayfs's minimum of lower directories. */
export function nothing({ host, paths }: Engine): string {
  const directory = `${paths.layers}/empty`;
  host.mkdir(directory, 0o755, true);
  return directory;
}

/** Calls `body` with the directories separated by colons, shortening their names if there are too many. */
function withLower(engine: Engine, directories: readonly string[], rest: number, body: (lower: string) => void): void {
  const { host } = engine;
  const named = directories.map((one) => one.replace(/[\\:,]/g, '\\$&')).join(':');
  if (named.length + rest < longestOptions) return body(named);
  const fds: number[] = [];
  try {
    for (const directory of directories) fds.push(host.openDirectory(directory));
    body(fds.map((fd) => `/proc/self/fd/${fd}`).join(':'));
  } finally {
    for (const fd of fds) host.close(fd);
  }
}

const escaped = (path: string): string => path.replace(/[\\,]/g, '\\$&');

/** Named as in overlayfs's options. */
interface Upper {
  readonly upperdir: string;
  readonly workdir: string;
  readonly volatile: boolean;
}

/** Without `upper`, it is read-only. */
export function mountOverlay(engine: Engine, lower: readonly string[], target: string, upper?: Upper): void {
  const own =
    upper === undefined
      ? ''
      : `,upperdir=${escaped(upper.upperdir)},workdir=${escaped(upper.workdir)}${upper.volatile ? ',volatile' : ''}`;
  // Only the upper directory differs from the layers: `diff` and `commit` rely on it.
  const plain = engine.rootless ? ',userxattr' : ',index=off,redirect_dir=off,metacopy=off';
  withLower(engine, lower, own.length + plain.length, (directories) => {
    const data = `lowerdir=${directories}${own}${plain}`;
    const flags = (upper === undefined ? MS_RDONLY : 0) | (engine.rootless ? MS_NODEV : 0);
    engine.host.mount({ source: 'overlay', target, type: 'overlay', flags, data });
  });
}

/** Unmounting another overlay flushes its whole upper filesystem to the disk. False: Linux before 5.10, which cannot. */
function mountVolatile(engine: Engine, lower: readonly string[], target: string, upper: Upper): boolean {
  try {
    mountOverlay(engine, lower, target, { ...upper, volatile: true });
    return true;
  } catch (caught) {
    if (isHostFailure(caught) && caught.errno === EINVAL) return false;
    throw caught;
  }
}

/** Mounts it unless it is mounted; returns its path. */
export function mountRootfs(engine: Engine, { id, image, volatile = false }: Rootfs): string {
  const { host } = engine;
  const target = rootfsPath(engine, id);
  const upper = { upperdir: upperPath(engine, id), workdir: workPath(engine, id), volatile: false };
  try {
    if (isMounted(engine, target)) return target;
    const lower = lowerDirectories(engine, image);
    host.mkdir(target, 0o755, true);
    host.mkdir(upper.upperdir, 0o755, true);
    // overlayfs refuses a directory that has been volatile.
    host.removeDirectory(upper.workdir);
    host.mkdir(upper.workdir, 0o700, false);
    if (!volatile || !mountVolatile(engine, lower, target, upper)) mountOverlay(engine, lower, target, upper);
    return target;
  } catch (caught) {
    throw fromHost('E_ENGINE', 'cannot mount the root filesystem', caught);
  }
}

/** No error if it is not mounted. */
export function unmountRootfs(engine: Engine, id: string): void {
  const target = rootfsPath(engine, id);
  try {
    while (isMounted(engine, target)) engine.host.unmount(target);
  } catch (caught) {
    if (!isMissing(caught)) throw fromHost('E_ENGINE', 'cannot unmount the root filesystem', caught);
  }
}

/** Unmounts it and removes all that the container wrote. */
export function removeRootfs(engine: Engine, id: string): void {
  unmountRootfs(engine, id);
  try {
    engine.host.removeDirectory(upperPath(engine, id));
    engine.host.removeDirectory(workPath(engine, id));
  } catch (caught) {
    throw fromHost('E_ENGINE', 'cannot remove the root filesystem', caught);
  }
}

/** Calls `body` with the path of the root filesystem, mounting it for that time if its container is not running. */
export function withRootfs<T>(engine: Engine, rootfs: Rootfs, body: (path: string) => T): T {
  const mounted = isMounted(engine, rootfsPath(engine, rootfs.id));
  const path = mountRootfs(engine, rootfs);
  try {
    return body(path);
  } finally {
    if (!mounted) unmountRootfs(engine, rootfs.id);
  }
}
