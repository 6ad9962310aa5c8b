// Puts ajv's findings into words: what was found, and what is allowed.
import type { Source } from '../json/json.js';
import { joinPointer } from '../json/pointer.js';
import { quoteText } from '../json/quote.js';
import type { SchemaError } from '../generated/validate.js';
import type { Violation } from './violation.js';

const textLimit = 60;

/** What is at the pointer, in its own spelling if that is short. */
function found(source: Source, pointer: string): string {
  const raw = source.raw(pointer);
  if (raw === undefined) return 'nothing';
  if (raw.startsWith('{')) return 'an object';
  if (raw.startsWith('[')) return /^\[\s*\]$/.test(raw) ? 'an empty array' : 'an array';
  if (raw.startsWith('"')) return `the string ${quoteText(JSON.parse(raw) as string, textLimit)}`;
  if (raw === 'null' || raw === 'true' || raw === 'false') return raw;
  return `the number ${raw.length > textLimit ? `${raw.slice(0, textLimit)}…` : raw}`;
}

const types: Readonly<Record<string, string>> = {
  string: 'a string',
  integer: 'an integer',
  number: 'a number',
  boolean: 'true or false',
  object: 'an object',
  array: 'an array',
  null: 'null',
};

/** The patterns of the OCI schemas, in words. */
const patterns: Readonly<Record<string, string>> = {
  '^RLIMIT_[A-Z]+$': 'a name like "RLIMIT_NOFILE"',
  '^[0-9, -]*$': 'a list of CPU numbers like "0-3,7"',
  '^[1-9][0-9]*[KMG]B$': 'a size like "64KB", "2MB" or "1GB"',
  '^MB:[^\\n]*$': 'one line that begins with "MB:"',
  '^[cbup]$': '"c", "b", "u" or "p"',
};

function allowedType(type: unknown): string {
  return (Array.isArray(type) ? type : [type]).map((one) => types[String(one)] ?? String(one)).join(' or ');
}

/** `raw`: the text that was found. */
type Words = (params: Record<string, unknown>, raw: string) => string;

const ranges: Readonly<Record<string, string>> = {
  int64: `${-(2n ** 63n)} to ${2n ** 63n - 1n} (int64)`,
  uint64: `0 to ${2n ** 64n - 1n} (uint64)`,
};

/** The last digits of a number are uncertain if it has a fraction or an exponent, or is beyond 2^53. */
function allowedInteger(type: unknown, raw: string): string {
  if (!/^-?[0-9]/.test(raw) || (!/^-?[0-9]+$/.test(raw) && Math.abs(Number(raw)) <= Number.MAX_SAFE_INTEGER))
    return 'expected an integer';
  return /^-?[0-9]+$/.test(raw) ? `allowed: ${ranges[String(type)]}` : 'expected an integer with all its digits written out';
}

/** By ajv keyword: what is allowed. */
const allowed: Readonly<Record<string, Words>> = {
  type: ({ type }, raw) => {
    // A bigint: no 32-bit integer is one.
    if (type === 'integer' && /^-?[0-9]+$/.test(raw)) return `too ${raw.startsWith('-') ? 'small' : 'large'} for this field`;
    return `expected ${allowedType(type)}`;
  },
  integer64: ({ type }, raw) => allowedInteger(type, raw),
  enum: ({ allowedValues }) => `allowed: ${(allowedValues as unknown[]).map((value) => JSON.stringify(value)).join(', ')}`,
  pattern: ({ pattern }) => `expected ${patterns[String(pattern)] ?? `a match of ${String(pattern)}`}`,
  minimum: ({ limit }) => `allowed: at least ${exactBound(limit)}`,
  maximum: ({ limit }) => `allowed: at most ${exactBound(limit)}`,
  minItems: ({ limit }) => `expected at least ${String(limit)} ${limit === 1 ? 'item' : 'items'}`,
  minLength: ({ limit }) => `expected at least ${String(limit)} ${limit === 1 ? 'character' : 'characters'}`,
};

function exactBound(limit: unknown): string {
  return typeof limit === 'number' && Number.isInteger(limit) ? String(BigInt(limit)) : String(limit);
}

/** One error of the validator as a violation. */
export function describeError(source: Source, { instancePath, keyword, params }: SchemaError): Violation {
  if (keyword === 'required') {
    const pointer = joinPointer(instancePath, String(params['missingProperty']));
    const found = source.raw(pointer) ?? 'missing';
    return { pointer, message: `is ${found}, but required`, found, expected: 'required' };
  }
  const words = allowed[keyword]?.(params, source.raw(instancePath) ?? '') ?? `breaks the schema's rule "${keyword}"`;
  const there = found(source, instancePath);
  return { pointer: instancePath, message: `found ${there}, ${words}`, found: there, expected: words };
}
