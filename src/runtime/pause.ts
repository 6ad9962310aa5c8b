// pause and resume, which the specification does not have: suspend every process of the container, and let them go on.
import { PockerError } from '../errors.js';
import type { Host } from '../host/host.js';
import { freeze, thaw } from '../cgroup/freezer.js';
import { withLocked, type ContainerName } from './shared/state-machine.js';
import { processesOf } from '../cgroup/members.js';

/** E_STATE ("container not running") unless it is created or running. On failure the container runs on. */
export function pauseContainer(host: Host, options: ContainerName): void {
  withLocked(host, options, 'pause', ({ record: { cgroups } }) => {
    if (processesOf(host, cgroups).includes(host.pid)) {
      throw new PockerError('E_CGROUP', 'cannot freeze the container: this command itself runs in its cgroup');
    }
    freeze(host, cgroups);
  });
}

/** E_STATE ("container not paused") unless it is paused. */
export function resumeContainer(host: Host, options: ContainerName): void {
  withLocked(host, options, 'resume', ({ record: { cgroups } }) => {
    thaw(host, cgroups);
  });
}
