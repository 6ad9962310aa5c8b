// Health checks: for each container that has one, a process runs it again and again until the container ends.
import type { Engine } from '../../engine.js';
import { emit } from '../../records/events.js';
import { pidfdOpen } from '../../../container/process.js';
import { ownCommand } from '../../own-program.js';
import type { ContainerRecord, ContainerState, HealthState, Healthcheck } from '../../records/container.js';
import { attributesOf, readContainer, runs, withContainerLock, writeState } from '../../records/container-store.js';

const perMs = 1e6;
const kept = 5;
const outputKept = 4096;
const startMs = 5000;

export const hasHealthcheck = ({ config }: ContainerRecord): boolean => (config.Healthcheck?.Test[0] ?? 'NONE') !== 'NONE';

/** Outlives this command: a shell starts it and exits. */
export function startHealthMonitor(engine: Engine, record: ContainerRecord): void {
  if (!hasHealthcheck(record)) return;
  const words = [...ownCommand(engine), 'container', 'monitor', record.id];
  engine.host.runProgram({
    path: '/bin/sh',
    args: ['sh', '-c', '"$0" "$@" >/dev/null 2>&1 </dev/null &', ...words],
    env: null,
    stdin: '',
    timeoutMs: startMs,
  });
}

interface Result {
  readonly Start: string;
  readonly End: string;
  readonly ExitCode: number;
  readonly Output: string;
}

function check(engine: Engine, id: string, { Test, Timeout }: Healthcheck): Result {
  const { host } = engine;
  const [kind, ...words] = Test;
  const program = kind === 'CMD-SHELL' ? ['/bin/sh', '-c', ...words] : words;
  const [path, ...own] = ownCommand(engine);
  const Start = new Date(host.now()).toISOString();
  const { exitCode, signal, timedOut, output } = host.runProgram({
    path: path!,
    args: [path!, ...own, 'exec', id, ...program],
    env: null,
    stdin: '',
    timeoutMs: Math.ceil(Timeout / perMs),
    keep: outputKept,
  });
  const End = new Date(host.now()).toISOString();
  if (timedOut) return { Start, End, ExitCode: -1, Output: `Health check exceeded timeout (${Math.ceil(Timeout / perMs)}ms)` };
  return { Start, End, ExitCode: signal === 0 ? exitCode : 128 + signal, Output: output };
}

/** docker's rules: one success means healthy; failures count after the start period; enough in a row mean unhealthy. */
export function judge(before: HealthState, result: Result, { Retries }: Healthcheck, starting: boolean): HealthState {
  const Log = [...before.Log, result].slice(-kept);
  if (result.ExitCode === 0) return { Status: 'healthy', FailingStreak: 0, Log };
  if (starting && before.Status === 'starting') return { ...before, Log };
  const FailingStreak = before.FailingStreak + 1;
  return { Status: FailingStreak >= Retries ? 'unhealthy' : before.Status, FailingStreak, Log };
}

/** For a container that has just started. */
export const unknown: HealthState = { Status: 'starting', FailingStreak: 0, Log: [] };

/** False once the container has ended or was restarted. */
function update(engine: Engine, id: string, own: ContainerState, change: (state: ContainerState) => ContainerState): boolean {
  if (readContainer(engine, id) === null) return false;
  return withContainerLock(engine, id, ({ record, state }) => {
    if (state.pid !== own.pid || state.startTime !== own.startTime || !runs(engine, state)) return false;
    const next = change(state);
    writeState(engine, id, next);
    if (next.health?.Status !== state.health?.Status && next.health !== undefined)
      emit(engine, {
        Type: 'container',
        Action: `health_status: ${next.health.Status}`,
        id,
        attributes: attributesOf(record),
      });
    return true;
  });
}

/** Runs until the container ends. */
export function monitorHealth(engine: Engine, id: string): void {
  const { host } = engine;
  const found = readContainer(engine, id);
  const health = found?.record.config.Healthcheck;
  if (found === null || health === undefined || !runs(engine, found.state)) return;
  const { state } = found;
  const pidfd = pidfdOpen(host, state);
  if (pidfd < 0) return;
  const begin = host.monotonic();
  while (!host.waitPidfd(pidfd, health.Interval / perMs)) {
    if (readContainer(engine, id)?.state.status === 'paused') continue;
    const result = check(engine, id, health);
    const starting = host.monotonic() - begin < health.StartPeriod / perMs;
    const goesOn = update(engine, id, state, (now) => ({
      ...now,
      health: judge(now.health ?? unknown, result, health, starting),
    }));
    if (!goesOn) return;
  }
}
