// The helpers that Node cannot be (harness/*.cpp): compiled here when they are missing or older than their source.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Box } from './box.js';
import { patience } from './command.js';
import { waitForText } from './container.js';
import { projectRoot } from './runtime.js';

/** By name, each with what its compiler needs besides. */
const helpers = {
  recvfd: [],
  exchange: [],
  agent: [],
  syscall: ['-static'],
  notify: ['-static'],
  shared_mounts: ['-shared', '-fPIC'],
} as const;

/** A library that gives the process that loads it shared mounts of its own (harness/shared_mounts.cpp). */
export function sharedMountsLibrary(): string {
  return helper('shared_mounts');
}

/** Before the first case, for whoever wants none of them to wait. */
export function buildHelpers(): void {
  for (const name of Object.keys(helpers)) helper(name as keyof typeof helpers);
}

function helper(name: keyof typeof helpers): string {
  const source = join(projectRoot, 'conformance', 'harness', `${name}.cpp`);
  const directory = join(projectRoot, 'build', 'conformance');
  const program = join(directory, name);
  if (existsSync(program) && statSync(program).mtimeMs >= statSync(source).mtimeMs) return program;
  mkdirSync(directory, { recursive: true });
  // Test files run in parallel: each compiles to a name of its own, the last rename wins.
  const mine = `${program}.${process.pid}`;
  const common = ['-std=c++20', '-O1', '-Wall', '-Wextra', '-Werror', ...helpers[name]];
  const made = spawnSync('c++', [...common, '-o', mine, source], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`cannot compile ${source}: ${made.stderr}`);
  renameSync(mine, program);
  return program;
}

export interface TerminalFacts {
  readonly name: string;
  readonly isMaster: boolean;
  readonly pts: number;
  readonly rows: number;
  readonly columns: number;
}

/** The other end of --console-socket. */
export class Terminal {
  readonly socket: string;
  readonly #output: string;
  readonly #child: ChildProcess;

  private constructor(socket: string, output: string, child: ChildProcess) {
    this.socket = socket;
    this.#output = output;
    this.#child = child;
  }

  /** Listens on a socket in the case's directory; a second one there needs another name. */
  static async listen(box: Box, name = 'tty'): Promise<Terminal> {
    const socket = box.path(`${name}.sock`);
    const output = box.path(`${name}.out`);
    const fd = openSync(output, 'w');
    const child = spawn(helper('recvfd'), [socket], { stdio: ['pipe', fd, 'inherit'] });
    closeSync(fd);
    box.atEnd(() => child.kill('SIGKILL'));
    // It is bound a moment before.
    const listening = new RegExp(`^\\S+ \\S+ \\S+ 00010000 .* ${socket}$`, 'm');
    while (!listening.test(readFileSync('/proc/net/unix', 'utf8'))) await sleep(5);
    return new Terminal(socket, output, child);
  }

  /** What the descriptor is that came. */
  async facts(): Promise<TerminalFacts> {
    const text = await waitForText(this.#output);
    return JSON.parse(text.split('\n')[0] ?? '') as TerminalFacts;
  }

  /** Everything the terminal has shown so far, without carriage returns (ONLCR is the receiver's business). */
  shown(): string {
    const text = readFileSync(this.#output, 'utf8').replaceAll('\r', '');
    return text.slice(text.indexOf('\n') + 1);
  }

  /** Waits until the terminal has shown `text`. */
  async waitFor(text: string, milliseconds = 10_000): Promise<void> {
    const deadline = performance.now() + milliseconds * patience;
    while (!this.shown().includes(text)) {
      if (performance.now() > deadline) throw new Error(`the terminal shows ${JSON.stringify(this.shown())}, not ${text}`);
      await sleep(5);
    }
  }

  /** SIGSTOP: it listens, and does nothing. SIGKILL: the socket's file stays, at which nobody listens. */
  async signal(name: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL'): Promise<void> {
    const gone = new Promise((done) => this.#child.once('exit', done));
    this.#child.kill(name);
    if (name === 'SIGKILL') await gone;
    const stat = `/proc/${this.#child.pid}/stat`;
    while (name === 'SIGSTOP' && !readFileSync(stat, 'utf8').includes(') T ')) await sleep(5);
  }

  /** Types into the terminal. */
  type(text: string): void {
    this.#child.stdin?.write(text);
  }
}

/** Exchanges two paths for as long as the case runs. */
export function exchange(box: Box, one: string, other: string): void {
  const child = spawn(helper('exchange'), [one, other], { stdio: 'ignore' });
  box.atEnd(() => child.kill('SIGKILL'));
}

/** The other end of linux.seccomp.listenerPath: every system call that it is asked about fails with `errno`. */
export class Agent {
  readonly socket: string;
  readonly #output: string;

  private constructor(socket: string, output: string) {
    this.socket = socket;
    this.#output = output;
  }

  static async listen(box: Box, errno: number): Promise<Agent> {
    const socket = box.path('agent.sock');
    const output = box.path('agent.out');
    rmSync(socket, { force: true });
    const fd = openSync(output, 'w');
    const child = spawn(helper('agent'), [socket, String(errno)], { stdio: ['ignore', fd, 'inherit'] });
    closeSync(fd);
    box.atEnd(() => child.kill('SIGKILL'));
    while (!existsSync(socket)) await sleep(5);
    return new Agent(socket, output);
  }

  /** The container process state that came. */
  async state(): Promise<Record<string, unknown>> {
    const text = await waitForText(this.#output);
    return JSON.parse(text.split('\n')[0] ?? '') as Record<string, unknown>;
  }

  /** The numbers of the system calls that it was asked about. */
  async calls(): Promise<number[]> {
    const text = await waitForText(this.#output);
    return text.trim().split('\n').slice(1).map(Number);
  }
}

/** A static program that makes system calls by number (harness/syscall.cpp). */
export function syscallProgram(): string {
  return helper('syscall');
}

/** A static program that sends its argument to $NOTIFY_SOCKET (harness/notify.cpp). */
export function notifyProgram(): string {
  return helper('notify');
}

/** A service manager's socket: what came, as soon as something has. */
export async function serviceManager(box: Box): Promise<{ readonly socket: string; readonly messages: () => Promise<string> }> {
  const socket = box.path('manager.sock');
  const output = box.path('manager.out');
  const fd = openSync(output, 'w');
  const child = spawn(notifyProgram(), ['listen', socket], { stdio: ['ignore', fd, 'inherit'] });
  closeSync(fd);
  box.atEnd(() => child.kill('SIGKILL'));
  while (!existsSync(socket)) await sleep(5);
  return { socket, messages: () => waitForText(output) };
}
