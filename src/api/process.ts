// A process that was made: its streams, its end, and signals to it.
import { constants } from 'node:os';
import type { ProcessIdentity } from '../container/record.js';
import type { RuntimeSettings } from '../server/messages.js';
import { ask, begin, type Ending, type Sending, type Watched } from './fork-server/exchange.js';
import { check, signalOf } from './options.js';
import type { InputStream, OutputStream, Stdio, Terminal } from './stdio.js';

export interface ExitStatus {
  /** null: a signal ended it, or nobody knows: it is not a child of this program, and the kernel is older than Linux 6.15. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface WaitOptions {
  /** Stops waiting; the process goes on. */
  readonly signal?: AbortSignal;
}

const signalNames = new Map<number, NodeJS.Signals>(
  Object.entries(constants.signals).map(([name, number]) => [number, name as NodeJS.Signals]),
);

export function exitStatus(ending: Ending | null): ExitStatus {
  if (ending === null) return { code: null, signal: null };
  const { code, signal } = ending;
  if (signal === 0) return { code, signal: null };
  return { code: null, signal: signalNames.get(signal) ?? (`SIG${signal}` as NodeJS.Signals) };
}

/** Rejects with the signal's reason if that comes first. */
export async function orAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  signal.throwIfAborted();
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => {
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', stop!);
  }
}

/** A value that is found out once. After a failure, the next caller tries again. */
export class Once<T> {
  #found: Promise<T> | undefined;

  constructor(private readonly find: () => Promise<T>) {}

  get(): Promise<T> {
    return (this.#found ??= this.find().catch((caught: unknown) => {
      this.#found = undefined;
      throw caught;
    }));
  }

  /** For later: whoever asks then gets the failure. */
  begin(): void {
    this.get().catch(() => undefined);
  }
}

/** The end of a process by its identity: from its exchange if this program made it, otherwise from the kernel. */
export class EndOfProcess {
  readonly #ending = new Once(() => this.#end());
  #watched: Watched | null;
  #waiting = 0;

  constructor(
    private readonly identity: ProcessIdentity,
    private readonly exchange: Watched | null,
    private readonly settings: RuntimeSettings,
    private readonly warn: Sending['warn'],
  ) {
    this.#watched = exchange;
  }

  /** Keeps the program alive while waiting, and no longer. */
  async wait({ signal }: WaitOptions = {}): Promise<Ending | null> {
    signal?.throwIfAborted();
    this.#waiting++;
    this.#keepAlive();
    try {
      return await orAborted(this.#ending.get(), signal);
    } finally {
      this.#waiting--;
      this.#keepAlive();
    }
  }

  #keepAlive(): void {
    this.#watched?.keepAlive(this.#waiting > 0);
  }

  /** The same, without keeping the program alive. */
  async quiet(): Promise<Ending | null> {
    return this.#ending.get();
  }

  async #end(): Promise<Ending | null> {
    const told = this.exchange === null ? null : await this.exchange.exit;
    if (told !== null) return told;
    const asked = await begin('wait', this.settings, { process: this.identity }, { warn: this.warn });
    this.#watched = asked;
    this.#keepAlive();
    return asked.result;
  }
}

/** The parts of a Process. */
export interface ProcessParts {
  readonly identity: ProcessIdentity;
  readonly end: EndOfProcess;
  readonly settings: RuntimeSettings;
  readonly warn: Sending['warn'];
  readonly stdio: Pick<Stdio, 'stdin' | 'stdout' | 'stderr'>;
  readonly terminal: Terminal | null;
  readonly timeout: number | undefined;
  readonly signal: AbortSignal | undefined;
}

export interface ProcessExit extends ExitStatus {
  /** Ran out of time and was killed. */
  readonly timedOut: boolean;
}

/** Another process of a container, from Container.exec. */
export class Process {
  readonly pid: number;
  /** null: it was not requested as a pipe. */
  readonly stdin: InputStream | null;
  readonly stdout: OutputStream | null;
  readonly stderr: OutputStream | null;
  readonly terminal: Terminal | null;
  readonly #parts: ProcessParts;
  readonly #exit = new Once(() => this.#watch());
  readonly #unlimit: () => void;
  #timedOut = false;

  /** Called only by Container.exec. */
  constructor(parts: ProcessParts) {
    const { identity, stdio, terminal } = parts;
    this.#parts = parts;
    this.pid = identity.pid;
    this.stdin = stdio.stdin;
    this.stdout = stdio.stdout;
    this.stderr = stdio.stderr;
    this.terminal = terminal;
    this.#unlimit = this.#limit();
    this.#exit.begin();
  }

  /** Kills it when its time is up or nobody wants it any more. Returns a function that stops that. */
  #limit(): () => void {
    const { timeout, signal } = this.#parts;
    const kill = (): void => void this.kill('SIGKILL').catch(() => undefined);
    const timer =
      timeout === undefined
        ? undefined
        : setTimeout(() => {
            this.#timedOut = true;
            kill();
          }, timeout);
    signal?.addEventListener('abort', kill, { once: true });
    if (signal?.aborted === true) kill();
    return () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', kill);
    };
  }

  async #watch(): Promise<ProcessExit> {
    const { timeout, signal, end } = this.#parts;
    // Only a caller's wait, or the time limit, keeps the program alive.
    const ending = timeout === undefined && signal === undefined ? await end.quiet() : await end.wait();
    this.#unlimit();
    this.stdin?.destroy();
    return { ...exitStatus(ending), timedOut: this.#timedOut };
  }

  async wait(options: WaitOptions = {}): Promise<ProcessExit> {
    check('options of wait', options, { signal: 'AbortSignal' });
    await this.#parts.end.wait(options);
    return this.#exit.get();
  }

  /** False: it has ended. */
  async kill(signal: NodeJS.Signals | number = 'SIGTERM'): Promise<boolean> {
    const { settings, identity, warn } = this.#parts;
    return ask('signal', settings, { process: identity, signal: signalOf(signal) }, { warn });
  }

  /** Kills it if it is still running. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (await this.kill('SIGKILL')) await this.wait();
  }
}
