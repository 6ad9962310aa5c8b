// Untrusted programs: in one call, in a sandbox for many commands, or from a pool of warm ones (docs/api.md).
import { randomUUID } from 'node:crypto';
import { geteuid, getegid } from 'node:process';
import { constants } from 'node:os';
import { PockerError } from '../errors.js';
import type { Container, Stats } from '../api/container.js';
import { exitStatus } from '../api/process.js';
import { cleanUp, warnTo } from '../api/context.js';
import type { Ending, Warn } from '../api/fork-server/exchange.js';
import { Runtime, type CreateOptions, type Warning } from '../api/runtime.js';
import { usage } from '../api/options.js';
import { sandboxConfig, workDirectory } from './config.js';
import { converse } from './converse.js';
import { commandLimitsOf, limitsOf, split, type CommandOptions, type Limits, type SandboxOptions } from './options.js';
import { Keeper } from './keeper.js';
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

type SpawnOptions = Pick<CreateOptions, 'stdin' | 'stdout' | 'stderr' | 'fds' | 'signal'>;

function spawn(
  { runtime, root, limits, options }: Surroundings,
  args: readonly string[],
  given: SpawnOptions,
): Promise<Container> {
  const { rootfs, shown } = root;
  const config = sandboxConfig({ rootfs, shown, args, env: options.env ?? {}, limits, user: hostUser() });
  return runtime.spawn(`sandbox-${randomUUID()}`, { config, lifetime: 'process', ...given });
}

/** A container that waits for commands. */
interface Kept {
  readonly container: Container;
  readonly keeper: Keeper;
}

async function spawnKeeper(surroundings: Surroundings): Promise<Kept> {
  const keeper = new Keeper();
  try {
    const nothing = { stdin: 'null', stdout: 'null', stderr: 'null' } as const;
    return { container: await spawn(surroundings, Keeper.args, { ...nothing, fds: keeper.given }), keeper };
  } catch (caught) {
    keeper.close();
    throw caught;
  } finally {
    keeper.handOver();
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

/** Runs a command in its own sandbox, and leaves nothing of it. */
export async function sandbox(options: SandboxOptions & CommandOptions): Promise<SandboxResult> {
  const { sandbox: given, command } = split(options);
  commandLimitsOf(command);
  const surroundings = await prepare(given);
  try {
    const { command: args, signal: abort } = command;
    const stdio = { stdin: 'pipe', stdout: 'pipe', stderr: 'pipe' } as const;
    const container = await spawn(surroundings, args, { ...stdio, ...(abort === undefined ? {} : { signal: abort }) });
    const begin = performance.now();
    try {
      const ended = container.wait();
      // While its last output is read, its remaining processes and files are removed.
      const gone = ended.then(async () => {
        const wall = performance.now() - begin;
        return { wall, stats: await container.delete({ force: true, stats: true }) };
      });
      gone.catch(() => undefined);
      const kill = (): Promise<void> => container.kill('SIGKILL', { all: true });
      const { stdout, stderr, timedOut } = await converse({ process: container, kill }, command, ended);
      const { code, signal, oomKilled } = await ended;
      const { wall, stats } = await gone;
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

/** When the keeper has ended, the kernel has killed all other processes of its pid namespace. */
const withKeeper: Ending = { code: 0, signal: constants.signals.SIGKILL };

/** One sandbox for many commands, which see each other's files. */
export class Sandbox {
  readonly #surroundings: Surroundings;
  #kept: Kept;
  /** It has ended, and nothing has replaced it. */
  #spent = false;
  #closed = false;
  #renewal: Promise<void> | undefined;

  private constructor(surroundings: Surroundings, kept: Kept) {
    this.#surroundings = surroundings;
    this.#kept = kept;
  }

  static async create(options: SandboxOptions = {}): Promise<Sandbox> {
    const surroundings = await prepare(options);
    try {
      return new Sandbox(surroundings, await spawnKeeper(surroundings));
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
    options.signal?.throwIfAborted();
    if (this.#closed) throw usage('the sandbox is closed');
    if (this.#spent) await this.reset();
    const kept = this.#kept;
    try {
      return await this.#execIn(kept, options);
    } finally {
      // If that fails, the next command tries again and gets the error.
      if (this.#spent && kept === this.#kept) await this.reset().catch(() => undefined);
    }
  }

  async #execIn(kept: Kept, options: CommandOptions): Promise<CommandResult> {
    const { container, keeper } = kept;
    const kills = container.oomKills();
    const spend = (): void => {
      if (kept === this.#kept) this.#spent = true;
    };
    const { stdio, exit } = await keeper.start(options.command).catch((caught: unknown) => {
      if (caught instanceof PockerError && caught.code === 'E_STATE') spend();
      throw caught;
    });
    const ended = exit.then((ending) => {
      if (ending === null) spend();
      return exitStatus(ending ?? withKeeper);
    });
    const kill = (): Promise<void> => {
      spend();
      return container.kill('SIGKILL');
    };
    const { stdout, stderr, timedOut } = await converse({ process: stdio, kill }, options, ended);
    const { code, signal } = await ended;
    const truncated = stdout.truncated || stderr.truncated;
    const oomKilled = container.oomKills() > kills;
    return { code, signal, stdout: stdout.text, stderr: stderr.text, timedOut, oomKilled, truncated };
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
    await this.#end();
    this.#kept = await spawnKeeper(this.#surroundings);
    this.#spent = false;
  }

  async #end(): Promise<void> {
    await this.#kept.container.delete({ force: true });
    this.#kept.keeper.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await this.#renewal?.catch(() => undefined);
    try {
      await this.#end();
    } finally {
      await cleanUp(this.#surroundings.warn, () => this.#surroundings.root.remove());
    }
  }
}

function within(path: string): string {
  return path.startsWith('/') ? path : `${workDirectory}/${path}`;
}
