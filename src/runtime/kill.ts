// kill (runtime.md, "Kill"): signals the container's process, or all of its processes.
import { fromHost, PockerError } from '../errors.js';
import type { Host } from '../host/host.js';
import { thawForDeath } from '../cgroup/freezer.js';
import { assertAllowed, statusOf } from './shared/state-machine.js';
import { send } from '../container/process.js';
import type { ContainerRecord, Status } from '../container/record.js';
import { Store } from '../container/store.js';
import { killCgroup, mainCgroup, processesOf, signalCgroup } from '../cgroup/members.js';

const SIGKILL = 9;

export interface KillOptions {
  readonly root: string;
  readonly id: string;
  readonly signal: number;
  /** Every process of the container's cgroup. */
  readonly all: boolean;
}

/**
 * E_STATE ("container not running") if it has stopped, unless `all`. Takes no lock: a start that hangs in a hook must be
 * killable. If the pid namespace is shared, it does not die with the container's first process, so SIGKILL goes to all processes.
 */
export function killContainer(host: Host, options: KillOptions): void {
  const store = new Store(host, options.root);
  const record = store.read(options.id);
  const status = statusOf(host, store.directory(options.id), record);
  try {
    signalContainer(host, record, status, options);
  } finally {
    if (options.signal === SIGKILL) thawForDeath(host, record.cgroups);
  }
}

function signalContainer(host: Host, record: ContainerRecord, status: Status, options: KillOptions): void {
  if (status === 'creating') assertAllowed('kill', status, options.id);
  const everybody = options.all || (options.signal === SIGKILL && record.sharesPids);
  if (everybody && signalAll(host, record, options.signal) > 0) return;
  // Engines ask for this at the end of each container, to be sure.
  if (options.all && status === 'stopped') return;
  assertAllowed('kill', status, options.id);
  if (!signalInit(host, record, options.signal) && !options.all) throw new PockerError('E_STATE', 'container not running');
}

function signalAll(host: Host, record: ContainerRecord, signal: number): number {
  const cgroup = mainCgroup(record.cgroups);
  if (cgroup?.fresh !== true) return 0;
  // v1 may have a v2 hierarchy beside it, which can kill them all at once.
  const unified = record.cgroups.find(({ controller, parent }) => controller === '' && !parent);
  const before = signal === SIGKILL && unified?.fresh === true ? processesOf(host, record.cgroups).length : 0;
  if (before === 0 || unified === undefined) return signalCgroup(host, cgroup.path, signal);
  killCgroup(host, unified.path);
  return before;
}

function signalInit(host: Host, record: ContainerRecord, signal: number): boolean {
  try {
    return record.init !== null && send(host, record.init, signal);
  } catch (caught) {
    throw fromHost('E_PROCESS', 'cannot signal the container', caught);
  }
}
