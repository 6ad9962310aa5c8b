// The first process of a Sandbox (addon/keeper), seen from outside: it starts commands without the fork server.
import { closeSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { client, Exchange, type Ending } from '../api/fork-server/exchange.js';
import { openPair, openStdio, type Stdio } from '../api/stdio.js';
import { isHostFailure, PockerError } from '../errors.js';
import { errnoName } from '../host/errno.js';
import { quoteText } from '../json/quote.js';

const executable = fileURLToPath(new URL('../pocker-keeper', import.meta.url));
const busyRetryMs = 1;
let program: Uint8Array | undefined;

export interface StartedCommand {
  readonly stdio: Stdio;
  /** null: the keeper has ended, and the whole sandbox with it. */
  readonly exit: Promise<Ending | null>;
}

export class Keeper {
  /**
   * It gets a copy of its executable as a descriptor: nothing of the host needs to be in the sandbox, and its user may not be
   * allowed to execute the file.
   */
  static readonly args = ['/proc/self/fd/3', '3', '4'];
  readonly #ours: number;
  /** For its container. */
  readonly given: readonly number[];
  #closed = false;

  constructor() {
    const [ours, theirs] = openPair('socketPair');
    this.#ours = ours;
    try {
      program ??= readFileSync(executable);
      this.given = [client().makeExecutable(program), theirs];
    } catch (cause) {
      for (const fd of [ours, theirs]) closeSync(fd);
      throw unusable(cause);
    }
  }

  /** Called once its container is made, or could not be. */
  handOver(): void {
    for (const fd of this.given) closeSync(fd);
  }

  async start(args: readonly string[]): Promise<StartedCommand> {
    const stdio = openStdio({ stdin: 'pipe', stdout: 'pipe', stderr: 'pipe' });
    try {
      const text = args.map((one) => `${one}\0`).join('');
      const sending = { stdio: stdio.given, warn: () => undefined };
      const exchange = new Exchange<'exec'>(text, await this.#send(text, stdio.given), sending);
      stdio.release();
      await exchange.result;
      exchange.keepAlive(true);
      return { stdio, exit: exchange.exit };
    } catch (caught) {
      stdio.discard();
      throw describe(caught, args[0]!);
    }
  }

  async #send(text: string, stdio: readonly number[]): Promise<number> {
    for (;;) {
      if (this.#closed) throw new PockerError('E_STATE', 'the sandbox has ended');
      const fd = client().requestFrom(this.#ours, text, stdio);
      if (fd >= 0) return fd;
      await new Promise((resolve) => setTimeout(resolve, busyRetryMs));
    }
  }

  /** It ends, and the sandbox with it. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeSync(this.#ours);
  }
}

function unusable(cause: unknown): PockerError {
  if (isHostFailure(cause)) {
    const { operation, errno } = cause;
    return new PockerError('E_HOST', `cannot make a sandbox: ${operation}: ${errnoName(errno).text}`, {
      operation,
      errno,
      cause,
    });
  }
  const hint = 'Run "npm run build" to build dist/pocker-keeper';
  return new PockerError('E_HOST', `cannot read ${executable}: ${String(cause)}`, { path: executable, hint, cause });
}

function describe(caught: unknown, program: string): unknown {
  if (caught instanceof PockerError) {
    // It had no descriptors left for the request: prlimit(2) works on it, too.
    if (caught.code === 'E_INTERNAL')
      return new PockerError('E_STATE', 'the sandbox does not start commands any more', { cause: caught });
    if (caught.code !== 'E_EXEC') return caught;
    return new PockerError('E_EXEC', `exec: ${quoteText(program)}: ${caught.message}`, { ...caught.details, path: program });
  }
  if (!isHostFailure(caught)) return caught;
  const { operation, errno } = caught;
  return new PockerError('E_STATE', `the sandbox has ended: ${operation}: ${errnoName(errno).text}`, {
    ...{ operation, errno, cause: caught },
  });
}
