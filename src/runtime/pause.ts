// pause and resume, which the specification does not have: suspend every process of the container, and let them go on.
import { PockerError } from '../errors.js';
import type { Host } from '../host/host.js';
import { freeze, thaw } from '../cgroup/freezer.js';
import { assertAllowed } from '../container/state-machine.js';
import { statusOf } from './state.js';
import type { ContainerRecord } from '../container/record.js';
import { Store } from '../container/store.js';
import { processesOf } from '../cgroup/members.js';

export interface PauseOptions {
  readonly root: string;
  readonly id: string;
}

function locked(host: Host, { root, id }: PauseOptions, verb: 'pause' | 'resume', body: (record: ContainerRecord) => void): void {
  const store = new Store(host, root);
  const directory = store.lock(id);
  try {
    const record = store.read(id);
    assertAllowed(verb, statusOf(host, directory.path, record), id);
    body(record);
  } finally {
    directory.unlock();
  }
}

/** E_STATE ("container not running") unless it is created or running. On failure the container runs on. */
export function pauseContainer(host: Host, options: PauseOptions): void {
  locked(host, options, 'pause', ({ cgroups }) => {
    if (processesOf(host, cgroups).includes(host.pid)) {
      throw new PockerError('E_CGROUP', 'cannot freeze the container: this command itself runs in its cgroup');
    }
    freeze(host, cgroups);
  });
}

/** E_STATE ("container not paused") unless it is paused. */
export function resumeContainer(host: Host, options: PauseOptions): void {
  locked(host, options, 'resume', ({ cgroups }) => {
    thaw(host, cgroups);
  });
}
