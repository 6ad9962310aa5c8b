// What a crash or a reboot left behind: containers below the root, and cgroups and mounts that belong to none of them.
import { removeCgroups } from '../cgroup/remove.js';
import { isMade } from '../cgroup/make.js';
import { isAlive } from '../container/process.js';
import type { ContainerRecord } from '../container/record.js';
import { isGone, PockerError } from '../errors.js';
import { isOfEarlierBoot, UnreadableRecord } from '../container/state-json.js';
import { Store } from '../container/store.js';
import { gatherFacts } from '../host/facts.js';
import type { Host } from '../host/host.js';
import { parseMountinfo } from '../host/mountinfo.js';
import { deleteContainer } from '../runtime/delete.js';
import { clearEmpty } from '../runtime/shared/reserve.js';
import { settle } from '../runtime/shared/state-machine.js';

export interface Leftover {
  readonly kind:
    | 'half-made container'
    | 'interrupted checkpoint'
    | 'unreadable container'
    | 'container from before the last boot'
    | 'cgroup'
    | 'mount';
  /** An id, or a path. */
  readonly subject: string;
  readonly why: string;
}

interface Found extends Leftover {
  readonly remove: () => void;
}

export interface LeftoverOptions {
  readonly root: string;
  readonly warn: (text: string) => void;
}

const mountinfoLimit = 64 * 1024 * 1024;

type Judgement = Pick<Leftover, 'kind' | 'why'>;

/** Its command has not cleared up after it. While criu is alive, it may yet. */
function judgeCriu(host: Host, { criu, status }: ContainerRecord): Judgement | null {
  if (criu === undefined || status !== 'created' || isAlive(host, criu)) return null;
  return { kind: 'interrupted checkpoint', why: 'its checkpoint was killed, and may have left it frozen' };
}

function judge(host: Host, record: ContainerRecord): Judgement | null {
  const { status, creator, abandoned, created } = record;
  if (status === 'creating' && (abandoned === true || !isAlive(host, creator)))
    return { kind: 'half-made container', why: 'its create died or failed' };
  if (isOfEarlierBoot(host, record))
    return {
      kind: 'container from before the last boot',
      why: `it was created at ${created}, and none of its processes runs any more`,
    };
  return null;
}

/** Checked again under the lock before it is deleted: it may have been made anew meanwhile. */
function containers(host: Host, { root, warn }: LeftoverOptions, records: ContainerRecord[]): Found[] {
  const store = new Store(host, root);
  return store.ids({ mustExist: false }).flatMap((id) => {
    const removeIf = (confirm: (record: ContainerRecord) => boolean) => (): void =>
      deleteContainer(host, { root, id, force: true, confirm, warn });
    try {
      const record = store.read(id);
      records.push(record);
      const judged = judge(host, record);
      if (judged !== null) return [{ ...judged, subject: id, remove: removeIf((now) => judge(host, now) !== null) }];
      const interrupted = judgeCriu(host, record);
      return interrupted === null ? [] : [{ ...interrupted, subject: id, remove: () => settle(host, { root, id }) }];
    } catch (caught) {
      if (caught instanceof PockerError && caught.code === 'E_NO_CONTAINER') return [];
      if (!(caught instanceof UnreadableRecord)) throw caught;
      // A record of a newer version, or of another program, is not ours to judge.
      if (caught.why !== 'broken') return [];
      return [{ kind: 'unreadable container', subject: id, why: caught.message, remove: removeIf(() => false) }];
    }
  });
}

/** A create makes the directory and writes the record under the root's lock: if no record follows, it died in between. */
function unrecorded(host: Host, { root }: LeftoverOptions): Found[] {
  const store = new Store(host, root);
  const ids = store.unrecorded();
  if (ids.length === 0) return [];
  return store
    .withRootLock(() => ids.filter((id) => store.isUnrecorded(id)))
    .map((subject) => ({
      kind: 'half-made container',
      subject,
      why: 'its create died before it wrote a record',
      remove: (): void => void clearEmpty(store, subject),
    }));
}

interface Cgroup {
  readonly path: string;
  readonly inode: number;
}

/** Empty cgroups that carry a create's mark and belong to no container of that root. Others may come and go meanwhile. */
function emptyCgroups(host: Host, path: string, used: ReadonlySet<string>): Cgroup[] {
  try {
    const children = host.readdir(path).map((name) => `${path}/${name}`);
    const below = children
      .filter((child) => host.lstat(child)?.type === 'directory')
      .flatMap((child) => emptyCgroups(host, child, used));
    const status = host.lstat(path);
    if (!isMade(status) || used.has(path) || host.cgroupProcesses(path).length > 0) return below;
    // Removing a cgroup removes those below it, too.
    return [{ path, inode: status!.inode }];
  } catch (caught) {
    if (isGone(caught)) return [];
    throw caught;
  }
}

/** A create takes milliseconds between making its cgroups and its process. */
const settleMs = 2000;

function cgroups(host: Host, records: readonly ContainerRecord[]): Found[] {
  const used = new Set(records.flatMap((record) => record.cgroups.map(({ path }) => path)));
  const { hierarchies, unified } = gatherFacts(host).cgroup;
  const mounts = new Set([...hierarchies.map(({ mount }) => mount), ...(unified === null ? [] : [unified.mount])]);
  const look = (): Cgroup[] => [...mounts].flatMap((mount) => emptyCgroups(host, mount, used));
  const first = new Map(look().map(({ path, inode }) => [path, inode]));
  if (first.size > 0) host.sleep(settleMs);
  // Containers of other roots may come and go under the same path.
  const still = first.size > 0 ? look().filter(({ path, inode }) => first.get(path) === inode) : [];
  return still.map(({ path, inode }) => ({
    kind: 'cgroup',
    subject: path,
    why: 'made by a create, and no process is in it',
    remove: (): void => {
      if (host.lstat(path)?.inode !== inode) return;
      removeCgroups(host, [{ path, controller: '', fresh: false, parent: false }], false);
    },
  }));
}

/** What the runtime mounts there: the state directory itself, or the notify socket's directory in it. */
const ownMount = /^[^/]+(\/notify)?$/;

/** Mounts of containers that no longer exist. A root may hold other things, too, such as bundles with mounts of their own. */
function mounts(host: Host, root: string): Found[] {
  return parseMountinfo(host.readText('/proc/self/mountinfo', mountinfoLimit))
    .map(({ point }) => point)
    .filter((point) => point.startsWith(`${root}/`))
    .filter((point) => ownMount.test(point.slice(root.length + 1)))
    .filter((point) => host.lstat(`${root}/${point.slice(root.length + 1).split('/')[0] ?? ''}/state.json`) === null)
    .reverse()
    .map((point) => ({
      kind: 'mount',
      subject: point,
      why: 'its container no longer exists',
      remove: () => host.unmount(point),
    }));
}

/** Everything that is left, each with a function that removes it. */
export function findLeftovers(host: Host, options: LeftoverOptions): Found[] {
  const records: ContainerRecord[] = [];
  const found = containers(host, options, records);
  return [...found, ...unrecorded(host, options), ...cgroups(host, records), ...mounts(host, options.root)];
}
