// What the library costs the program that uses it: how long its event loop is held up, and what is left of many rounds.
import { readdirSync, readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Api } from './api.js';

export interface Round {
  readonly runtime: Api.Runtime;
  /** A container of that number. */
  readonly options: (index: number) => Api.CreateOptions;
  readonly id: string;
}

/** Objects of that many MiB in the heap; the caller keeps them. */
export function ballast(mebibytes: number): object[] {
  const perObject = 128;
  return Array.from({ length: (mebibytes * 2 ** 20) / perObject }, (_, index) => ({
    index,
    text: `object ${index}`,
    list: [index],
  }));
}

export interface Delay {
  /** Milliseconds. */
  readonly longest: number;
  readonly mean: number;
  readonly turns: number;
  /** Milliseconds that the main thread itself computed between two turns, at most: the rest of a delay is the machine's. */
  readonly computed: number;
}

/** Milliseconds that the main thread has had a CPU (schedstat of proc(5)). */
const computing = (): number => Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;

/** The delays of the event loop while so many containers are made, run and deleted at once. */
export async function delayDuring({ runtime, options, id }: Round, containers: number): Promise<Delay> {
  const monitor = monitorEventLoopDelay({ resolution: 1 });
  let [computed, last] = [0, computing()];
  const timer = setInterval(() => {
    const now = computing();
    computed = Math.max(computed, now - last);
    last = now;
  }, 1);
  monitor.enable();
  await Promise.all(Array.from({ length: containers }, (_, index) => runtime.run(`${id}-${index}`, options(index))));
  monitor.disable();
  clearInterval(timer);
  return { longest: monitor.max / 1e6, mean: monitor.mean / 1e6, turns: monitor.count, computed };
}

/** The process tree below a pid that has the fork server's command line. */
function forkServers(): string[] {
  const isOurs = (pid: string): boolean => {
    try {
      const [, argument] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      return argument === '--fork-server' && readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`ROUNDS=${process.pid}\0`);
    } catch {
      return false;
    }
  };
  return readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && isOurs(pid));
}

export interface Holdings {
  readonly descriptors: number;
  readonly threads: number;
  /** Fork servers and their workers. */
  readonly servers: number;
  readonly serverDescriptors: number;
  /** KiB of objects in the program, and of its fork server. The allocators of Node keep freed memory as they like. */
  readonly memory: number;
  readonly serverMemory: number;
}

const count = (directory: string): number => readdirSync(directory).length;
const kibibytes = (pid: string): number =>
  Number(/^RssAnon:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);

/** Marks the fork server that this program will start. */
export function markForkServer(): void {
  process.env['ROUNDS'] = String(process.pid);
}

/** What the program has now. Workers stay for a second after their last request, so waits for them. */
export async function holdings(): Promise<Holdings> {
  let servers = forkServers();
  for (let tries = 150; tries > 0 && servers.length > 1; tries--) {
    await sleep(20);
    servers = forkServers();
  }
  // The channels of those that have gone are closed a moment later.
  await sleep(100);
  (globalThis as { gc?: () => void }).gc?.();
  const [server = 'self'] = servers;
  const { heapUsed, external } = process.memoryUsage();
  return {
    descriptors: count('/proc/self/fd'),
    threads: count('/proc/self/task'),
    servers: servers.length,
    serverDescriptors: count(`/proc/${server}/fd`),
    memory: Math.round((heapUsed + external) / 1024),
    serverMemory: kibibytes(server),
  };
}

/** Runs so many containers one after another. */
export async function rounds({ runtime, options, id }: Round, times: number): Promise<void> {
  for (let index = 0; index < times; index++) await runtime.run(id, options(0));
}
