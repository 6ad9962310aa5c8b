// The cases' interface to the helpers that Node cannot replace.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Box } from './box.js';
import { patience } from './command.js';
import { waitForText } from './container.js';
import { helper } from './helpers.js';

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

  /** What kind of descriptor came. */
  async facts(): Promise<TerminalFacts> {
    const text = await waitForText(this.#output);
    return JSON.parse(text.split('\n')[0] ?? '') as TerminalFacts;
  }

  /** Everything the terminal has shown so far, without carriage returns (ONLCR is up to the receiver). */
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

  /** SIGSTOP: it listens, and does nothing. SIGKILL: the socket file stays, but nobody listens. */
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

/** The other end of linux.seccomp.listenerPath: every system call it is asked about fails with `errno`. */
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

  /** The numbers of the system calls it was asked about. */
  async calls(): Promise<number[]> {
    const text = await waitForText(this.#output);
    return text.trim().split('\n').slice(1).map(Number);
  }
}

/** A static program that makes system calls by number (harness/syscall.cpp). */
export function syscallProgram(): string {
  return helper('syscall');
}

/** A static program that nests cgroups deeper than the longest possible path (harness/cgroup_tree.cpp). */
export function cgroupTreeProgram(): string {
  return helper('cgroup_tree');
}

/** A static program that reports what it can get of processes that are not the container's (harness/spy.cpp). */
export function spyProgram(): string {
  return helper('spy');
}

/** A static program that takes a session keyring, or reports its own (harness/keyring.cpp). */
export function keyringProgram(): string {
  return helper('keyring');
}

/** A program that says go to a container's gate, or only connects to it (harness/knock.cpp). */
export function knockProgram(): string {
  return helper('knock');
}

/** A static program that sends its argument to $NOTIFY_SOCKET (harness/notify.cpp). */
export function notifyProgram(): string {
  return helper('notify');
}

/** A service manager's socket: what arrived, as soon as something has. */
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
