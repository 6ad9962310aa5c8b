// Options from callers, checked before anything is made: a wrong option is an E_USAGE that names it.
import { PockerError } from '../errors.js';
import { writeJson } from '../json/write.js';
import { signalNumber } from '../plan/tables/signals.js';

export const isDescriptor = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 0 && Number(value) < 2 ** 31;

const kinds = {
  string: (value: unknown) => typeof value === 'string',
  boolean: (value: unknown) => typeof value === 'boolean',
  object: (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'array of strings': (value: unknown) => Array.isArray(value) && value.every((one) => typeof one === 'string'),
  array: (value: unknown) => Array.isArray(value),
  'array of descriptors': (value: unknown) => Array.isArray(value) && value.every(isDescriptor),
  'positive number': (value: unknown) => typeof value === 'number' && value > 0 && value < 2 ** 31,
  'positive integer': (value: unknown) => Number.isInteger(value) && (value as number) > 0 && (value as number) < 2 ** 31,
  AbortSignal: (value: unknown) => value instanceof AbortSignal,
  function: (value: unknown) => typeof value === 'function',
  /** Checked when it is opened. */
  stdio: () => true,
  'string or array of strings': (value: unknown) => typeof value === 'string' || kinds['array of strings'](value),
  'string or number': (value: unknown) => typeof value === 'string' || typeof value === 'number',
  'string or object': (value: unknown) => typeof value === 'string' || kinds.object(value),
  'string or bytes': (value: unknown) => typeof value === 'string' || value instanceof Uint8Array,
} as const;

export type Kinds = Readonly<Record<string, keyof typeof kinds>>;

function show(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'symbol') return 'a symbol';
  return typeof value === 'bigint' || value === undefined ? String(value) : JSON.stringify(value);
}

export function usage(message: string, hint?: string): PockerError {
  return new PockerError('E_USAGE', message, hint === undefined ? {} : { hint });
}

/** `what`: "options of create". An unknown option is a typing error of the caller. */
export function check(what: string, given: unknown, known: Kinds): void {
  if (!kinds.object(given)) throw usage(`${what}: expected an object, found ${show(given)}`);
  for (const [name, value] of Object.entries(given as object)) {
    const kind = Object.hasOwn(known, name) ? known[name] : undefined;
    if (kind === undefined)
      throw usage(`${what}: there is no option ${JSON.stringify(name)}`, `Use one of: ${Object.keys(known).join(', ')}`);
    if (value !== undefined && !kinds[kind](value))
      throw usage(`${what}: ${name}: expected ${article(kind)}, found ${show(value)}`);
  }
}

const article = (kind: string): string => (/^[aeioA]/.test(kind) ? `an ${kind}` : `a ${kind}`);

export function checkOne(what: string, value: unknown, kind: keyof typeof kinds): void {
  if (!kinds[kind](value)) throw usage(`${what}: expected ${article(kind)}, found ${show(value)}`);
}

/** Accepts a name, with or without SIG, or a number. */
export function signalOf(signal: unknown): number {
  const number = typeof signal === 'string' || typeof signal === 'number' ? signalNumber(String(signal)) : undefined;
  if (number === undefined) throw usage(`signal: expected a name like 'SIGTERM' or a number, found ${show(signal)}`);
  return number;
}

/** JSON text for anything typed by the OCI schemas. What JSON cannot express is an error, not silently left out. */
export function specText(what: string, value: unknown): string {
  assertJson(what, value, '', []);
  return writeJson(value);
}

function assertJson(what: string, value: unknown, path: string, above: unknown[]): void {
  if (typeof value === 'function' || typeof value === 'symbol')
    throw usage(`${what}: ${path}: expected JSON, found ${show(value)}`);
  if (typeof value !== 'object' || value === null) return;
  if (above.includes(value)) throw usage(`${path}: contains itself`);
  above.push(value);
  for (const [key, member] of Object.entries(value)) {
    if (typeof member !== 'string' && typeof member !== 'number') assertJson(what, member, `${path}/${key}`, above);
  }
  above.pop();
}
