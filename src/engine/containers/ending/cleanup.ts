// Updates a container's record when its program has ended. conmon's call, the command that waits, or any other command that looks
// at the container may do it; the first one does.
import type { Engine } from '../../engine.js';
import { emit } from '../../records/events.js';
import { changing } from '../../records/journal.js';
import { release } from '../bundle/prepare.js';
import type { ContainerState } from '../../records/container.js';
import { removeStored } from './removal.js';
import {
  attributesOf,
  bundleDirectory,
  endingName,
  runs,
  writeState,
  type StoredContainer,
  readContainer,
  withContainerLock,
} from '../../records/container-store.js';
import { pidIn } from '../../store/pid-files.js';
import { unknownExit, writtenExitCode } from '../bundle/exit-code.js';

/** How long conmon may take to write the exit code of a process that has ended. */
const exitFileWaitMs = 5000;

const conmonLives = (engine: Engine, id: string): boolean => pidIn(engine, `${bundleDirectory(engine, id)}/conmon.pid`, id) > 0;

/** What conmon wrote; it may need a moment. */
function exitCodeOf(engine: Engine, id: string): number {
  const { host } = engine;
  const deadline = host.monotonic() + exitFileWaitMs;
  for (;;) {
    const code = writtenExitCode(engine, id);
    if (code !== null) return code;
    if (host.monotonic() > deadline || !conmonLives(engine, id)) return writtenExitCode(engine, id) ?? unknownExit;
    host.sleep(1);
  }
}

/**
 * Returns the container as it is now or, if it was removed (--rm), as it was in the end. The caller holds its lock. Without
 * `remove`, it stays in spite of --rm, because the caller goes on to start or remove it.
 */
export function upToDate(engine: Engine, container: StoredContainer, remove = true): StoredContainer {
  const { record, state } = container;
  const active = state.status === 'running' || state.status === 'paused';
  if (!active || runs(engine, state)) return container;
  return changing(engine, record.id, () => end(engine, container, remove));
}

/** Whether it is removed as soon as it ends. */
const goes = ({ record, state }: StoredContainer): boolean => record.hostConfig.AutoRemove && state.restarts !== true;

/** The same; null if it has ended and was removed. */
export function cleanUpIfEnded(engine: Engine, container: StoredContainer, remove = true): StoredContainer | null {
  const now = upToDate(engine, container, remove);
  return now !== container && remove && goes(container) ? null : now;
}

function end(engine: Engine, container: StoredContainer, remove: boolean): StoredContainer {
  const { record } = container;
  const removes = remove && goes(container);
  const state = endedState(engine, container, !removes);
  emit(engine, {
    Type: 'container',
    Action: 'die',
    id: record.id,
    attributes: { ...attributesOf(record), exitCode: String(state.exitCode) },
  });
  if (removes) removeStored(engine, { record, state }, { volumes: true });
  return { record, state };
}

function endedState(engine: Engine, { record, state }: StoredContainer, stays: boolean): ContainerState {
  const { host } = engine;
  const { id } = record;
  const bundle = bundleDirectory(engine, id);
  const exitCode = exitCodeOf(engine, id);
  const oomKilled = host.lstat(`${bundle}/oom`) !== null;
  release(engine, id);
  const ended: ContainerState = {
    ...state,
    status: 'exited',
    pid: 0,
    exitCode,
    oomKilled,
    finishedAt: new Date(host.now()).toISOString(),
    endpoints: {},
    ports: {},
  };
  if (stays) writeState(engine, id, ended);
  // Waiting commands have it open.
  if (host.lstat(bundle) !== null) host.append(`${bundle}/${endingName}`, `${exitCode}\n`);
  host.removeDirectory(bundle);
  return ended;
}

/** Once it has ended: updates its record, unless another command has done that and removed it. */
export function settle(engine: Engine, id: string): void {
  if (readContainer(engine, id) === null) return;
  try {
    withContainerLock(engine, id, (container) => cleanUpIfEnded(engine, container));
  } catch (caught) {
    if (readContainer(engine, id) !== null) throw caught;
  }
}
