// delete (runtime.md, "Lifecycle" steps 10 to 13): leaves nothing of the container. The state directory goes last.
import { PockerError } from '../errors.js';
import type { Host } from '../host/host.js';
import { assertAllowed, statusOf } from './shared/state-machine.js';
import { UnreadableRecord } from '../container/state-json.js';
import { awaitDying } from '../container/process.js';
import type { ContainerRecord, ProcessIdentity, Status } from '../container/record.js';
import { Store, type LockedDirectory } from '../container/store.js';
import { destroy, withOwnCgroups } from './shared/clear.js';
import { clearEmpty } from './shared/reserve.js';

const endWaitMs = 10_000;

export interface DeleteOptions {
  readonly root: string;
  readonly id: string;
  /** Kill it first if it runs; a missing container is not an error. */
  readonly force: boolean;
  /** Delete only the container of that process: another one with that id does not belong to this caller. */
  readonly init?: ProcessIdentity | null;
  /** Whether this is still the container to delete, asked under its lock. E_BUSY if not. */
  readonly confirm?: (record: ContainerRecord) => boolean;
  readonly warn: (text: string) => void;
}

/** E_NO_CONTAINER ("container does not exist"), E_STATE when it has not stopped, E_CGROUP naming who keeps a cgroup busy. */
export function deleteContainer(host: Host, options: DeleteOptions): void {
  const store = new Store(host, options.root);
  try {
    deleteLocked(host, store, options);
  } catch (caught) {
    if (options.force && caught instanceof PockerError && caught.code === 'E_NO_CONTAINER') return;
    throw caught;
  }
}

function deleteLocked(host: Host, store: Store, options: DeleteOptions): void {
  const { id, force, init, warn } = options;
  const directory = store.lock(id);
  try {
    const record = store.tryRead(id);
    if (record === null) {
      // A create may be about to write a record.
      directory.unlock();
      clearEmpty(store, id);
      return;
    }
    if (init !== undefined && !isSameProcess(record.init, init)) return;
    if (options.confirm?.(record) === false) throw new PockerError('E_BUSY', `container ${JSON.stringify(id)} is in use again`);
    assertAllowed(force ? 'delete --force' : 'delete', settledStatus(host, directory.path, record, force), id);
    const kill = force || record.sharesPids || record.status === 'creating';
    destroy(host, directory, { record: withOwnCgroups(directory, record), kill, warn });
  } catch (caught) {
    // A newer version's or another program's record has somebody who can take its container apart.
    if (!(force && caught instanceof UnreadableRecord && caught.why === 'broken')) throw caught;
    removeBroken(store, directory, { id, warn, why: caught.message });
  } finally {
    directory.unlock();
  }
}

/** Deletes what a killed create or restore had made of its own, if anything. */
export function deleteUnfinished(
  host: Host,
  { root, id, creator, warn }: Pick<DeleteOptions, 'root' | 'id' | 'warn'> & { readonly creator: ProcessIdentity },
): void {
  const store = new Store(host, root);
  if (host.lstat(store.directory(id)) === null) return;
  const directory = store.lock(id);
  try {
    const record = store.tryRead(id);
    if (record === null) {
      directory.unlock();
      clearEmpty(store, id);
    } else if (isSameProcess(record.creator, creator)) {
      destroy(host, directory, { record: withOwnCgroups(directory, record), kill: true, warn });
    }
  } finally {
    directory.unlock();
  }
}

/** Soon after `kill ID KILL` the process may not have quite ended. Waits for that, and for nothing else. */
function settledStatus(host: Host, path: string, record: ContainerRecord, force: boolean): Status {
  const status = statusOf(host, path, record);
  if (force || status === 'stopped' || status === 'creating') return status;
  return awaitDying(host, record.init!, endWaitMs) ? statusOf(host, path, record) : status;
}

function isSameProcess(one: ProcessIdentity | null, other: ProcessIdentity | null): boolean {
  return one?.pid === other?.pid && one?.startTime === other?.startTime;
}

/** Nobody knows what to clear: says so, and frees the name. */
function removeBroken(
  store: Store,
  directory: LockedDirectory,
  { id, warn, why }: { id: string; warn: DeleteOptions['warn']; why: string },
): void {
  const cgroup = cgroupsPath(store, id);
  const where = cgroup === undefined ? '' : ` (its config has linux.cgroupsPath ${JSON.stringify(cgroup)})`;
  directory.remove();
  warn(`${why}: only its state directory was removed; any processes, cgroups and mounts that are left are not known${where}`);
}

function cgroupsPath(store: Store, id: string): unknown {
  try {
    return (JSON.parse(store.readConfig(id)) as { linux?: { cgroupsPath?: unknown } }).linux?.cgroupsPath;
  } catch {
    return undefined;
  }
}
