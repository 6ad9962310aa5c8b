// What conmon's call does when a container has ended: updates its record and, by its restart policy, starts it again.
import type { Engine } from '../engine.js';
import { changing } from '../records/journal.js';
import { cleanUpIfEnded } from './ending/cleanup.js';
import { nextBackOff, wantsRestart } from './ending/restart-policy.js';
import { startContainer } from './starting/start.js';
import type { ContainerState } from '../records/container.js';
import { readContainer, withContainerLock, writeState, type StoredContainer } from '../records/container-store.js';

/** It starts again after `backOffMs`. */
type Restarting = ContainerState & { readonly backOffMs: number };

/** Records that it will be started again; null: it will not. */
function announce(engine: Engine, container: StoredContainer): Restarting | null {
  const current = cleanUpIfEnded(engine, container);
  if (current === null || !wantsRestart(current.record, current.state)) return null;
  const { record, state } = current;
  const next = { ...state, status: 'restarting' as const, restartCount: state.restartCount + 1, backOffMs: nextBackOff(state) };
  writeState(engine, record.id, next);
  return next;
}

/** False if another command has stopped, started or removed it meanwhile. */
function stillWanted(engine: Engine, id: string, { restartCount }: ContainerState): boolean {
  const now = readContainer(engine, id)?.state;
  return now?.status === 'restarting' && now.restartCount === restartCount;
}

/** A failed start counts as an end. */
function tryStart(engine: Engine, id: string): boolean {
  try {
    startContainer(engine, id, { attach: false, again: true });
    return true;
  } catch (caught) {
    engine.log.error(caught);
    return false;
  }
}

export function cleanUpOrRestart(engine: Engine, id: string): void {
  try {
    changing(engine, id, () => followPolicy(engine, id));
  } catch (caught) {
    // Another command has removed it.
    if (readContainer(engine, id) !== null) throw caught;
  }
}

function followPolicy(engine: Engine, id: string): void {
  let next = withContainerLock(engine, id, (container) => announce(engine, container));
  while (next !== null) {
    engine.host.sleep(next.backOffMs);
    if (!stillWanted(engine, id, next) || tryStart(engine, id)) return;
    next = withContainerLock(engine, id, ({ record, state }) => {
      writeState(engine, id, { ...state, status: 'exited', finishedAt: new Date(engine.host.now()).toISOString() });
      return announce(engine, { record, state: { ...state, status: 'exited' } });
    });
  }
}
