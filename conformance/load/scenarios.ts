// Scenarios with many containers, or over a long time. Each returns what went wrong.
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Box } from '../harness/box.js';
import type { CommandResult } from '../harness/command.js';
import { type Config, shell } from '../harness/config.js';
import type { Container } from '../harness/container.js';
import { helper } from '../harness/helpers/helper.js';

/** Takes what the table says of the run besides its time. */
type Note = (text: string) => void;

export interface Scenario {
  readonly name: string;
  /** `scale`: 1, or a fraction for a short run. */
  readonly run: (box: Box, scale: number, note: Note) => Promise<string[]>;
}

const minute = 60_000;
const longTimeout = 5 * minute;
const slow = { timeout: longTimeout };
const part = (count: number, scale: number): number => Math.max(2, Math.ceil(count * scale));

function wrong(result: CommandResult): string[] {
  return result.code === 0 ? [] : [`${result.command.split(' ').slice(3, 5).join(' ')}: ${result.code}: ${result.stderr.trim()}`];
}

/** Runs `body` for each, this many at a time. */
async function each<T>(items: readonly T[], atOnce: number, body: (item: T) => Promise<string[]>): Promise<string[]> {
  const queue = [...items];
  const problems: string[] = [];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) problems.push(...(await body(next)));
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return problems;
}

const sleeping = (config: Config): void => {
  config.process.args = ['sleep', '3600'];
};

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const make = (box: Box, count: number): Container[] => range(count).map(() => box.container(sleeping));

async function up(one: Container): Promise<string[]> {
  const created = await one.create(slow);
  return created.code === 0 ? wrong(await one.start(slow)) : wrong(created);
}

const gone = async (one: Container): Promise<string[]> => wrong(await one.delete({ flags: ['--force'], ...slow }));

async function alive(box: Box, scale: number): Promise<string[]> {
  const all = make(box, part(1000, scale));
  const problems = await each(all, 8, up);
  const { stdout } = await box.runtime(['list', '--quiet'], slow);
  const listed = stdout.trim().split('\n').length;
  if (listed !== all.length) problems.push(`list has ${listed} of ${all.length}`);
  return [...problems, ...(await each(all, 8, gone))];
}

async function atOnce(box: Box, scale: number): Promise<string[]> {
  const all = make(box, part(100, scale));
  const problems = await each(all, all.length, async (one) => wrong(await one.create(slow)));
  return [...problems, ...(await each(all, all.length, gone))];
}

async function loops(box: Box, scale: number, note: Note): Promise<string[]> {
  const end = performance.now() + 10 * minute * scale;
  let count = 0;
  const found = await each(make(box, 4), 4, async (one) => {
    const problems: string[] = [];
    for (; performance.now() < end && problems.length === 0; ++count) {
      problems.push(...wrong(await one.create(slow)), ...(await gone(one)));
    }
    return problems;
  });
  note(`${count.toLocaleString('en')} containers`);
  return found;
}

async function execs(box: Box, scale: number): Promise<string[]> {
  const one = await box.running(sleeping);
  return each(range(part(1000, scale)), 20, async () => wrong(await one.verb('exec', slow, ['true'])));
}

async function killAll(box: Box, scale: number): Promise<string[]> {
  const count = part(1000, scale);
  const script = `i=0; while [ $i -lt ${count} ]; do sleep 3600 & i=$((i + 1)); done; echo done > /ready; wait`;
  const one = await box.running((config) => {
    config.process.args = shell(script);
  });
  await one.waitForFile('/ready');
  const killed = await one.verb('kill', { flags: ['--all'], ...slow }, ['KILL']);
  await one.waitFor('stopped', minute);
  return [...wrong(killed), ...wrong(await one.delete(slow))];
}

async function forkBomb(box: Box): Promise<string[]> {
  const one = await box.running((config) => {
    config.process.args = shell('bomb() { bomb | bomb & bomb; }; while :; do bomb; done 2> /dev/null');
    config.linux.resources = { pids: { limit: 200 } };
  });
  await sleep(2000);
  return gone(one);
}

async function frozen(box: Box): Promise<string[]> {
  const one = await box.running(sleeping);
  return [...wrong(await one.verb('pause')), ...(await gone(one))];
}

async function halted(box: Box): Promise<string[]> {
  const one = await box.running(sleeping);
  return [...wrong(await one.kill('STOP')), ...(await gone(one))];
}

/** With a debugger holding it. */
async function traced(box: Box): Promise<string[]> {
  if (spawnSync('strace', ['-V']).error !== undefined) return [];
  const one = await box.running(sleeping);
  const { pid } = await one.state();
  const tracer = spawn('strace', ['-f', '-o', '/dev/null', '-p', String(pid)], { stdio: 'ignore' });
  box.atEnd(() => tracer.kill('SIGKILL'));
  while (!/^TracerPid:\s+[1-9]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))) await sleep(10);
  return gone(one);
}

/** In an uninterruptible sleep: the parent of vfork(2), until its child executes a program or ends. */
async function uninterruptible(box: Box): Promise<string[]> {
  const one = box.container((config) => {
    config.process.args = ['/vfork'];
  });
  cpSync(helper('vfork'), join(one.rootfs, 'vfork'));
  const problems = await up(one);
  const { pid } = await one.state();
  const sleeps = (): boolean => /^State:\s+D/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  for (let round = 0; round < 500 && !sleeps(); round++) await sleep(10);
  if (!sleeps()) problems.push('never slept uninterruptibly');
  return [...problems, ...(await gone(one))];
}

export const scenarios: readonly Scenario[] = [
  { name: '1,000 containers alive at once', run: alive },
  { name: '100 creates at once', run: atOnce },
  { name: '10 minutes of create and delete in four loops', run: loops },
  { name: '1,000 execs, 20 at a time', run: execs },
  { name: 'kill --all of 1,000 processes', run: killAll },
  { name: 'a fork bomb, deleted', run: forkBomb },
  { name: 'a frozen container, deleted', run: frozen },
  { name: 'a stopped process, deleted', run: halted },
  { name: 'a traced process, deleted', run: traced },
  { name: 'a process in uninterruptible sleep, deleted', run: uninterruptible },
];
