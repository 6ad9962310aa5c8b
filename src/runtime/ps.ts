// ps: the processes of a container, as numbers or as shown by ps(1).
import { fromHost, PockerError } from '../errors.js';
import type { Host, ProgramResult } from '../host/host.js';
import { Store } from '../container/store.js';
import { isAlive } from '../container/process.js';
import type { ContainerRecord } from '../container/record.js';
import { processesOf } from '../cgroup/members.js';
import { findProgram } from '../container/programs.js';

const psTimeoutMs = 30_000;
const outputLimit = 16 * 1024 * 1024;

/** Pids as this process sees them. For a container without a cgroup, at least its first process. */
export function containerProcesses(host: Host, root: string, id: string): number[] {
  return pidsOf(host, new Store(host, root).read(id));
}

function pidsOf(host: Host, { cgroups, init }: ContainerRecord): number[] {
  if (cgroups.some(({ parent }) => !parent)) return processesOf(host, cgroups);
  return init !== null && isAlive(host, init) ? [init.pid] : [];
}

/** The heading of ps(1), and its lines about the container's processes. */
export function processTable(host: Host, pids: readonly number[], psOptions: readonly string[]): string {
  const [heading = '', ...lines] = runPs(host, psOptions).split('\n');
  const column = heading.trim().split(/\s+/).indexOf('PID');
  if (column < 0) {
    throw new PockerError('E_USAGE', "couldn't find PID field in ps output", { hint: 'Make ps show the column pid' });
  }
  const own = new Set(pids);
  const pidOf = (line: string): number => Number(line.trim().split(/\s+/)[column]);
  return [heading, ...lines.filter((line) => own.has(pidOf(line)))].map((line) => `${line}\n`).join('');
}

function runPs(host: Host, options: readonly string[]): string {
  const path = findProgram(host, 'ps');
  if (path === undefined)
    throw new PockerError('E_HOST', 'ps is not installed', {
      hint: 'Install procps, or use --format json, which does not need ps',
    });
  const env = ['PATH', 'LANG', 'LC_ALL', 'COLUMNS', 'PS_FORMAT'].flatMap((name) => {
    const value = host.env(name);
    return value === null ? [] : [`${name}=${value}`];
  });
  let result: ProgramResult;
  try {
    result = host.runProgram({ path, args: ['ps', ...options], env, stdin: '', timeoutMs: psTimeoutMs, keep: outputLimit });
  } catch (caught) {
    throw fromHost('E_HOST', 'cannot run ps', caught);
  }
  if (result.exitCode === 0 && result.signal === 0 && !result.timedOut) return result.output;
  throw new PockerError('E_USAGE', `ps ${options.join(' ')} failed: ${result.output.trim()}`);
}
