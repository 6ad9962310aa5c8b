// The complete state machine: which verb may run in which status (runtime.md, "Operations"), and why not.
import { PockerError } from '../errors.js';
import type { Status } from './record.js';

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
  kill: { creating: 'it is being created: delete --force ends that', stopped: 'it has stopped' },
  delete: {
    creating: 'wait until it is created, or use --force',
    created: 'kill it first, or use --force',
    running: 'kill it first, or use --force',
    paused: 'kill it first, or use --force',
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
