// A container's changes: its upper directory, compared with the layers below.
import type { FileStatus } from '../../host/host.js';
import type { Engine } from '../engine.js';
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

const isWhiteout = ({ type, rdev: [major, minor] }: FileStatus): boolean => type === 'character' && major === 0 && minor === 0;

class Comparison {
  readonly changes: Change[] = [];

  constructor(
    private readonly engine: Engine,
    private readonly upper: string,
    private readonly base: string,
  ) {}

  /** Only there as a mount point. */
  #isMountPoint(path: string, status: FileStatus): boolean {
    return mountPoints.has(path) && (status.type === 'directory' || (status.type === 'file' && status.size === 0));
  }

  /** The container has not changed a directory that only holds our mount points. */
  #directory(path: string, names: readonly string[], before: FileStatus | null): void {
    const at = this.changes.length;
    const ours = names.map((name) => this.#entry(`${path}/${name}`)).filter((one) => one === 'ours').length;
    if (path === '' || (this.changes.length === at && ours > 0)) return;
    this.changes.splice(at, 0, { kind: before === null ? 'A' : 'C', path });
  }

  #entry(path: string): 'ours' | 'theirs' {
    const { host } = this.engine;
    const status = host.lstat(`${this.upper}${path}`);
    if (status === null) return 'theirs';
    const before = host.lstat(`${this.base}${path}`);
    const ours = before === null && this.#isMountPoint(path, status);
    if (ours && status.type !== 'directory') return 'ours';
    if (isWhiteout(status)) {
      if (before !== null) this.changes.push({ kind: 'D', path });
      return 'theirs';
    }
    if (status.type !== 'directory') this.changes.push({ kind: before === null ? 'A' : 'C', path });
    else {
      const names = host.readdir(`${this.upper}${path}`);
      const at = this.changes.length;
      if (ours && names.length === 0) return 'ours';
      this.#directory(path, names, before);
      if (before?.type === 'directory' && host.isOpaque(`${this.upper}${path}`, opaqueAttribute(this.engine))) this.#hidden(path);
      if (ours && this.changes.length === at) return 'ours';
    }
    return 'theirs';
  }

  /** What a directory that was made anew hides. */
  #hidden(path: string): void {
    const { host } = this.engine;
    const now = new Set(host.readdir(`${this.upper}${path}`));
    for (const name of host.readdir(`${this.base}${path}`))
      if (!now.has(name)) this.changes.push({ kind: 'D', path: `${path}/${name}` });
  }

  run(): Change[] {
    this.#directory('', this.engine.host.readdir(this.upper), null);
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
  return withView(engine, lowerDirectories(engine, image), mount, (base) => new Comparison(engine, upper, base).run());
}
