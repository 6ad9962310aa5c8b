// Starts a container: conmon creates it, then its program may run.
import { identify } from '../../../container/process.js';
import { strictly } from '../../../container/notices.js';
import { startContainer as startInRuntime } from '../../../runtime/start.js';
import type { Engine } from '../../engine.js';
import { engineError, failureCode } from '../../errors.js';
import { emit } from '../../records/events.js';
import { asProgramError, createWithConmon } from './conmon.js';
import { hasHealthcheck, startHealthMonitor, unknown } from './health.js';
import { changing } from '../../records/journal.js';
import { warnOfLostLimits } from './lost-limits.js';
import { prepareContainer, release, type Connected } from '../bundle/prepare.js';
import type { ContainerRecord, ContainerState } from '../../records/container.js';
import { cleanUpIfEnded } from '../ending/cleanup.js';
import {
  attributesOf,
  bundleDirectory,
  endingName,
  withContainerLock,
  writeState,
  type StoredContainer,
} from '../../records/container-store.js';
import { bootId } from '../../records/lost-state.js';

export interface StartRequest {
  /** Connect to its standard input and output before its program runs. */
  readonly attach: boolean;
  /** Called by its restart policy, not by the user. */
  readonly again?: boolean;
}

/** A container that a command waits for. The caller closes the descriptors. */
export interface Running {
  readonly id: string;
  /** Its attach socket; -1: not attached. */
  readonly socket: number;
  readonly pidfd: number;
  /** The file that tells how it ended, even after the container is removed. */
  readonly ending: number;
}

const notices = (engine: Engine) => strictly((text, fields) => engine.log.warn(text, fields), false);

/** Fails and undoes everything if the program cannot be run. null: it was already running. */
export function startContainer(engine: Engine, id: string, request: StartRequest): Running | null {
  return withContainerLock(engine, id, (container) =>
    changing(engine, id, () => {
      const current = cleanUpIfEnded(engine, container, false);
      if (current === null) throw engineError(`No such container: ${id}`);
      const { status } = current.state;
      if (status === 'paused')
        throw engineError(
          'cannot start a paused container, try unpause instead',
          `Resume it: pocker unpause ${current.record.name}`,
        );
      if (status === 'removing') throw engineError('container is marked for removal and cannot be started');
      // It was stopped after its policy was checked.
      if (request.again === true && current.state.stopRequested) return null;
      return status === 'running' ? null : launch(engine, current, request);
    }),
  );
}

function launch(engine: Engine, { record, state }: StoredContainer, request: StartRequest): Running {
  let connected: Connected = { endpoints: {}, ports: {} };
  try {
    connected = prepareContainer(engine, record);
    const pid = createWithConmon(engine, record);
    warnOfLostLimits(engine, record);
    return letGo(engine, record, { state, connected, pid, request });
  } catch (caught) {
    undo(engine, record, { ...state, ...connected }, caught);
    throw caught;
  }
}

interface Created {
  readonly state: ContainerState;
  readonly connected: Connected;
  readonly pid: number;
  readonly request: StartRequest;
}

function letGo(engine: Engine, record: ContainerRecord, created: Created): Running {
  const { host } = engine;
  const { id } = record;
  const identity = identify(host, created.pid);
  if (identity === null) throw engineError('the container ended before it was started');
  const pidfd = host.pidfdOpen(created.pid);
  const bundle = bundleDirectory(engine, id);
  host.writeNew(`${bundle}/${endingName}`, '', 0o600);
  const ending = host.openFile(`${bundle}/${endingName}`);
  const socket = created.request.attach ? connectAttach(engine, id) : -1;
  // Written before the program runs, so that whoever finds the process knows its owner.
  writeState(engine, id, runningState(engine, record, created, identity.startTime));
  run(engine, record);
  emit(engine, { Type: 'container', Action: 'start', id, attributes: attributesOf(record) });
  startHealthMonitor(engine, record);
  return { id, socket, pidfd, ending };
}

function run(engine: Engine, record: ContainerRecord): void {
  try {
    startInRuntime(engine.host, { root: engine.paths.runtime, id: record.id, ...notices(engine) });
  } catch (caught) {
    throw asProgramError(record.path, caught);
  }
}

export function connectAttach({ host, paths }: Engine, id: string): number {
  const directory = host.openDirectory(`${paths.bundles}/${id}`);
  try {
    const socket = host.connect(directory, 'attach');
    if (socket < 0) throw engineError('cannot attach: conmon does not listen', 'It has ended or was killed: try again');
    return socket;
  } finally {
    host.close(directory);
  }
}

function runningState(
  engine: Engine,
  record: ContainerRecord,
  { state, connected, pid, request }: Created,
  startTime: number,
): ContainerState {
  const { health: _health, restarts: _restarts, ...rest } = state;
  return {
    ...rest,
    ...connected,
    status: 'running',
    pid,
    startTime,
    bootId: bootId(engine),
    exitCode: 0,
    oomKilled: false,
    error: '',
    startedAt: new Date(engine.host.now()).toISOString(),
    stopRequested: false,
    ...(hasHealthcheck(record) ? { health: unknown } : {}),
    ...(request.again === true ? {} : { restartCount: 0, backOffMs: 0 }),
  };
}

/** The same, with the reason. */
function undo(engine: Engine, record: ContainerRecord, state: ContainerState, caught: unknown): void {
  const { host } = engine;
  const { id } = record;
  try {
    release(engine, id);
    host.removeDirectory(bundleDirectory(engine, id));
  } catch (again) {
    engine.log.warn(`while cleaning up: ${again instanceof Error ? again.message : String(again)}`);
  }
  const error = caught instanceof Error ? caught.message : String(caught);
  const code = failureCode(caught);
  const exitCode = code === 125 ? 128 : code;
  writeState(engine, id, { ...state, status: 'created', pid: 0, exitCode, error, endpoints: {}, ports: {} });
}
