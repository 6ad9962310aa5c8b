// One request to the fork server: warnings and events, then the result, then the end of its process.
import { fstatSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { constants as osConstants } from 'node:os';
import { StringDecoder } from 'node:string_decoder';
import { fileURLToPath } from 'node:url';
import { errnoName } from '../../host/errno.js';
import { isHostFailure, PockerError } from '../../errors.js';
import { loadAddon, type Client } from '../../host/node.js';
import { writeJson } from '../../json/write.js';
import { Attendant } from './attendant.js';
import type { Answer, ErrorMessage, RuntimeSettings, Verb, Verbs } from '../../server/messages.js';
import { readAnswer } from '../../server/wire.js';

export interface Ending {
  readonly code: number;
  readonly signal: number;
}

export type Warn = (message: string, pointer?: string) => void;

/** What goes with a request besides its fields. */
export interface Sending {
  /** Descriptors of stdio, -1 for none. */
  readonly stdio?: readonly number[];
  readonly preserved?: readonly number[];
  readonly signal?: AbortSignal | undefined;
  readonly warn: Warn;
  readonly event?: (event: NonNullable<Answer['event']>) => void;
}

const executable = fileURLToPath(new URL('../pocker-runc', import.meta.url));
const busyRetryMs = 1;

let addon: Client | undefined;

/** Loads the addon when it is first needed: importing this package does not need it. */
export function client(): Client {
  try {
    return (addon ??= loadAddon().client);
  } catch (cause) {
    const hint = `Build it for ${thisMachine()}: run "npm run build" in pocker-runc's repository there, then "npm pack"`;
    throw new PockerError('E_HOST', `cannot load the native addon of pocker-runc: ${String(cause)}`, { hint, cause });
  }
}

/** What decides which addon fits. It has no Node version: the addon uses Node-API alone. */
function thisMachine(): string {
  const { header } = process.report.getReport() as { readonly header: { readonly glibcVersionRuntime?: string } };
  return `${process.arch} and ${header.glibcVersionRuntime === undefined ? 'this C library, which is not glibc' : 'glibc'}`;
}

function unsent(caught: unknown): PockerError {
  if (caught instanceof PockerError) return caught;
  if (!isHostFailure(caught)) return new PockerError('E_INTERNAL', String(caught), { cause: caught });
  const { operation, errno, path } = caught;
  const hint =
    operation === 'posix_spawn'
      ? 'Install QuickJS-NG or cargo, then build the standalone executable with "npm run build"'
      : undefined;
  return new PockerError('E_HOST', `cannot reach the fork server: ${operation} ${path ?? ''}: ${errnoName(errno).text}`, {
    ...{ operation, errno, cause: caught },
    ...(path === undefined ? {} : { path }),
    ...(hint === undefined ? {} : { hint }),
  });
}

const names = ['stdin', 'stdout', 'stderr'];

/** The option whose descriptor is not open in this program, if that is why nothing was sent. */
function closedDescriptor(caught: unknown, stdio: readonly number[], preserved: readonly number[]): PockerError | null {
  if (!isHostFailure(caught) || caught.operation !== 'sendmsg' || caught.errno !== osConstants.errno.EBADF) return null;
  const { operation, errno } = caught;
  const standard = stdio.findIndex((fd) => fd >= 0 && !isOpen(fd));
  const fd = standard < 0 ? preserved.find((one) => !isOpen(one)) : stdio[standard];
  const name = standard < 0 ? 'fds' : names[standard]!;
  return fd === undefined
    ? null
    : new PockerError('E_USAGE', `${name}: descriptor ${fd} is not open`, { operation, errno, cause: caught });
}

function isOpen(fd: number): boolean {
  try {
    fstatSync(fd);
    return true;
  } catch {
    return false;
  }
}

function received({ code, message, ...details }: ErrorMessage): PockerError {
  return new PockerError(code, message, details);
}

const unreadable = (cause: unknown): PockerError =>
  new PockerError('E_INTERNAL', `cannot read what the fork server answered: ${String(cause)}`, { cause });

const ended = (): PockerError =>
  new PockerError('E_INTERNAL', 'the fork server ended before it answered', { hint: 'Find out who killed it, then try again' });

/** Sends the request as soon as the fork server can take it. */
async function open(text: string, { stdio = [], preserved = [], signal }: Sending): Promise<number> {
  for (;;) {
    signal?.throwIfAborted();
    let fd: number;
    try {
      fd = client().request(executable, text, stdio, preserved);
    } catch (caught) {
      throw closedDescriptor(caught, stdio, preserved) ?? unsent(caught);
    }
    if (fd >= 0) return fd;
    await new Promise((resolve) => setTimeout(resolve, busyRetryMs));
  }
}

/** A process whose end the fork server reports. */
export interface Watched {
  readonly attendant: Attendant;
  /** null: the fork server ended first. */
  readonly exit: Promise<Ending | null>;
  /** Whether this program should keep running as long as the process does. */
  keepAlive(wanted: boolean): void;
}

export class Exchange<V extends Verb> implements Watched {
  readonly result: Promise<Verbs[V]['gives']>;
  readonly exit: Promise<Ending | null>;
  readonly attendant = new Attendant((text) => {
    // Not through the socket, which an error would close: data that arrived before could not be read any more.
    writeSync(this.#fd, text);
    this.#hold();
  });
  readonly #text: string;
  readonly #sending: Sending;
  #socket!: Socket;
  /** The socket's. */
  #fd = -1;
  #decoder = new StringDecoder('utf8');
  #rest = '';
  #aborted = false;
  #answered = false;
  #settled = false;
  #sentAgain = false;
  #wanted = true;
  #resolve!: (value: Verbs[V]['gives']) => void;
  #reject!: (reason: unknown) => void;
  #exit!: (ending: Ending | null) => void;

  constructor(text: string, fd: number, sending: Sending) {
    this.#text = text;
    this.#sending = sending;
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.exit = new Promise((resolve) => {
      this.#exit = resolve;
    });
    this.#listen(fd);
    sending.signal?.addEventListener('abort', this.abort, { once: true });
    // Aborted while the fork server was busy: the event is over.
    if (sending.signal?.aborted === true) this.abort();
  }

  #listen(fd: number): void {
    this.#fd = fd;
    this.#socket = new Socket({ fd, readable: true, writable: true, allowHalfOpen: true });
    this.#socket.on('data', (bytes: Buffer) => this.#read(this.#decoder.write(bytes)));
    this.#socket.on('end', () => this.#close());
    this.#socket.on('error', () => this.#close());
    this.#hold();
  }

  keepAlive(wanted: boolean): void {
    this.#wanted = wanted;
    this.#hold();
  }

  #hold(): void {
    if (this.#wanted || this.attendant.busy) this.#socket.ref();
    else this.#socket.unref();
  }

  /** The fork server kills the worker and undoes what it has made. */
  readonly abort = (): void => {
    if (this.#settled) return;
    this.#aborted = true;
    this.#socket.end();
  };

  #read(text: string): void {
    const lines = `${this.#rest}${text}`.split('\n');
    this.#rest = lines.pop()!;
    for (const line of lines) {
      try {
        this.#take(readAnswer(line));
      } catch (cause) {
        // Nobody could catch it here.
        this.#settle(() => this.#reject(unreadable(cause)));
      }
    }
  }

  #take(answer: Answer): void {
    this.#answered = true;
    if (answer.warning !== undefined) this.#sending.warn(answer.warning.message, answer.warning.pointer);
    if (answer.event !== undefined) this.#sending.event?.(answer.event);
    if (answer.exit !== undefined) this.#exit(answer.exit);
    if (this.#settled) this.#takeLater(answer);
    else this.#takeFirst(answer);
  }

  #takeFirst({ error, ...answer }: Answer): void {
    if (error !== undefined) this.#settle(() => this.#reject(received(error)));
    if ('result' in answer) this.#settle(() => this.#resolve(answer.result));
    // Killed after the process was settled, so the fork server keeps what was made: no answer will come.
    if (answer.left !== undefined) this.#settle(() => this.#reject(ended()));
  }

  #takeLater(answer: Answer): void {
    if (answer.error !== undefined || 'result' in answer) this.attendant.take(answer, received);
    if (answer.left !== undefined) this.attendant.leave(answer.left.taken, ended);
    this.#hold();
  }

  #settle(how: () => void): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#sending.signal?.removeEventListener('abort', this.abort);
    this.keepAlive(false);
    how();
  }

  #close(): void {
    this.#socket.destroy();
    if (!this.#answered && !this.#aborted && !this.#sentAgain && this.#sending.stdio === undefined) return this.#sendAgain();
    this.#settle(() => this.#reject(this.#aborted ? this.#sending.signal?.reason : ended()));
    this.attendant.leave(undefined, ended);
    this.#exit(null);
  }

  /**
   * The fork server was killed before it took the request: sends it to a new one. Data for the old descriptors is lost.
   */
  #sendAgain(): void {
    this.#sentAgain = true;
    open(this.#text, this.#sending).then(
      (fd) => this.#listen(fd),
      (caught: unknown) => this.#settle(() => this.#reject(caught)),
    );
  }
}

export async function begin<V extends Verb>(
  verb: V,
  runtime: RuntimeSettings,
  takes: Verbs[V]['takes'],
  sending: Sending,
): Promise<Exchange<V>> {
  const text = writeJson({ verb, runtime, ...takes });
  return new Exchange<V>(text, await open(text, sending), sending);
}

/** Sends a request that makes no process. */
export async function ask<V extends Verb>(
  verb: V,
  runtime: RuntimeSettings,
  takes: Verbs[V]['takes'],
  sending: Sending,
): Promise<Verbs[V]['gives']> {
  return (await begin(verb, runtime, takes, sending)).result;
}
