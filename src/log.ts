// Where messages go: as records into the --log file, one per line, and to standard error if a person must read them.
import { fromHost, isHostFailure, PockerError, type ErrorCode, type ErrorDetails } from './errors.js';
import { errnoName } from './host/errno.js';
import type { Host } from './host/host.js';
import { printable, quoteText } from './json/quote.js';

export const levels = ['debug', 'info', 'warning', 'error'] as const;
export type Level = (typeof levels)[number];

export interface LogOptions {
  /** How its messages on standard error begin; by default, "pocker-runc". */
  readonly program?: string;
  /** Undefined: standard error, where records are lines for people. */
  readonly file?: string;
  readonly format: 'text' | 'json';
  readonly level: Level;
}

/** Fields of a record besides level, msg and time. */
export type Fields = Readonly<Record<string, unknown>>;

/** Quotes values that contain anything but plain characters, as logrus does. */
function textValue(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return /^[\w./@^+-]+$/.test(text) ? text : quoteText(text);
}

function textRecord(record: Fields): string {
  return Object.entries(record)
    .map(([key, value]) => `${key}=${textValue(value)}`)
    .join(' ');
}

/** What an error knows, under the names that docs/errors.md documents. */
export function errorFields({ code, details }: PockerError): Fields {
  const { operation, path, errno, pointer, hint } = details;
  const named = errno === undefined ? undefined : errnoName(errno).name;
  const all = { code, operation, path, errno: named, pointer, hint };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function causeLines({ cause }: ErrorDetails): string[] {
  return cause instanceof Error && cause.stack !== undefined ? [cause.message, ...cause.stack.split('\n')] : [];
}

/** Codes whose messages have more than one line (src/spec/violation.ts). */
const ownLines: ReadonlySet<string> = new Set<ErrorCode>(['E_CONFIG_SCHEMA', 'E_CONFIG_RULE']);

/** Turns anything thrown into the error that a user sees. Anything that is not a PockerError is a bug of ours. */
export function toPockerError(caught: unknown): PockerError {
  if (caught instanceof PockerError) return caught;
  const hint = 'This is a bug in pocker-runc: please report it with the bundle and this message';
  if (isHostFailure(caught)) return fromHost('E_HOST', 'a call to the operating system failed', caught);
  return new PockerError('E_INTERNAL', `internal error: ${String(caught)}`, { hint, cause: caught });
}

export class Log {
  constructor(
    private readonly host: Host,
    private readonly options: LogOptions,
  ) {}

  get #program(): string {
    return this.options.program ?? 'pocker-runc';
  }

  enabled(level: Level): boolean {
    return levels.indexOf(level) >= levels.indexOf(this.options.level);
  }

  /** Creates the file, so that an unwritable one is reported before anything is done. */
  open(): void {
    if (this.options.file === undefined) return;
    try {
      this.host.append(this.options.file, '');
    } catch (caught) {
      const reason = isHostFailure(caught) ? errnoName(caught.errno).text : String(caught);
      throw new PockerError('E_USAGE', `cannot write the log file ${JSON.stringify(this.options.file)}: ${reason}`, {
        path: this.options.file,
      });
    }
  }

  debug(msg: string, fields: Fields = {}): void {
    this.#record('debug', msg, fields);
  }

  warn(msg: string, fields: Fields = {}): void {
    this.#record('warning', msg, fields);
  }

  /** The last words of a failing command: a complete record in the log, and a message for people on standard error. */
  error(caught: unknown): void {
    const error = toPockerError(caught);
    if (this.options.file !== undefined) this.#append('error', error.message, errorFields(error));
    const { hint } = error.details;
    const lines = ownLines.has(error.code) ? error.message.split('\n') : [error.message];
    if (error.code === 'E_INTERNAL') lines.push(...causeLines(error.details));
    if (hint !== undefined) lines.push(`  hint: ${hint}`);
    this.host.write(2, `${this.#program}: ${lines.map(printable).join('\n')}\n`);
  }

  #record(level: Level, msg: string, fields: Fields): void {
    if (!this.enabled(level)) return;
    if (this.options.file !== undefined) this.#append(level, msg, fields);
    else {
      const more = Object.keys(fields).length > 0 ? ` (${textRecord(fields)})` : '';
      this.host.write(2, `${this.#program}: ${level}: ${printable(msg)}${more}\n`);
    }
  }

  #append(level: Level, msg: string, fields: Fields): void {
    const time = new Date(this.host.now()).toISOString();
    const line =
      this.options.format === 'json'
        ? JSON.stringify({ level, msg, time, ...fields })
        : textRecord({ time, level, msg, ...fields });
    try {
      this.host.append(this.options.file!, `${line}\n`);
    } catch (caught) {
      // A full disk must not hide what happened.
      this.host.write(2, `${this.#program}: cannot write the log: ${printable(toPockerError(caught).message)}\n`);
    }
  }
}
