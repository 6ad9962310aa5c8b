// Takes a container apart: its process, mounts, cgroups and state directory. Each part may be missing already.
import { fromHost } from '../../errors.js';
import type { Host } from '../../host/host.js';
import { thawForDeath } from '../../cgroup/freezer.js';
import { unmountNew } from '../../container/host-mount.js';
import { killProcess } from '../../container/process.js';
import type { ContainerRecord } from '../../container/record.js';
import type { LockedDirectory } from '../../container/store.js';
import { ofIncompleteCreate } from '../../cgroup/records.js';
import { destroyCgroups } from '../../cgroup/manager.js';
import { runPoststop } from '../../container/hooks.js';
import { endCriu } from '../../criu/unattended.js';
import { removeRdt } from '../../container/resctrl.js';

function unmountRoot(host: Host, { hostMount, hostMountBefore }: ContainerRecord): void {
  if (hostMount === null) return;
  try {
    unmountNew(host, hostMount, hostMountBefore);
  } catch (caught) {
    throw fromHost('E_MOUNT', 'cannot unmount the root filesystem', caught);
  }
}

/** Clears all of a container except its state directory. `kill`: also kills what is left in cgroups made for it. */
export function clear(host: Host, record: ContainerRecord, kill: boolean): void {
  endCriu(host, record);
  if (record.init !== null) killProcess(host, record.init, () => thawForDeath(host, record.cgroups));
  destroyCgroups(host, record, kill);
  removeRdt(host, record.rdt);
  unmountRoot(host, record);
}

/**
 * The record of a create that died half-way, with what is known to be its own. The gate is made after the cgroups, and the first
 * process after the gate.
 */
export function withOwnCgroups(directory: LockedDirectory, record: ContainerRecord): ContainerRecord {
  if (record.status !== 'creating' || record.init !== null) return record;
  return { ...record, cgroups: ofIncompleteCreate(record.cgroups, directory.hasGate()) };
}

export interface Destruction {
  readonly record: ContainerRecord;
  readonly kill: boolean;
  readonly warn: (text: string) => void;
}

/**
 * The end of a container (runtime.md, "Lifecycle" steps 12 and 13): everything is undone and its directory removed; then the
 * poststop hooks run, which find no container of that id and may create another one.
 */
export function destroy(host: Host, directory: LockedDirectory, { record, kill, warn }: Destruction): void {
  clear(host, record, kill);
  directory.remove();
  directory.unlock();
  if (record.init !== null) runPoststop(host, record, warn);
}
