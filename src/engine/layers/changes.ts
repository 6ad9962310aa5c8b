// A container's changes: its upper directory, compared with the layers below.
import type { FileStatus } from '../../host/host.js';
import type { Engine } from '../engine.js';
import { isMissing } from '../../host/failure.js';
import { isMounted } from '../store/mounts.js';
import { lowerDirectories, mountOverlay, nothing, upperPath } from './rootfs.js';
import { opaqueAttribute } from './unpack.js';

export interface Change {
  /** Added, changed, deleted. */
  readonly kind: 'A' | 'C' | 'D';
  /** "/etc/passwd" */
  readonly path: string;
}

/** Mount points that the engine makes in every container; docker has them in a separate layer. */
const mountPoints = new Set(
  [
    'dev',
    'proc',
    'sys',
    'dev/console',
    'dev/pts',
    'dev/shm',
    'dev/mqueue',
    'etc/hosts',
    'etc/hostname',
    'etc/resolv.conf',
    '.dockerenv',
    'run/.containerenv',
    'sbin/docker-init',
    'dev/init',
  ].map((path) => `/${path}`),
);

/** Calls `body` with a directory that shows the directories as one, mounted at `mount`, which this makes. */
export function withView<T>(engine: Engine, directories: readonly string[], mount: string, body: (path: string) => T): T {
  const { host } = engine;
  host.mkdir(mount, 0o700, true);
  // overlayfs wants at least two directories.
  mountOverlay(engine, [...directories, nothing(engine)], mount);
  try {
    return body(mount);
  } finally {
    while (isMounted(engine, mount)) host.unmount(mount);
  }
}

/** The container's directory, and what was there before; null: nothing. They are descriptors' names, since a path would lead elsewhere
 * as soon as the container exchanges one of its directories for a link, and may become too long. */
interface Place {
  readonly upper: string;
  readonly base: string | null;
}

const isWhiteout = ({ type, rdev: [major, minor] }: FileStatus): boolean => type === 'character' && major === 0 && minor === 0;

class Comparison {
  readonly changes: Change[] = [];

  constructor(
    private readonly engine: Engine,
    private readonly top: Place,
  ) {}

  /** Only there as a mount point. */
  #isMountPoint(path: string, status: FileStatus): boolean {
    return mountPoints.has(path) && (status.type === 'directory' || (status.type === 'file' && status.size === 0));
  }

  /** Calls `body` with a name in a directory, through a descriptor; undefined if it is no directory any more. */
  #opened<T>(directory: string, name: string, body: (reached: string) => T): T | undefined {
    const { host } = this.engine;
    let fd: number;
    try {
      fd = host.openInRoot(directory, name, false);
    } catch (caught) {
      if (isMissing(caught)) return undefined;
      throw caught;
    }
    try {
      const reached = `/proc/${host.pid}/fd/${fd}/.`;
      return host.lstat(reached) === null ? undefined : body(reached);
    } finally {
      host.close(fd);
    }
  }

  #within<T>(at: Place, name: string, before: FileStatus | null, body: (place: Place) => T): T | undefined {
    return this.#opened(at.upper, name, (upper) => {
      if (at.base === null || before?.type !== 'directory') return body({ upper, base: null });
      return this.#opened(at.base, name, (base) => body({ upper, base }));
    });
  }

  /** A directory that only holds mount points of ours was not changed by the container. */
  #directory(path: string, place: Place, names: readonly string[], isNew: boolean): void {
    const at = this.changes.length;
    const ours = names.map((name) => this.#entry(path, name, place)).filter((one) => one === 'ours').length;
    if (path === '' || (this.changes.length === at && ours > 0)) return;
    this.changes.splice(at, 0, { kind: isNew ? 'A' : 'C', path });
  }

  #entry(parent: string, name: string, at: Place): 'ours' | 'theirs' {
    const { host } = this.engine;
    const path = `${parent}/${name}`;
    const status = host.lstat(`${at.upper}/${name}`);
    if (status === null) return 'theirs';
    const before = at.base === null ? null : host.lstat(`${at.base}/${name}`);
    const ours = before === null && this.#isMountPoint(path, status);
    if (ours && status.type !== 'directory') return 'ours';
    if (isWhiteout(status)) {
      if (before !== null) this.changes.push({ kind: 'D', path });
      return 'theirs';
    }
    if (status.type !== 'directory') {
      this.changes.push({ kind: before === null ? 'A' : 'C', path });
      return 'theirs';
    }
    return this.#within(at, name, before, (place) => this.#below(path, place, { isNew: before === null, ours })) ?? 'theirs';
  }

  #below(path: string, place: Place, { isNew, ours }: { readonly isNew: boolean; readonly ours: boolean }): 'ours' | 'theirs' {
    const { host } = this.engine;
    const names = host.readdir(place.upper);
    const length = this.changes.length;
    if (ours && names.length === 0) return 'ours';
    this.#directory(path, place, names, isNew);
    if (place.base !== null && host.isOpaque(place.upper, opaqueAttribute(this.engine))) this.#hidden(path, names, place.base);
    return ours && this.changes.length === length ? 'ours' : 'theirs';
  }

  /** What a directory that was made anew hides. */
  #hidden(path: string, names: readonly string[], base: string): void {
    const now = new Set(names);
    for (const name of this.engine.host.readdir(base))
      if (!now.has(name)) this.changes.push({ kind: 'D', path: `${path}/${name}` });
  }

  run(): Change[] {
    this.#directory('', this.top, this.engine.host.readdir(this.top.upper), false);
    return this.changes.sort((a, b) => (a.path < b.path ? -1 : 1));
  }
}

/** Sorted by path. `mount`: a directory to make, for the layers as the container first saw them. */
export function changesOf(
  engine: Engine,
  { id, image }: { readonly id: string; readonly image: string },
  mount: string,
): Change[] {
  const upper = upperPath(engine, id);
  if (engine.host.lstat(upper) === null) return [];
  return withView(engine, lowerDirectories(engine, image), mount, (base) => new Comparison(engine, { upper, base }).run());
}
