// Untrusted programs: in one call, in a sandbox for many commands, or from a pool of warm ones (docs/api.md).
import { randomUUID } from 'node:crypto';
import { geteuid, getegid } from 'node:process';
import type { Container, ExecOptions, Stats } from '../api/container.js';
import type { Process } from '../api/process.js';
import { cleanUp, warnTo } from '../api/context.js';
import type { Warn } from '../api/exchange.js';
import { Runtime, type Warning } from '../api/runtime.js';
import { usage } from '../api/options.js';
import { sandboxConfig, workDirectory } from './config.js';
import { collect, giveUp, type Collected } from './output.js';
import { commandLimitsOf, limitsOf, split, type CommandOptions, type Limits, type SandboxOptions } from './options.js';
import { prepareRoot, type PreparedRoot } from './root.js';

const nobody = 65_534;
const nanoseconds = 1e6;

export interface CommandResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
  readonly oomKilled: boolean;
  /** It wrote more than the limit. */
  readonly truncated: boolean;
}

export interface SandboxResult extends CommandResult {
  readonly usage: {
    /** Milliseconds of CPU time. */
    readonly cpu: number;
    /** Peak memory in bytes; 0 if the kernel does not record it. */
    readonly memoryPeak: number;
    /** Milliseconds from the program's start to its end. */
    readonly wall: number;
  };
  /** What could not be limited on this machine, or by this user. */
  readonly warnings: readonly string[];
}

/** Root in the sandbox is nobody on the host, or the caller if that is not root. */
function hostUser(): { readonly uid: number; readonly gid: number } {
  const uid = geteuid?.() ?? 0;
  return uid === 0 ? { uid: nobody, gid: nobody } : { uid, gid: getegid?.() ?? uid };
}

interface Surroundings {
  readonly runtime: Runtime;
  readonly root: PreparedRoot;
  readonly limits: Limits;
  readonly options: SandboxOptions;
  readonly warnings: string[];
  readonly warn: Warn;
}

async function prepare(options: SandboxOptions): Promise<Surroundings> {
  const limits = limitsOf(options);
  const warnings: string[] = [];
  const onWarning = ({ message, pointer }: Warning): void => {
    warnings.push(pointer === undefined ? message : `${pointer}: ${message}`);
  };
  const runtime = new Runtime({
    ...(options.root === undefined ? {} : { root: options.root }),
    strict: options.strict === true,
    onWarning,
  });
  const root = await prepareRoot(options, geteuid?.() === 0 ? nobody : null);
  return { runtime, root, limits, options, warnings, warn: warnTo(onWarning) };
}

function spawn(
  { runtime, root, limits, options }: Surroundings,
  args: readonly string[],
  signal?: AbortSignal,
): Promise<Container> {
  const { rootfs, shown } = root;
  const config = sandboxConfig({ rootfs, shown, args, env: options.env ?? {}, limits, user: hostUser() });
  const stdio = { stdin: 'pipe', stdout: 'pipe', stderr: 'pipe' } as const;
  const id = `sandbox-${randomUUID()}`;
  return runtime.spawn(id, { config, ...stdio, lifetime: 'process', ...(signal === undefined ? {} : { signal }) });
}

interface Running {
  readonly process: Pick<Process | Container, 'stdin' | 'stdout' | 'stderr'>;
  readonly kill: () => Promise<unknown>;
}

/** Feeds it, reads what it writes, and kills it when it runs out of time or nobody wants it any more. */
async function converse(
  { process, kill }: Running,
  options: CommandOptions,
  ended: Promise<unknown>,
): Promise<{ readonly stdout: Collected; readonly stderr: Collected; readonly timedOut: boolean }> {
  const { timeout, output } = commandLimitsOf(options);
  const streams = [process.stdout!, process.stderr!] as const;
  let timedOut = false;
  const end = (): void => void kill().catch(() => undefined);
  const timer = setTimeout(() => {
    timedOut = true;
    end();
  }, timeout);
  options.signal?.addEventListener('abort', end, { once: true });
  if (options.signal?.aborted === true) end();
  try {
    process.stdin!.end(options.input ?? '');
    const over = ended.then(() => {
      clearTimeout(timer);
      void giveUp(streams);
    });
    const [stdout, stderr] = await Promise.all([collect(streams[0], output), collect(streams[1], output), over]);
    options.signal?.throwIfAborted();
    return { stdout, stderr, timedOut };
  } finally {
    clearTimeout(timer);
    for (const stream of streams) stream.destroy();
    options.signal?.removeEventListener('abort', end);
  }
}

function numberAt(stats: Stats | null, ...path: string[]): number {
  const value = path.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], stats);
  return Number(value ?? 0);
}

function usageOf(stats: Stats | null, wall: number): SandboxResult['usage'] {
  return {
    cpu: numberAt(stats, 'cpu', 'usage', 'total') / nanoseconds,
    memoryPeak: numberAt(stats, 'memory', 'usage', 'max'),
    wall,
  };
}

/** Runs a command in a sandbox of its own, and leaves nothing of it. */
export async function sandbox(options: SandboxOptions & CommandOptions): Promise<SandboxResult> {
  const { sandbox: given, command } = split(options);
  commandLimitsOf(command);
  const surroundings = await prepare(given);
  try {
    const container = await spawn(surroundings, command.command, command.signal);
    const begin = performance.now();
    try {
      const ended = container.wait();
      const kill = (): Promise<void> => container.kill('SIGKILL', { all: true });
      const { stdout, stderr, timedOut } = await converse({ process: container, kill }, command, ended);
      const { code, signal, oomKilled } = await ended;
      const wall = performance.now() - begin;
      const stats = await container.delete({ force: true, stats: true });
      const truncated = stdout.truncated || stderr.truncated;
      const result = { code, signal, stdout: stdout.text, stderr: stderr.text, timedOut, oomKilled, truncated };
      return { ...result, usage: usageOf(stats, wall), warnings: surroundings.warnings };
    } catch (caught) {
      await cleanUp(surroundings.warn, () => container.delete({ force: true }));
      throw caught;
    }
  } finally {
    await cleanUp(surroundings.warn, () => surroundings.root.remove());
  }
}

/** Keeps the sandbox alive, and reaps what commands leave behind. */
const keeper = ['/bin/sh', '-c', 'while :; do sleep 100000; done'];

/** One sandbox for many commands, which see what the others wrote. */
export class Sandbox {
  readonly #surroundings: Surroundings;
  #container: Container;
  /** It was killed, and nothing has taken its place. */
  #spent = false;
  #closed = false;
  #renewal: Promise<void> | undefined;

  private constructor(surroundings: Surroundings, container: Container) {
    this.#surroundings = surroundings;
    this.#container = container;
  }

  static async create(options: SandboxOptions = {}): Promise<Sandbox> {
    const surroundings = await prepare(options);
    try {
      return new Sandbox(surroundings, await spawn(surroundings, keeper));
    } catch (caught) {
      await cleanUp(surroundings.warn, () => surroundings.root.remove());
      throw caught;
    }
  }

  /** What could not be limited on this machine, or by this user. */
  get warnings(): readonly string[] {
    return this.#surroundings.warnings;
  }

  /** Runs a command. If it runs out of time or is aborted, everything in the sandbox is killed, and the sandbox starts afresh. */
  async exec(options: CommandOptions): Promise<CommandResult> {
    commandLimitsOf(options);
    if (this.#closed) throw usage('the sandbox is closed');
    if (this.#spent) await this.reset();
    const container = this.#container;
    try {
      return await this.#execIn(container, options);
    } finally {
      // If that fails, the next command tries again, and hears why.
      if (this.#spent && container === this.#container) await this.reset().catch(() => undefined);
    }
  }

  async #execIn(container: Container, options: CommandOptions): Promise<CommandResult> {
    const { command: args, signal } = options;
    const stdio = { stdin: 'pipe', stdout: 'pipe', stderr: 'pipe' } as const satisfies Partial<ExecOptions>;
    const kills = await container.oomKills();
    const process = await container.exec({ args, ...stdio, ...(signal === undefined ? {} : { signal }) });
    const ended = process.wait();
    const kill = (): Promise<void> => {
      if (container === this.#container) this.#spent = true;
      return container.kill('SIGKILL');
    };
    const { stdout, stderr, timedOut } = await converse({ process, kill }, options, ended);
    const { code, signal: by } = await ended;
    const truncated = stdout.truncated || stderr.truncated;
    // It was not the sandbox's first process that was killed: the command's end would then be that of the sandbox.
    const oomKilled = by === 'SIGKILL' && !timedOut && (await container.oomKills()) > kills;
    return { code, signal: by, stdout: stdout.text, stderr: stderr.text, timedOut, oomKilled, truncated };
  }

  /** Writes a file in the working directory, and makes its directories. Like `read`, needs /bin/sh in the sandbox. */
  async write(path: string, content: string | Uint8Array): Promise<void> {
    const script = 'mkdir -p -- "$(dirname -- "$1")" && cat > "$1"';
    const { code, stderr } = await this.exec({ command: ['/bin/sh', '-c', script, 'sh', within(path)], input: content });
    if (code !== 0) throw usage(`cannot write ${path}: ${stderr.trim()}`);
  }

  async read(path: string, options: Pick<CommandOptions, 'output'> = {}): Promise<string> {
    const { code, stdout, stderr } = await this.exec({
      command: ['/bin/sh', '-c', 'cat < "$1"', 'sh', within(path)],
      ...options,
    });
    if (code !== 0) throw usage(`cannot read ${path}: ${stderr.trim()}`);
    return stdout;
  }

  /** Resets it to its first state: kills whatever runs, removes whatever was written. */
  reset(): Promise<void> {
    // Only once for all who need it at the same time.
    return (this.#renewal ??= this.#renew().finally(() => {
      this.#renewal = undefined;
    }));
  }

  async #renew(): Promise<void> {
    if (this.#closed) throw usage('the sandbox is closed');
    this.#spent = true;
    await this.#container.delete({ force: true });
    this.#container = await spawn(this.#surroundings, keeper);
    this.#spent = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await this.#renewal?.catch(() => undefined);
    try {
      await this.#container.delete({ force: true });
    } finally {
      await cleanUp(this.#surroundings.warn, () => this.#surroundings.root.remove());
    }
  }
}

function within(path: string): string {
  return path.startsWith('/') ? path : `${workDirectory}/${path}`;
}
