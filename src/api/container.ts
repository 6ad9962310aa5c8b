// A container: the operations on it, and how it ends.
import { readFileSync } from 'node:fs';
import { oomKills } from '../cgroup/out-of-memory.js';
import type { ProcessIdentity } from '../container/record.js';
import type { Mount, Process as ProcessSpec, Resources, Linux } from '../plan/spec-types.js';
import type { ContainerStatus } from '../runtime/state.js';
import type { Verb, Verbs } from '../server/messages.js';
import { isAttended } from './fork-server/attendant.js';
import { checkpointRequest, type CheckpointOptions } from './checkpoint.js';
import { eventsOf, type ContainerEvent, type EventsOptions } from './events.js';
import { ask, begin, type Watched } from './fork-server/exchange.js';
import { check, checkOne, signalOf, specText } from './options.js';
import { EndOfProcess, exitStatus, Once, Process, type ExitStatus, type WaitOptions } from './process.js';
import type { RuntimeContext } from './context.js';
import {
  Console,
  openStdio,
  type InputStream,
  type OutputStream,
  type Stdio,
  type StdioOptions,
  type Terminal,
  type TerminalSize,
} from './stdio.js';

export interface CallOptions {
  /** Aborts the call and undoes what it has begun. */
  readonly signal?: AbortSignal;
}

/** In the shape of runc's events. Integers beyond 2^53 are bigints. */
export type Stats = Readonly<Record<string, unknown>>;

export interface ContainerExit extends ExitStatus {
  /** The kernel killed a process of the container because it ran out of memory. */
  readonly oomKilled: boolean;
}

export interface ExecOptions extends StdioOptions {
  /** The program and its arguments. */
  readonly args: readonly string[];
  readonly cwd?: string;
  /** Variables, added to the environment of the container's own process. */
  readonly env?: Readonly<Record<string, string>>;
  readonly user?: Partial<ProcessSpec['user']>;
  /** Other fields of a process (config.md, "Process"). */
  readonly process?: Partial<ProcessSpec>;
  readonly terminal?: TerminalSize;
  /** Milliseconds until it is killed. */
  readonly timeout?: number;
  /** Kills it, whatever its state. */
  readonly signal?: AbortSignal;
  /** Cgroups below the container's: [CONTROLLER[,CONTROLLER…]:]PATH. */
  readonly cgroups?: readonly string[];
  /** Run it even if the container is paused. */
  readonly ignorePaused?: boolean;
  /** Descriptors of this program that the process gets as 3, 4, … */
  readonly fds?: readonly number[];
  readonly pidFile?: string;
}

const execKinds = {
  args: 'array of strings',
  cwd: 'string',
  env: 'object',
  user: 'object',
  process: 'object',
  terminal: 'object',
  timeout: 'positive number',
  signal: 'AbortSignal',
  cgroups: 'array of strings',
  ignorePaused: 'boolean',
  fds: 'array of descriptors',
  pidFile: 'string',
  stdin: 'stdio',
  stdout: 'stdio',
  stderr: 'stdio',
} as const;

const SIGKILL = 9;

/** The parts of a Container. */
export interface ContainerParts {
  readonly context: RuntimeContext;
  readonly id: string;
  readonly bundle: string;
  /** null: it has no process (yet). */
  readonly init: ProcessIdentity | null;
  readonly memoryEvents: string;
  readonly exchange: Watched | null;
  readonly stdio: Pick<Stdio, 'stdin' | 'stdout' | 'stderr'>;
  readonly terminal: Terminal | null;
  readonly owned: boolean;
}

export class Container {
  readonly id: string;
  readonly bundle: string;
  /** Pid of its first process; 0 if it has none. */
  readonly pid: number;
  /** null: it was not requested as a pipe, or somebody else created the container. */
  readonly stdin: InputStream | null;
  readonly stdout: OutputStream | null;
  readonly stderr: OutputStream | null;
  readonly terminal: Terminal | null;
  readonly #parts: ContainerParts;
  readonly #end: EndOfProcess | null;
  readonly #exit = new Once(() => this.#watch());

  /** Called only by a Runtime. */
  constructor(parts: ContainerParts) {
    const { id, bundle, init, stdio, context } = parts;
    this.#parts = parts;
    this.id = id;
    this.bundle = bundle;
    this.pid = init?.pid ?? 0;
    this.stdin = stdio.stdin;
    this.stdout = stdio.stdout;
    this.stderr = stdio.stderr;
    this.terminal = parts.terminal;
    this.#end = init === null ? null : new EndOfProcess(init, parts.exchange, context.settings, context.warn);
    // While its cgroup still exists.
    if (parts.exchange !== null) this.#exit.begin();
  }

  async #ask<V extends Verb>(
    verb: V,
    takes: Omit<Verbs[V]['takes'], 'id'>,
    options: CallOptions = {},
  ): Promise<Verbs[V]['gives']> {
    check(`options of ${verb}`, options, { signal: 'AbortSignal' });
    const { context, exchange } = this.#parts;
    const { settings, warn } = context;
    const request = { id: this.id, ...takes } as Verbs[V]['takes'];
    // A call that can be aborted runs in its own worker.
    if (options.signal === undefined && exchange !== null && isAttended(verb)) {
      const taken = await exchange.attendant.ask(verb, request as Verbs[typeof verb]['takes']);
      if (taken !== null) return taken.result;
    }
    return ask(verb, settings, request, { warn, signal: options.signal });
  }

  async #watch(): Promise<ContainerExit> {
    const ending = (await this.#end?.quiet()) ?? null;
    this.stdin?.destroy();
    return { ...exitStatus(ending), oomKilled: this.oomKills() > 0 };
  }

  /** How many of its processes the kernel has killed for lack of memory. Reading it here is faster than asking a thread. */
  oomKills(): number {
    const path = this.#parts.memoryEvents;
    try {
      return path === '' ? 0 : oomKills(readFileSync(path, 'utf8'));
    } catch {
      return 0; // the cgroup is gone
    }
  }

  /** Runs the program of a created container. Resolves once the program runs. */
  async start(options: CallOptions = {}): Promise<void> {
    await this.#ask('start', {}, options);
  }

  async state(options: CallOptions = {}): Promise<ContainerStatus> {
    const found = await this.#ask('get', {}, options);
    const { ociVersion, id, status, pid, bundle, rootfs, created, annotations, owner, ...rest } = found;
    const scope = rest['systemd-scope'] === undefined ? {} : { 'systemd-scope': rest['systemd-scope'] };
    return { ociVersion, id, pid, status, bundle, rootfs, created, ...scope, annotations, owner };
  }

  /** Waits until its first process has ended. */
  async wait(options: WaitOptions = {}): Promise<ContainerExit> {
    check('options of wait', options, { signal: 'AbortSignal' });
    await this.#end?.wait(options);
    return this.#exit.get();
  }

  /** `all`: signals every process of the container. */
  async kill(signal: NodeJS.Signals | number = 'SIGTERM', options: CallOptions & { readonly all?: boolean } = {}): Promise<void> {
    check('options of kill', options, { all: 'boolean', signal: 'AbortSignal' });
    const { all = false, ...rest } = options;
    await this.#ask('kill', { signal: signalOf(signal), all }, rest);
  }

  async pause(options: CallOptions = {}): Promise<void> {
    await this.#ask('pause', {}, options);
  }

  async resume(options: CallOptions = {}): Promise<void> {
    await this.#ask('resume', {}, options);
  }

  /** Changes its limits, all of them or none. */
  async update(
    resources: Resources,
    options: CallOptions & { readonly intelRdt?: NonNullable<Linux['intelRdt']> } = {},
  ): Promise<void> {
    checkOne('resources', resources, 'object');
    check('options of update', options, { intelRdt: 'object', signal: 'AbortSignal' });
    const { intelRdt = {}, ...rest } = options;
    await this.#ask('update', { resources: specText('resources', resources), rdt: specText('intelRdt', intelRdt) }, rest);
  }

  /** Pids as this program sees them. */
  async processes(options: CallOptions = {}): Promise<readonly number[]> {
    return this.#ask('processes', {}, options);
  }

  /** Its current usage, in the shape of runc's events. */
  async stats(options: CallOptions = {}): Promise<Stats> {
    return (await this.#ask('stats', {}, options)) as Stats;
  }

  /** Its usage every `interval` milliseconds, and each out-of-memory event, until it ends. */
  events(options: EventsOptions = {}): AsyncGenerator<ContainerEvent, void, undefined> {
    return eventsOf(this.#parts.context, this.id, options);
  }

  async addMounts(mounts: readonly Mount[], options: CallOptions = {}): Promise<void> {
    checkOne('mounts', mounts, 'array');
    await this.#ask('mounts', { action: 'add', mounts: specText('mounts', mounts) }, options);
  }

  async removeMounts(mounts: readonly Mount[], options: CallOptions = {}): Promise<void> {
    checkOne('mounts', mounts, 'array');
    await this.#ask('mounts', { action: 'remove', mounts: specText('mounts', mounts) }, options);
  }

  /** Stores its processes in files, with criu. This ends it, unless it is left running. */
  async checkpoint(options: CheckpointOptions): Promise<void> {
    await this.#ask('checkpoint', checkpointRequest(options), {
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
  }

  /** Runs another process. Resolves once its program runs. */
  async exec(options: ExecOptions): Promise<Process> {
    check('options of exec', options, execKinds);
    checkOne('args', options.args, 'array of strings');
    const { context } = this.#parts;
    const console = options.terminal === undefined ? null : new Console();
    const stdio = openStdio(console === null ? options : { stdout: 'null', stderr: 'null' });
    try {
      const fds = [...(options.fds ?? []), ...(console === null ? [] : [console.theirs])];
      const exchange = await begin('exec', context.settings, this.#execRequest(options, fds.length), {
        ...{ stdio: stdio.given, preserved: fds, signal: options.signal, warn: context.warn },
      });
      stdio.release();
      const { process: identity } = await exchange.result;
      if (options.signal?.aborted === true) {
        // It was made before the fork server knew of that.
        await ask('signal', context.settings, { process: identity, signal: SIGKILL }, { warn: context.warn });
        options.signal.throwIfAborted();
      }
      const end = new EndOfProcess(identity, exchange, context.settings, context.warn);
      const terminal = console?.take(options.terminal!) ?? null;
      const { timeout, signal } = options;
      return new Process({ identity, end, ...context, stdio, terminal, timeout, signal });
    } catch (caught) {
      stdio.discard();
      throw caught;
    } finally {
      console?.close();
    }
  }

  #execRequest(options: ExecOptions, descriptors: number): Verbs['exec']['takes'] {
    const { args, cwd, env, user, terminal, process = {} } = options;
    const size =
      terminal === undefined ? {} : { terminal: true, consoleSize: { width: terminal.columns, height: terminal.rows } };
    const given = { ...process, ...size, args, cwd: cwd ?? process.cwd, user: user ?? process.user };
    const variables = [...(process.env ?? []), ...Object.entries(env ?? {}).map(([name, value]) => `${name}=${value}`)];
    const preserveFds = descriptors - (terminal === undefined ? 0 : 1);
    return {
      id: this.id,
      process: specText('process', variables.length === 0 ? given : { ...given, env: variables }),
      cgroups: options.cgroups ?? [],
      ignorePaused: options.ignorePaused === true,
      preserveFds,
      console: terminal === undefined ? -1 : 3 + preserveFds,
      pidFile: options.pidFile ?? '',
    };
  }

  /** `force`: kills it first; it may be gone already. `stats`: resolves to its usage, like `stats`. */
  async delete(options: CallOptions & { readonly force?: boolean; readonly stats?: boolean } = {}): Promise<Stats | null> {
    check('options of delete', options, { signal: 'AbortSignal', force: 'boolean', stats: 'boolean' });
    const { signal, force = false, stats = false } = options;
    const { init, owned } = this.#parts;
    const request = { init: force || owned ? init : null, force, owned, stats };
    return (await this.#ask('delete', request, signal === undefined ? {} : { signal })) as Stats | null;
  }

  /** Kills and deletes it, whatever its state. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.delete({ force: true });
  }
}
