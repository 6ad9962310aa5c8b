// A user's own terminal, through script(1), with one call of the runtime in its foreground.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Box } from '../box.js';
import { patience } from '../command.js';
import { waitForText } from '../container.js';
import { runtime } from '../runtime.js';

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;

export class Screen {
  /** The runtime's process. */
  readonly pid: number;
  /** The terminal's device. */
  readonly device: string;
  readonly #box: Box;
  readonly #output: string;
  readonly #child: ChildProcess;
  readonly #end: Promise<number>;
  #open = true;

  private constructor(box: Box, output: string, child: ChildProcess, { pid, device }: { pid: number; device: string }) {
    this.#box = box;
    this.#output = output;
    this.#child = child;
    this.pid = pid;
    this.device = device;
    this.#end = new Promise((done) => {
      child.once('exit', (code, signal) => {
        this.#open = false;
        done(code ?? 128 + constants.signals[signal!]);
      });
    });
  }

  /**
   * Calls the runtime with this case's --root in a terminal of 24 by 80; its exit status is reported after `then`. `redirection`:
   * for the shell.
   */
  static async open(box: Box, args: readonly string[], then = 'true', redirection = ''): Promise<Screen> {
    const facts = box.path('screen.facts');
    const output = box.path('screen.out');
    const call = [runtime.path, '--root', box.stateRoot, ...args].map(quoted).join(' ');
    // The shell prints its pid and becomes the runtime; the outer shell looks at the terminal afterwards.
    const inner = `sh -c ${quoted(`echo "$$ $(tty)" > ${facts}; exec ${call} ${redirection}`)}`;
    const fd = openSync(output, 'w');
    const script = `stty rows 24 cols 80; ${inner}; code=$?; ${then}; exit $code`;
    const child = spawn('/usr/bin/env', ['-u', 'NODE_OPTIONS', 'script', '-qefc', script, '/dev/null'], {
      stdio: ['pipe', fd, 'inherit'],
    });
    closeSync(fd);
    box.atEnd(() => child.kill('SIGKILL'));
    const [pid, device] = (await waitForText(facts)).trim().split(' ');
    const screen = new Screen(box, output, child, { pid: Number(pid), device: device ?? '' });
    box.atEnd(() => {
      if (screen.#open) screen.signal('SIGKILL');
    });
    return screen;
  }

  /** Everything it has shown so far, without carriage returns. */
  shown(): string {
    return this.bytes().replaceAll('\r', '');
  }

  /** The same with carriage returns. */
  bytes(): string {
    return readFileSync(this.#output, 'utf8');
  }

  async waitFor(text: string, milliseconds = 10_000): Promise<void> {
    const deadline = performance.now() + milliseconds * patience;
    while (!this.shown().includes(text)) {
      if (performance.now() > deadline) throw new Error(`the screen shows ${JSON.stringify(this.shown())}, not ${text}`);
      await sleep(5);
    }
  }

  type(text: string): void {
    this.#child.stdin?.write(text);
  }

  async resize(rows: number, columns: number): Promise<void> {
    const args = ['-F', this.device, 'rows', String(rows), 'cols', String(columns)];
    const { code, stderr } = await this.#box.command('stty', args);
    if (code !== 0) throw new Error(`stty: ${stderr}`);
  }

  signal(name: NodeJS.Signals): void {
    process.kill(this.pid, name);
  }

  /** The exit code of the runtime, which must come soon. */
  async end(milliseconds = 10_000): Promise<number> {
    const late = sleep(milliseconds * patience, undefined, { ref: false });
    const code = await Promise.race([this.#end, late]);
    if (code === undefined) throw new Error(`it does not end; the screen shows ${JSON.stringify(this.shown())}`);
    return code;
  }
}
