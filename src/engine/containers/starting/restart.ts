// What conmon's call does when a container has ended: updates its record and, by its restart policy, starts it again.
import type { Engine } from '../../engine.js';
import { changing } from '../../records/journal.js';
import { cleanUpIfEnded } from '../ending/cleanup.js';
import { wantsRestart } from '../ending/restart-policy.js';
import { startContainer } from './start.js';
import type { ContainerState } from '../../records/container.js';
import { readContainer, withContainerLock, writeState, type StoredContainer } from '../../records/container-store.js';

const firstBackOffMs = 100;
const longestBackOffMs = 60_000;
/** After running that long, the back-off starts over. */
const wellMs = 10_000;

function nextBackOff({ startedAt, finishedAt, backOffMs = 0 }: ContainerState): number {
  if (backOffMs === 0 || Date.parse(finishedAt) - Date.parse(startedAt) >= wellMs) return firstBackOffMs;
  return Math.min(longestBackOffMs, backOffMs * 2);
}

/** Records that it will be started again; null: it will not. */
function announce(engine: Engine, container: StoredContainer): ContainerState | null {
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

export function cleanUp(engine: Engine, id: string): void {
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
    engine.host.sleep(next.backOffMs ?? firstBackOffMs);
    if (!stillWanted(engine, id, next) || tryStart(engine, id)) return;
    next = withContainerLock(engine, id, ({ record, state }) => {
      writeState(engine, id, { ...state, status: 'exited', finishedAt: new Date(engine.host.now()).toISOString() });
      return announce(engine, { record, state: { ...state, status: 'exited' } });
    });
  }
}
