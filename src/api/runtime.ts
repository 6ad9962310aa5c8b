// The runtime as a library: creates, finds and validates containers, with the same verbs as the commands (docs/api.md).
import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, resolve } from 'node:path';
import type { Spec, Features } from '../generated/spec.js';
import { PockerError } from '../errors.js';
import type { ContainerStatus } from '../runtime/state.js';
import type { CodedViolation, CreateRequest, MadeContainer, RuntimeSettings, Verbs } from '../server/messages.js';
import { criuKinds, restoreRequest, type CriuOptions } from './checkpoint.js';
import { cleanUp, warnTo, type RuntimeContext, type Warning } from './context.js';
import { Container, type CallOptions, type ContainerExit } from './container.js';
import { ask, begin, type Exchange } from './fork-server/exchange.js';
import { check, checkOne, specText, usage } from './options.js';
import { ownTurn } from './fork-server/turns.js';
import { Console, openStdio, type StdioOptions, type Terminal, type TerminalSize } from './stdio.js';

export type { Warning };

export interface RuntimeOptions {
  /** Parent of the state directories; by default, that of the command line. */
  readonly root?: string;
  readonly cgroupManager?: 'cgroupfs' | 'systemd' | 'disabled';
  readonly rootless?: boolean | 'auto';
  /** Whatever cannot be applied is an error. */
  readonly strict?: boolean;
  /** Called for what was not done, and for what is deprecated. */
  readonly onWarning?: (warning: Warning) => void;
}

/** What a container is made from: a bundle's directory, or a config, whose relative paths are relative to `bundle`. */
export type ConfigOptions =
  { readonly bundle: string; readonly config?: Spec } | { readonly bundle?: string; readonly config: Spec };

export type CreateOptions = ConfigOptions &
  StdioOptions &
  CallOptions & {
    /** Size of the terminal, for a config whose process has one. */
    readonly terminal?: TerminalSize;
    /** 'process': it is deleted when this program ends, for whatever reason. 'container' (default): it outlives the program. */
    readonly lifetime?: 'container' | 'process';
    readonly noPivot?: boolean;
    readonly noNewKeyring?: boolean;
    /** Descriptors of this program that the container's program gets as 3, 4, … */
    readonly fds?: readonly number[];
    readonly pidFile?: string;
  };

export type RestoreOptions = CreateOptions & CriuOptions;

export type RunOptions = CreateOptions & {
  /** Milliseconds until it is killed. */
  readonly timeout?: number;
  /** Called with the container as soon as its program runs. */
  readonly started?: (container: Container) => void;
};

export interface RunResult extends ContainerExit {
  /** '' unless it is a pipe. */
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
}

const createKinds = {
  bundle: 'string',
  config: 'object',
  stdin: 'stdio',
  stdout: 'stdio',
  stderr: 'stdio',
  signal: 'AbortSignal',
  terminal: 'object',
  lifetime: 'string',
  noPivot: 'boolean',
  noNewKeyring: 'boolean',
  fds: 'array of descriptors',
  pidFile: 'string',
} as const;

function settingsOf({ root, cgroupManager = 'cgroupfs', rootless = 'auto', strict = false }: RuntimeOptions): RuntimeSettings {
  if (root === '') throw usage('options of Runtime: root: expected a directory');
  if (!['cgroupfs', 'systemd', 'disabled'].includes(cgroupManager))
    throw usage(
      `options of Runtime: cgroupManager: expected 'cgroupfs', 'systemd' or 'disabled', found ${JSON.stringify(cgroupManager)}`,
    );
  if (rootless !== 'auto' && typeof rootless !== 'boolean')
    throw usage("options of Runtime: rootless: expected a boolean or 'auto'");
  return { root: root === undefined ? '' : resolve(root), cgroupManager, rootless, strict };
}

function sourceOf({ bundle, config }: ConfigOptions, terminal: boolean): Pick<CreateRequest, 'bundle' | 'config'> {
  if (bundle === undefined && config === undefined) throw usage('options of create: bundle or config is missing');
  if (config === undefined) return { bundle: resolve(bundle!) };
  const path = config.root?.path;
  if (bundle === undefined && (typeof path !== 'string' || !isAbsolute(path)))
    throw usage('options of create: bundle is missing', 'Omit it only for a config with an absolute root.path');
  const whole = terminal && config.process !== undefined ? { ...config, process: { ...config.process, terminal } } : config;
  return { bundle: bundle === undefined ? dirname(path!) : resolve(bundle), config: specText('config', whole) };
}

function createRequest(id: string, options: CreateOptions): CreateRequest {
  const { lifetime = 'container', fds = [], terminal } = options;
  checkOne('id', id, 'string');
  if (!['container', 'process'].includes(lifetime))
    throw usage(`options of create: lifetime: expected 'container' or 'process', found ${JSON.stringify(lifetime)}`);
  if (terminal !== undefined) check('terminal', terminal, { columns: 'positive integer', rows: 'positive integer' });
  return {
    id,
    ...sourceOf(options, terminal !== undefined),
    noPivot: options.noPivot === true,
    noNewKeyring: options.noNewKeyring === true,
    preserveFds: fds.length,
    console: terminal === undefined ? -1 : 3 + fds.length,
    pidFile: options.pidFile === undefined ? '' : resolve(options.pidFile),
    owned: lifetime === 'process',
  };
}

type MakingVerb = 'create' | 'run' | 'restore';

export class Runtime {
  readonly #context: RuntimeContext;

  constructor(options: RuntimeOptions = {}) {
    const kinds = {
      root: 'string',
      cgroupManager: 'string',
      rootless: 'stdio',
      strict: 'boolean',
      onWarning: 'function',
    } as const;
    check('options of Runtime', options, kinds);
    this.#context = { settings: settingsOf(options), warn: warnTo(options.onWarning) };
  }

  /** Makes a container whose program waits for `start`. On failure, or when aborted, leaves nothing. */
  async create(id: string, options: CreateOptions): Promise<Container> {
    check('options of create', options, createKinds);
    await ownTurn();
    return this.#make('create', createRequest(id, options), options);
  }

  /** create and start in one: its program runs. */
  async spawn(id: string, options: CreateOptions): Promise<Container> {
    check('options of spawn', options, createKinds);
    await ownTurn();
    const request = createRequest(id, options);
    if (options.terminal === undefined) return this.#make('run', request, options);
    // The terminal must have its size before the program asks for it.
    const container = await this.#make('create', request, options);
    try {
      await container.start(options.signal === undefined ? {} : { signal: options.signal });
      return container;
    } catch (caught) {
      await cleanUp(this.#context.warn, () => container.delete({ force: true }));
      throw caught;
    }
  }

  /** Makes a container from what Container.checkpoint wrote; its program goes on. */
  async restore(id: string, options: RestoreOptions): Promise<Container> {
    check('options of restore', options, { ...createKinds, ...criuKinds });
    await ownTurn();
    return this.#make('restore', { ...createRequest(id, options), ...restoreRequest(options) }, options);
  }

  /** Creates, starts, waits and deletes. Reads pipes: the result has their data. */
  async run(id: string, options: RunOptions): Promise<RunResult> {
    check('options of run', options, { ...createKinds, timeout: 'positive number', started: 'function' });
    const { timeout, started, ...rest } = options;
    await ownTurn();
    const container = await this.spawn(id, rest);
    try {
      started?.(container);
      return await this.#outcome(container, { timeout, signal: rest.signal });
    } catch (caught) {
      await cleanUp(this.#context.warn, () => container.delete({ force: true }));
      throw caught;
    }
  }

  async #outcome(
    container: Container,
    { timeout, signal }: { readonly timeout: number | undefined; readonly signal: AbortSignal | undefined },
  ): Promise<RunResult> {
    let timedOut = false;
    const timer =
      timeout === undefined
        ? undefined
        : setTimeout(() => {
            timedOut = true;
            container.kill('SIGKILL', { all: true }).catch(() => undefined);
          }, timeout);
    const output = [container.stdout?.text() ?? '', container.stderr?.text() ?? ''].map(async (text) => text);
    for (const text of output) text.catch(() => undefined);
    try {
      const exit = await container.wait(signal === undefined ? {} : { signal });
      // In a shared pid namespace, processes left behind would keep the pipes open.
      await container.delete({ force: true });
      const [stdout, stderr] = await Promise.all(output);
      return { ...exit, stdout: stdout!, stderr: stderr!, timedOut };
    } finally {
      clearTimeout(timer);
    }
  }

  async #make<V extends MakingVerb>(verb: V, request: Verbs[V]['takes'], options: CreateOptions): Promise<Container> {
    const { settings, warn } = this.#context;
    const console = options.terminal === undefined ? null : new Console();
    const stdio = openStdio(console === null ? options : { stdout: 'null', stderr: 'null' });
    let exchange: Exchange<V>;
    let made: MadeContainer;
    let terminal: Terminal | null;
    try {
      const preserved = [...(options.fds ?? []), ...(console === null ? [] : [console.theirs])];
      exchange = await begin(verb, settings, request, { stdio: stdio.given, preserved, signal: options.signal, warn });
      stdio.release();
      made = await exchange.result;
      if (options.signal?.aborted === true) {
        // Its worker may have been killed after it had answered, and another one undoes its work.
        const { id, owned } = request;
        await ask('delete', settings, { id, init: made.process, force: true, owned, stats: false }, { warn });
        options.signal.throwIfAborted();
      }
      terminal = console?.take(options.terminal!) ?? null;
    } catch (caught) {
      stdio.discard();
      throw caught;
    } finally {
      console?.close();
    }
    const { process: init, memoryEvents, bundle } = made;
    const owned = request.owned;
    return new Container({
      context: this.#context,
      id: request.id,
      bundle,
      init,
      memoryEvents,
      exchange,
      stdio,
      terminal,
      owned,
    });
  }

  /** Finds a container, whoever created it. E_NO_CONTAINER if there is none. */
  async get(id: string, options: CallOptions = {}): Promise<Container> {
    const { bundle, process: init = null, memoryEvents = '' } = await this.#ask('get', { id }, options);
    const stdio = { stdin: null, stdout: null, stderr: null };
    return new Container({
      ...{ context: this.#context, id, bundle, init, memoryEvents, stdio },
      ...{ exchange: null, terminal: null, owned: false },
    });
  }

  /** All containers below the root. */
  async list(options: CallOptions = {}): Promise<readonly ContainerStatus[]> {
    return this.#ask('list', {}, options);
  }

  /** What create would do, as data. Makes nothing. */
  async plan(options: ConfigOptions & CallOptions & { readonly id?: string }): Promise<Readonly<Record<string, unknown>>> {
    check('options of plan', options, { bundle: 'string', config: 'object', signal: 'AbortSignal', id: 'string' });
    const { id = 'plan', signal, ...source } = options;
    const rest = { noPivot: false, noNewKeyring: false, preserveFds: 0 };
    const plan = await this.#ask('plan', { id, ...sourceOf(source, false), ...rest }, signal === undefined ? {} : { signal });
    return plan as Readonly<Record<string, unknown>>;
  }

  /** Everything wrong with a config: an object, or a bundle's directory. Empty: it is valid. */
  async validate(config: Spec | string, options: CallOptions = {}): Promise<readonly CodedViolation[]> {
    checkOne('config', config, 'string or object');
    const path = typeof config === 'string' ? resolve(config, 'config.json') : undefined;
    const text = path === undefined ? specText('config', config) : await readConfig(path);
    return this.#ask('validate', { name: path ?? 'the config', text }, options);
  }

  /** What this runtime supports (features.md). */
  async features(options: CallOptions = {}): Promise<Features> {
    return (await this.#ask('features', {}, options)) as Features;
  }

  async #ask<V extends keyof Verbs>(verb: V, takes: Verbs[V]['takes'], options: CallOptions): Promise<Verbs[V]['gives']> {
    check(`options of ${verb}`, options, { signal: 'AbortSignal' });
    const { settings, warn } = this.#context;
    return ask(verb, settings, takes, { warn, signal: options.signal });
  }
}

async function readConfig(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const { code, errno = 0 } = cause as NodeJS.ErrnoException;
    const details = { operation: 'open', path, errno: Math.abs(errno), cause };
    throw new PockerError('E_BUNDLE', `cannot read ${path}: ${code ?? String(cause)}`, details);
  }
}
