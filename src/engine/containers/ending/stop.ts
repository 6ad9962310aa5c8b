// stop, kill and restart.
import { PockerError } from '../../../errors.js';
import { pidfdOpen, send } from '../../../container/process.js';
import { signalNumber } from '../../../plan/tables/signals.js';
import { killContainer as killInRuntime } from '../../../runtime/kill.js';
import { resumeContainer } from '../../../runtime/pause.js';
import type { Engine } from '../../engine.js';
import { engineError } from '../../errors.js';
import { emit } from '../../records/events.js';
import { cleanUpIfEnded, settle } from './cleanup.js';
import { attributesOf, isRunning, withContainerLock, writeState, type StoredContainer } from '../../records/container-store.js';
import { wantsRestart } from './restart-policy.js';

const SIGKILL = 9;
const killWaitMs = 10_000;
const forever = -1;

/** True if its first process ends within `ms`. */
function awaitEnd(engine: Engine, { state }: StoredContainer, ms: number): boolean {
  const { host } = engine;
  const pidfd = pidfdOpen(host, state);
  if (pidfd < 0) return true;
  try {
    return ms === forever ? host.poll([pidfd], [], -1).length > 0 : host.waitPidfd(pidfd, ms);
  } finally {
    host.close(pidfd);
  }
}

function kill(engine: Engine, { record }: StoredContainer): void {
  try {
    killInRuntime(engine.host, { root: engine.paths.runtime, id: record.id, signal: SIGKILL, all: true });
  } catch (caught) {
    // It has ended by itself, or is being cleaned up.
    if (!(caught instanceof PockerError && ['E_STATE', 'E_NO_CONTAINER'].includes(caught.code))) throw caught;
  }
}

/** Kills it and waits for its end. */
export function endRunning(engine: Engine, container: StoredContainer): void {
  kill(engine, container);
  if (awaitEnd(engine, container, killWaitMs)) return;
  throw engineError(
    `container ${container.record.name} did not end when it was killed`,
    'Look at the state of its processes in /proc',
  );
}

/** Kills it without waiting; its policy does not restart it. False: it was not running. */
export function condemn(engine: Engine, id: string): boolean {
  return withContainerLock(engine, id, (container) => {
    if (!isRunning(engine, container)) return false;
    writeState(engine, id, { ...container.state, stopRequested: true });
    kill(engine, container);
    return true;
  });
}

/** Records that somebody wants it down; null: it is down. */
function requestStop(engine: Engine, id: string, restarts: boolean): StoredContainer | null {
  return withContainerLock(engine, id, (container) => {
    const current = cleanUpIfEnded(engine, container, !restarts);
    if (current === null) return null;
    const { record } = current;
    const state = { ...current.state, restarts };
    // It may have just ended, and conmon's call, which would restart it, may be still to come.
    if (state.status === 'restarting' || wantsRestart(record, state)) {
      writeState(engine, id, { ...state, status: 'exited', stopRequested: true });
      return null;
    }
    if (!isRunning(engine, current)) return null;
    writeState(engine, id, { ...state, stopRequested: true });
    if (state.status === 'paused') resumeForDeath(engine, { record, state });
    return { record, state };
  });
}

function resumeForDeath(engine: Engine, { record, state }: StoredContainer): void {
  resumeContainer(engine.host, { root: engine.paths.runtime, id: record.id });
  writeState(engine, record.id, { ...state, status: 'running', stopRequested: true });
}

export interface StopRequest {
  /** Replaces the container's own timeout; below 0: no limit. */
  readonly seconds?: number | undefined;
  readonly signal?: string | undefined;
  /** The caller will start it again. */
  readonly restarts?: boolean;
}

/** A container that has received its signal. */
export interface Stopping {
  readonly container: StoredContainer;
  /** When to kill it, in `Host.monotonic` milliseconds. */
  readonly deadline: number;
}

/** null: not running. */
export function beginStop(engine: Engine, id: string, { seconds, signal, restarts = false }: StopRequest): Stopping | null {
  // Before anything is recorded: it goes on running.
  if (signal !== undefined) signalOf(signal);
  const container = requestStop(engine, id, restarts);
  if (container === null) return null;
  const { config } = container.record;
  send(engine.host, container.state, signalOf(signal ?? config.StopSignal));
  const limit = seconds ?? config.StopTimeout;
  return { container, deadline: limit < 0 ? Infinity : engine.host.monotonic() + limit * 1000 };
}

/** Waits for its end. It may be removed by then (--rm). */
export function finishStop(engine: Engine, { container, deadline }: Stopping): void {
  const { id } = container.record;
  const left = deadline === Infinity ? forever : Math.max(0, Math.ceil(deadline - engine.host.monotonic()));
  if (!awaitEnd(engine, container, left)) endRunning(engine, container);
  settle(engine, id);
  emit(engine, { Type: 'container', Action: 'stop', id, attributes: attributesOf(container.record) });
}

/** Sends its signal, then SIGKILL. */
export function stopContainer(engine: Engine, id: string, request: StopRequest): void {
  const stopping = beginStop(engine, id, request);
  if (stopping !== null) finishStop(engine, stopping);
}

export function signalOf(said: string): number {
  const number = signalNumber(said);
  if (number === undefined || number === 0) throw engineError(`Invalid signal: ${said}`, 'Use a name or a number');
  return number;
}

export function killContainer(engine: Engine, id: string, said: string): void {
  const signal = signalOf(said);
  const container = withContainerLock(engine, id, (found) => {
    const current = cleanUpIfEnded(engine, found);
    if (current === null || !isRunning(engine, current))
      throw engineError(
        `Cannot kill container: ${id}: Container ${found.record.id} is not running`,
        "List running containers with 'pocker ps'",
      );
    // As in docker: whoever kills a container does not want it back.
    if (signal === SIGKILL || signal === signalNumber(current.record.config.StopSignal))
      writeState(engine, id, { ...current.state, stopRequested: true });
    return current;
  });
  const { record } = container;
  emit(engine, { Type: 'container', Action: 'kill', id, attributes: { ...attributesOf(record), signal: String(signal) } });
  if (signal !== SIGKILL) return void send(engine.host, container.state, signal);
  endRunning(engine, container);
  settle(engine, id);
}
