// The complete state machine: which status a container has, by its record and the kernel; which verb may run in which status
// (runtime.md, "Operations"), and why not.
import { isFrozen } from '../../cgroup/freezer.js';
import { isAlive } from '../../container/process.js';
import type { ContainerRecord, Status } from '../../container/record.js';
import { gateName, Store, type LockedDirectory } from '../../container/store.js';
import { awaitCriu } from '../../criu/unattended.js';
import { PockerError } from '../../errors.js';
import type { Host } from '../../host/host.js';

export type Verb =
  | 'start'
  | 'pause'
  | 'resume'
  | 'update'
  | 'exec'
  | 'exec --ignore-paused'
  | 'mounts'
  | 'kill'
  | 'checkpoint'
  | 'delete'
  | 'delete --force';

/** null: allowed; otherwise the reason, in the words that engines know from runc. */
const table: Readonly<Record<Verb, Readonly<Record<Status, string | null>>>> = {
  start: {
    creating: 'cannot start a container that is being created',
    created: null,
    running: 'cannot start an already running container',
    paused: 'cannot start a container in the paused state',
    stopped: 'cannot start a container that has stopped',
  },
  exec: {
    creating: 'cannot exec in a container that is being created',
    created: null,
    running: null,
    paused: 'cannot exec in a paused container (use --ignore-paused to override)',
    stopped: 'cannot exec in a stopped container',
  },
  'exec --ignore-paused': {
    creating: 'cannot exec in a container that is being created',
    created: null,
    running: null,
    paused: null,
    stopped: 'cannot exec in a stopped container',
  },
  pause: {
    creating: 'container not running',
    created: null,
    running: null,
    paused: 'container not running',
    stopped: 'container not running',
  },
  update: {
    creating: 'container not running',
    created: null,
    running: null,
    paused: null,
    stopped: 'container not running',
  },
  mounts: {
    creating: 'container not running',
    created: null,
    running: null,
    // The process that applies it is not in the container's cgroups.
    paused: null,
    stopped: 'container not running',
  },
  resume: {
    creating: 'container not paused',
    created: 'container not paused',
    running: 'container not paused',
    paused: null,
    stopped: 'container not paused',
  },
  kill: {
    creating: 'container not running',
    created: null,
    running: null,
    paused: null,
    stopped: 'container not running',
  },
  checkpoint: {
    creating: 'Container cannot be checkpointed in creating state',
    created: 'Container cannot be checkpointed in created state',
    running: null,
    paused: null,
    stopped: 'Container cannot be checkpointed in stopped state',
  },
  delete: {
    creating: 'cannot delete container %s that is not stopped: creating',
    // runtime.md#delete: "Attempting to delete a container that is not stopped MUST have no effect".
    created: 'cannot delete container %s that is not stopped: created',
    running: 'cannot delete container %s that is not stopped: running',
    paused: 'cannot delete container %s that is not stopped: paused',
    stopped: null,
  },
  'delete --force': { creating: null, created: null, running: null, paused: null, stopped: null },
};

const hints: Partial<Record<Verb, Partial<Record<Status, string>>>> = {
  kill: { creating: 'It is being created: delete it with --force to end that', stopped: 'It has stopped' },
  delete: {
    creating: 'Wait until it is created, or use --force',
    created: 'Kill it first, or use --force',
    running: 'Kill it first, or use --force',
    paused: 'Kill it first, or use --force',
  },
};

/** Throws E_STATE with from, verb and reason if the verb may not run now. */
export function assertAllowed(verb: Verb, status: Status, id: string): void {
  const reason = table[verb][status];
  if (reason === null) return;
  const hint = hints[verb]?.[status];
  throw new PockerError('E_STATE', reason.replace('%s', id), {
    operation: `${verb}: ${status}`,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** The connection to the gate if pocker-init still waits there: only then does anybody listen. Otherwise -1. */
function connectGate(host: Host, directory: string): number {
  const fd = host.openDirectory(directory);
  try {
    return host.connect(fd, gateName);
  } finally {
    host.close(fd);
  }
}

/** Whether a command that is running now creates it. */
function isBeingCreated(host: Host, { status, abandoned, creator }: ContainerRecord): boolean {
  return status === 'creating' && abandoned !== true && isAlive(host, creator);
}

/** Whether its restore was killed: what criu has made of it so far is no container yet, and goes when that is deleted. */
const isHalfRestored = ({ status, criu }: ContainerRecord): boolean => status === 'creating' && criu !== undefined;

/** The status and, for a created container, the connection to its gate, which the caller closes; otherwise -1. */
export function readStatusAndGate(host: Host, directory: string, record: ContainerRecord): { status: Status; gate: number } {
  const without = (status: Status) => ({ status, gate: -1 });
  if (isBeingCreated(host, record)) return without('creating');
  if (record.init === null || record.abandoned === true || isHalfRestored(record)) return without('stopped');
  if (!isAlive(host, record.init)) return without('stopped');
  if (isFrozen(host, record.cgroups)) return without('paused');
  const gate = connectGate(host, directory);
  return { status: gate >= 0 ? 'created' : 'running', gate };
}

export function statusOf(host: Host, directory: string, record: ContainerRecord): Status {
  const { status, gate } = readStatusAndGate(host, directory, record);
  if (gate >= 0) host.close(gate);
  return status;
}

export interface ContainerName {
  readonly root: string;
  readonly id: string;
}

export interface LockedContainer {
  readonly store: Store;
  readonly directory: LockedDirectory;
  readonly record: ContainerRecord;
  readonly status: Status;
}

/** What every command on a container does first, after a checkpoint that was killed. */
export function settle(host: Host, { root, id }: ContainerName): void {
  const store = new Store(host, root);
  const directory = store.lock(id);
  try {
    awaitCriu(host, directory, store.read(id), true);
  } finally {
    directory.unlock();
  }
}

/** Runs `body` with the container locked; E_NO_CONTAINER, and E_STATE if the verb may not run now. */
export function withLocked(host: Host, { root, id }: ContainerName, verb: Verb, body: (locked: LockedContainer) => void): void {
  const store = new Store(host, root);
  const directory = store.lock(id);
  try {
    const record = awaitCriu(host, directory, store.read(id), verb !== 'resume');
    const status = statusOf(host, directory.path, record);
    assertAllowed(verb, status, id);
    body({ store, directory, record, status });
  } finally {
    directory.unlock();
  }
}
