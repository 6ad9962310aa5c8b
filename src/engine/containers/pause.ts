// pause and unpause.
import { pauseContainer as pauseInRuntime, resumeContainer } from '../../runtime/pause.js';
import type { Engine } from '../engine.js';
import { engineError } from '../errors.js';
import { emit } from '../records/events.js';
import { cleanUpIfEnded } from './ending/cleanup.js';
import { attributesOf, isRunning, withContainerLock, writeState } from '../records/container-store.js';

export function pauseContainer(engine: Engine, id: string): void {
  withContainerLock(engine, id, (found) => {
    const current = cleanUpIfEnded(engine, found);
    if (current === null || !isRunning(engine, current))
      throw engineError(`Container ${id} is not running`, `Start it: pocker start ${id}`);
    const { record, state } = current;
    if (state.status === 'paused')
      throw engineError(`Container ${id} is already paused`, `Resume it: pocker unpause ${record.name}`);
    pauseInRuntime(engine.host, { root: engine.paths.runtime, id: record.id });
    writeState(engine, id, { ...state, status: 'paused' });
    emit(engine, { Type: 'container', Action: 'pause', id, attributes: attributesOf(record) });
  });
}

export function unpauseContainer(engine: Engine, id: string): void {
  withContainerLock(engine, id, (found) => {
    const current = cleanUpIfEnded(engine, found);
    if (current?.state.status !== 'paused')
      throw engineError(`Container ${id} is not paused`, "List paused containers with 'pocker ps --filter status=paused'");
    const { record, state } = current;
    resumeContainer(engine.host, { root: engine.paths.runtime, id: record.id });
    writeState(engine, id, { ...state, status: 'running' });
    emit(engine, { Type: 'container', Action: 'unpause', id, attributes: attributesOf(record) });
  });
}
