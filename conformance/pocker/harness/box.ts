// A test's containers: calls of pocker that keep running or are on a terminal, and what must not be left at the end.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { Pocker, pockerPath } from './pocker.js';

/** The output of one call, with shorter names than the site's, since every line of these tests has them. */
export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Far above what anything takes, even on a busy machine. */
const limitMs = 120_000;

/** tap sets NODE_OPTIONS for its children. */
const environment = { ...process.env, NODE_OPTIONS: '' };

interface State {
  readonly status: string;
  readonly pid: number;
  readonly exitCode: number;
  readonly oomKilled: boolean;
  readonly restartCount: number;
  readonly health?: { readonly Status: string };
}

export class Box extends Pocker {
  readonly #children: ChildProcess[] = [];

  constructor(name = 'box') {
    super(name);
    this.makeBusybox();
  }

  pocker(...args: readonly string[]): Said {
    return this.fed('', ...args);
  }

  /** With that standard input. Its output goes through a pipe, which nothing that it leaves behind may keep open. */
  fed(input: string, ...args: readonly string[]): Said {
    const [program = '', ...words] = this.words(...args);
    const { status, signal, stdout, stderr } = spawnSync(program, words, {
      env: environment,
      input,
      encoding: 'utf8',
      timeout: limitMs,
    });
    if (signal !== null) throw new Error(`pocker ${args.join(' ')} was ended by ${signal}: ${stderr}`);
    return { code: status ?? -1, out: stdout, err: stderr };
  }

  /** A call that keeps running. */
  begin(...args: readonly string[]): ChildProcess {
    const child = spawn(pockerPath, this.words(...args).slice(1), { env: environment, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#children.push(child);
    return child;
  }

  /** Waits until a container's program has written that. */
  async logged(name: string, text: string): Promise<void> {
    await settled(
      () => this.pocker('logs', name).out,
      (out) => out.includes(text),
    );
  }

  /** The same at a terminal of 24 lines and 80 columns. */
  terminal(...args: readonly string[]): ChildProcess {
    const quoted = this.words(...args)
      .map((word) => `'${word.replaceAll("'", `'\\''`)}'`)
      .join(' ');
    const child = spawn('script', ['-qefc', `stty rows 24 cols 80; exec ${quoted}`, '/dev/null'], {
      env: { ...environment, TERM: 'xterm' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#children.push(child);
    return child;
  }

  /** Ids of all containers. */
  ids(): string[] {
    return existsSync(this.path('root/containers')) ? readdirSync(this.path('root/containers')) : [];
  }

  state(name: string): State {
    const { id } = JSON.parse(readFileSync(this.path(`root/names/${name}`), 'utf8')) as { id: string };
    return JSON.parse(readFileSync(this.path(`root/containers/${id}/state.json`), 'utf8')) as State;
  }

  /** Processes started for it: they have its directory on their command line. */
  processes(): { readonly pid: number; readonly words: string }[] {
    return super.leftovers().flatMap((line) => {
      const [, pid, words = ''] = /^(\d+): (.*)$/s.exec(line) ?? [];
      return pid === undefined ? [] : [{ pid: Number(pid), words }];
    });
  }

  /** What is left on the machine. */
  override leftovers(): string[] {
    const files = ['run/containers', 'run/changing', 'run/netns', 'root/containers', 'root/names'].flatMap((name) =>
      existsSync(this.path(name)) ? readdirSync(this.path(name)).map((file) => `${name}/${file}`) : [],
    );
    const states = existsSync(this.path('run/runtime'))
      ? readdirSync(this.path('run/runtime')).filter((name) => !name.startsWith('@'))
      : [];
    return [...super.leftovers(), ...files, ...states];
  }

  /** Removes all containers; returns what that left. */
  async close(): Promise<string[]> {
    for (const child of this.#children) child.kill('SIGKILL');
    const ids = this.ids();
    const { code, err } = ids.length === 0 ? { code: 0, err: '' } : this.pocker('rm', '-f', '-v', ...ids);
    const left = await settled(
      () => this.leftovers(),
      (found) => found.length === 0,
    );
    this.remove();
    return code === 0 ? left : [...left, err];
  }
}

const pauseMs = 20;

/** Waits for the wanted value; returns the last one. */
export async function settled<T>(value: () => T, wanted: (value: T) => boolean, ms = 20_000): Promise<T> {
  const deadline = Date.now() + ms;
  for (;;) {
    const now = value();
    if (wanted(now) || Date.now() > deadline) return now;
    await new Promise((done) => setTimeout(done, pauseMs));
  }
}

/** All of its output, and how it ends. */
export class Output {
  text = '';
  code: number | null = null;
  readonly end: Promise<number>;

  constructor(child: ChildProcess) {
    for (const stream of [child.stdout!, child.stderr!])
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.text += text;
      });
    this.end = new Promise((done) => {
      child.once('close', (code) => {
        this.code = code ?? -1;
        done(this.code);
      });
    });
  }

  /** Waits for a text. */
  async until(text: string | RegExp): Promise<boolean> {
    const there = (): boolean => (typeof text === 'string' ? this.text.includes(text) : text.test(this.text));
    return settled(there, (found) => found);
  }
}
