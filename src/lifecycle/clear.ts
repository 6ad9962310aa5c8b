// Taking a container apart: its process, mounts, cgroups and state directory. Each part may be missing already.
import { fromHost, isHostFailure, PockerError } from '../errors.js';
import type { Host } from '../host/host.js';
import { thawQuietly } from '../state/freezer.js';
import { open } from '../state/process.js';
import type { ContainerRecord, ProcessIdentity } from '../state/record.js';
import type { LockedDirectory } from '../state/store.js';
import { destroyCgroups } from './cgroup-manager.js';
import { hookState, tryHooks } from './hooks.js';
import { removeRdt } from './resctrl.js';

const SIGKILL = 9;
const endWaitMs = 10_000;
const EINVAL = 22;
const ENOENT = 2;
const ESRCH = 3;

/** SIGKILL by pidfd, then `signalled`, then waits for the end. E_BUSY when the kernel does not end it in time. */
export function killProcess(host: Host, process: ProcessIdentity, signalled: () => void = () => undefined): void {
  const pidfd = open(host, process);
  if (pidfd < 0) return;
  try {
    killByDescriptor(host, pidfd, process.pid, signalled);
  } finally {
    host.close(pidfd);
  }
}

export function killByDescriptor(host: Host, pidfd: number, pid: number, signalled: () => void = () => undefined): void {
  try {
    host.signal(pidfd, SIGKILL);
  } catch (caught) {
    if (!(isHostFailure(caught) && caught.errno === ESRCH)) throw fromHost('E_PROCESS', `cannot kill process ${pid}`, caught);
  }
  signalled();
  if (!host.waitProcess(pidfd, endWaitMs)) {
    throw new PockerError('E_BUSY', `process ${pid} did not end within ${endWaitMs / 1000} s of SIGKILL`, {
      hint: `see /proc/${pid}/stack for what it waits for`,
    });
  }
  host.reap(pidfd);
}

function unmount(host: Host, path: string): void {
  try {
    host.unmount(path);
  } catch (caught) {
    if (isHostFailure(caught) && (caught.errno === EINVAL || caught.errno === ENOENT)) return;
    throw fromHost('E_MOUNT', 'cannot unmount the root filesystem', caught);
  }
}

/** Everything of a container but its state directory. `kill`: also what is left in the cgroups that were made for it. */
export function clear(host: Host, record: ContainerRecord, kill: boolean): void {
  if (record.init !== null) killProcess(host, record.init, () => thawQuietly(host, record.cgroups));
  destroyCgroups(host, record, kill);
  removeRdt(host, record.rdt);
  if (record.hostMount !== null) unmount(host, record.hostMount);
}

export interface Destruction {
  readonly record: ContainerRecord;
  readonly kill: boolean;
  readonly warn: (text: string) => void;
}

/** The end of a container (runtime.md, "Lifecycle" steps 12 and 13): undone, poststop hooks run, its directory removed. */
export function destroy(host: Host, directory: LockedDirectory, { record, kill, warn }: Destruction): void {
  clear(host, record, kill);
  const poststop = record.init === null ? [] : record.poststop;
  tryHooks(host, 'poststop', poststop, { state: hookState(record, 'stopped', 0), cwd: record.bundle, warn });
  directory.remove();
}
