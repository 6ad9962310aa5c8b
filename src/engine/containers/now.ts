// A container as it is now, whatever its record says.
import type { Engine } from '../engine.js';
import { unknownExit, writtenExitCode } from './bundle/exit-code.js';
import { containerDirectory, runs, type StoredContainer } from '../records/container-store.js';

/** A container as it is now: conmon may not have reported its end yet. */
export function refreshed(engine: Engine, container: StoredContainer): StoredContainer {
  const { state } = container;
  if ((state.status !== 'running' && state.status !== 'paused') || runs(engine, state)) return container;
  const { record } = container;
  const now = new Date(engine.host.now()).toISOString();
  return {
    record,
    state: { ...state, status: 'exited', pid: 0, exitCode: writtenExitCode(engine, record.id) ?? unknownExit, finishedAt: now },
  };
}

/** Bytes that a container has written. */
export function writtenBytes(engine: Engine, { record: { id } }: StoredContainer): number {
  const upper = `${containerDirectory(engine, id)}/upper`;
  return engine.host.lstat(upper) === null ? 0 : engine.host.treeSize(upper);
}
