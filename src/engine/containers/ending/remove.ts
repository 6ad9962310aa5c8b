// rm: removes a container, running or not.
import type { Engine } from '../../engine.js';
import { engineError } from '../../errors.js';
import { changing } from '../../records/journal.js';
import { removeStored, type Removal } from './removal.js';
import { cleanUpIfEnded } from './cleanup.js';
import { endRunning } from './stop.js';
import { isRunning, withContainerLock } from '../../records/container-store.js';

export interface RemoveRequest extends Removal {
  /** Kill a running container first. */
  readonly force: boolean;
}

export function removeContainer(engine: Engine, id: string, request: RemoveRequest): void {
  withContainerLock(engine, id, (container) =>
    changing(engine, id, () => {
      let current = cleanUpIfEnded(engine, container, false) ?? container;
      if (isRunning(engine, current)) {
        if (!request.force) {
          const paused = current.state.status === 'paused';
          throw engineError(
            `You cannot remove a ${paused ? 'paused' : 'running'} container ${id}. ` +
              `${paused ? 'Unpause and then stop' : 'Stop'} the container before attempting removal or force remove`,
            `Remove it anyway: pocker rm -f ${current.record.name}`,
          );
        }
        endRunning(engine, current);
        current = cleanUpIfEnded(engine, current, false) ?? current;
      }
      if (current.state.status === 'restarting' && !request.force)
        throw engineError(
          `You cannot remove a restarting container ${id}. Stop the container before attempting removal or force remove`,
          `Remove it anyway: pocker rm -f ${current.record.name}`,
        );
      removeStored(engine, current, request);
    }),
  );
}
