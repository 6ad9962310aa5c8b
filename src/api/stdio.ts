// Standard input, output and error of a container's process, as the program wants them.
import { Socket } from 'node:net';
import { StringDecoder } from 'node:string_decoder';
import { ReadStream } from 'node:tty';
import { isHostFailure, PockerError } from '../errors.js';
import { errnoName } from '../host/errno.js';
import { client } from './fork-server/exchange.js';
import { isDescriptor } from './options.js';

/** A number is a descriptor of this program, which keeps it. */
export type StdioOption = 'inherit' | 'null' | 'pipe' | number;

export interface StdioOptions {
  /** 'null' by default. */
  readonly stdin?: StdioOption;
  /** 'inherit' by default, as for stderr. */
  readonly stdout?: StdioOption;
  readonly stderr?: StdioOption;
}

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** A process's output. While nobody reads, the pipe fills up and the process waits. */
export class OutputStream extends Socket {
  constructor(fd: number) {
    super({ fd, readable: true, writable: false });
  }

  /** The lines, without their ends. */
  async *lines(): AsyncGenerator<string, void, undefined> {
    const decoder = new StringDecoder('utf8');
    let rest = '';
    for await (const chunk of this as AsyncIterable<Buffer>) {
      const lines = `${rest}${decoder.write(chunk)}`.split('\n');
      rest = lines.pop()!;
      yield* lines;
    }
    rest += decoder.end();
    if (rest !== '') yield rest;
  }

  /** The whole text. */
  async text(): Promise<string> {
    const chunks: Buffer[] = [];
    for await (const chunk of this as AsyncIterable<Buffer>) chunks.push(chunk);
    return Buffer.concat(chunks).toString('utf8');
  }
}

/** A process's input. */
export class InputStream extends Socket {
  constructor(fd: number) {
    super({ fd, readable: false, writable: true });
    // Whether the process reads to the end is its own business.
    this.on('error', () => undefined);
  }
}

/** The terminal of a process, from the user's side. It ends once nobody has it open any more. */
export class Terminal extends ReadStream {
  readonly #fd: number;

  constructor(fd: number) {
    super(fd);
    this.#fd = fd;
  }

  resize({ columns, rows }: TerminalSize): void {
    if (this.destroyed) return;
    client().resize(this.#fd, columns, rows);
  }

  /** When the last one closes a terminal, the kernel reports EIO. */
  override destroy(error?: Error | null): this {
    if ((error as NodeJS.ErrnoException | null | undefined)?.code !== 'EIO') return super.destroy(error ?? undefined);
    this.push(null);
    return this;
  }
}

/** What a process gets, and this program's ends of it. */
export interface Stdio {
  readonly given: number[];
  readonly stdin: InputStream | null;
  readonly stdout: OutputStream | null;
  readonly stderr: OutputStream | null;
  /** Closes the process's ends, which it owns once they have been sent. */
  release(): void;
  /** Closes everything: the process was not made. */
  discard(): void;
}

function checked(name: string, option: unknown): StdioOption {
  if (option === 'inherit' || option === 'null' || option === 'pipe') return option;
  if (isDescriptor(option)) return option as number;
  throw new PockerError('E_USAGE', `${name}: expected 'inherit', 'null', 'pipe' or a file descriptor, found ${String(option)}`);
}

/** Two descriptors, of a pipe or a pair of sockets. */
export function openPair(kind: 'pipe' | 'socketPair'): [number, number] {
  try {
    return client()[kind]();
  } catch (cause) {
    if (!isHostFailure(cause)) throw cause;
    const { operation, errno } = cause;
    throw new PockerError('E_HOST', `${operation}: ${errnoName(errno).text}`, { operation, errno, cause });
  }
}

export function openStdio({ stdin = 'null', stdout = 'inherit', stderr = 'inherit' }: StdioOptions): Stdio {
  const options = [checked('stdin', stdin), checked('stdout', stdout), checked('stderr', stderr)] as const;
  const theirs: number[] = [];
  const ours: [number | null, number | null, number | null] = [null, null, null];
  const release = (): void => {
    for (const fd of theirs.splice(0)) client().close(fd);
  };
  const give = (option: StdioOption, fd: number): number => {
    if (option === 'inherit') return fd;
    if (option === 'null') return -1;
    if (option !== 'pipe') return option;
    const [readEnd, writeEnd] = openPair('pipe');
    ours[fd] = fd === 0 ? writeEnd : readEnd;
    theirs.push(fd === 0 ? readEnd : writeEnd);
    return theirs.at(-1)!;
  };
  let given: number[];
  try {
    given = options.map(give);
  } catch (caught) {
    release();
    for (const fd of ours) if (fd !== null) client().close(fd);
    throw caught;
  }
  const [input, output, error] = ours;
  const streams = {
    stdin: input === null ? null : new InputStream(input),
    stdout: output === null ? null : new OutputStream(output),
    stderr: error === null ? null : new OutputStream(error),
  };
  const discard = (): void => {
    release();
    for (const stream of Object.values(streams)) stream?.destroy();
  };
  return { given, ...streams, release, discard };
}

/** A socket that receives the terminal. */
export class Console {
  readonly #ours: number;
  readonly theirs: number;

  constructor() {
    [this.#ours, this.theirs] = openPair('socketPair');
  }

  /** The terminal, which was sent before the answer. */
  take(size: TerminalSize): Terminal {
    const fd = client().receiveDescriptor(this.#ours);
    if (fd < 0) throw new PockerError('E_CONSOLE', 'the process has no terminal', { hint: 'Set process.terminal to true' });
    const terminal = new Terminal(fd);
    terminal.resize(size);
    return terminal;
  }

  close(): void {
    for (const fd of [this.#ours, this.theirs]) client().close(fd);
  }
}
