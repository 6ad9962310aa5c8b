// A container's terminal, received through --console-socket.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Box } from '../box.js';
import { patience } from '../command.js';
import { waitForText } from '../container.js';
import { helper } from '../helpers/helper.js';

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

  /** Everything that came from the terminal so far. */
  bytes(): string {
    const text = readFileSync(this.#output, 'utf8');
    return text.slice(text.indexOf('\n') + 1);
  }

  /** The same without the carriage returns that the terminal adds (ONLCR). */
  shown(): string {
    return this.bytes().replaceAll('\r', '');
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
