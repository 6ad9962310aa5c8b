// A container's changes: its upper directory, compared with the layers below.
import type { FileStatus } from '../../host/host.js';
import type { Engine } from '../engine.js';
import { engineError } from '../errors.js';
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

/** What is below is reached from here, so that neither a path becomes too long nor descriptors run out, however deep it is. */
interface Anchor extends Place {
  readonly path: string;
}

/** UTF-16 units, with room for one more name: far below PATH_MAX in bytes. */
const longestFromAnchor = 1000;
/** More would not fit on our stack. */
const deepest = 4000;

interface Entry {
  readonly name: string;
  readonly status: FileStatus;
  readonly before: FileStatus | null;
}

interface Listing {
  readonly entries: readonly Entry[];
  /** What a directory that was made anew hides. */
  readonly hidden: readonly string[];
}

interface Reached {
  readonly path: string;
  readonly isNew: boolean;
  readonly inBase: boolean;
  /** It is one of our mount points. */
  readonly ours: boolean;
}

const isWhiteout = ({ type, rdev: [major, minor] }: FileStatus): boolean => type === 'character' && major === 0 && minor === 0;

class Comparison {
  readonly changes: Change[] = [];
  #depth = 0;

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

  #within<T>(anchor: Anchor, { path, inBase }: Reached, body: (place: Place) => T): T | undefined {
    const name = path.slice(anchor.path.length + 1);
    if (name === '') return body(anchor);
    return this.#opened(anchor.upper, name, (upper) => {
      if (anchor.base === null || !inBase) return body({ upper, base: null });
      return this.#opened(anchor.base, name, (base) => body({ upper, base }));
    });
  }

  #list({ upper, base }: Place): Listing {
    const { host } = this.engine;
    const names = host.readdir(upper);
    const entries = names.flatMap((name) => {
      const status = host.lstat(`${upper}/${name}`);
      return status === null ? [] : [{ name, status, before: base === null ? null : host.lstat(`${base}/${name}`) }];
    });
    if (base === null || !host.isOpaque(upper, opaqueAttribute(this.engine))) return { entries, hidden: [] };
    const now = new Set(names);
    return { entries, hidden: host.readdir(base).filter((name) => !now.has(name)) };
  }

  /** A directory that only holds mount points of ours was not changed by the container. */
  #directory(directory: Reached, anchor: Anchor): 'ours' | 'theirs' {
    const { path, ours } = directory;
    if (path.length - anchor.path.length > longestFromAnchor)
      return this.#within(anchor, directory, (place) => this.#directory(directory, { ...place, path })) ?? 'theirs';
    const found = this.#within(anchor, directory, (place) => this.#list(place));
    if (found === undefined) return 'theirs';
    if (ours && found.entries.length === 0) return 'ours';
    if (++this.#depth > deepest) throw engineError(`directories are nested too deeply: ${path.slice(0, 40)}…`);
    const length = this.changes.length;
    let points = 0;
    for (const entry of found.entries) if (this.#entry(`${path}/${entry.name}`, entry, anchor) === 'ours') ++points;
    if (path !== '' && (this.changes.length > length || points === 0))
      this.changes.push({ kind: directory.isNew ? 'A' : 'C', path });
    for (const name of path === '' ? [] : found.hidden) this.changes.push({ kind: 'D', path: `${path}/${name}` });
    --this.#depth;
    return ours && this.changes.length === length ? 'ours' : 'theirs';
  }

  #entry(path: string, { status, before }: Entry, anchor: Anchor): 'ours' | 'theirs' {
    const ours = before === null && this.#isMountPoint(path, status);
    if (status.type === 'directory')
      return this.#directory({ path, isNew: before === null, inBase: before?.type === 'directory', ours }, anchor);
    if (ours) return 'ours';
    if (!isWhiteout(status)) this.changes.push({ kind: before === null ? 'A' : 'C', path });
    else if (before !== null) this.changes.push({ kind: 'D', path });
    return 'theirs';
  }

  run(): Change[] {
    this.#directory({ path: '', isNew: false, inBase: true, ours: false }, { ...this.top, path: '' });
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
