// Integers beyond 2^53, exact. The schema knows their type: the validator sees a copy of the config in which each such
// number is one that no bounded integer allows, and the bound that it complains about tells int64 from uint64.
import type { JsonDocument } from '../json/json.js';
import { holderOf } from '../json/pointer.js';
import type { SchemaError } from '../generated/validate.js';
import type { Violation } from './violation.js';

/** Cheap: a double that is beyond 2^53, or that rounds to a bound of 64 bits, takes 15 digits in a row to write. */
const maybeWide = /[0-9]{15}/;

/** Whatever could be such a number, with what stands before a number in JSON. In a string it may match in vain. */
const candidates = /(^|[\s:,[])(-?[0-9][0-9.eE+-]{14,})/g;

interface Range {
  readonly name: string;
  readonly least: bigint;
  readonly most: bigint;
}

const signed: Range = { name: 'int64', least: -(1n << 63n), most: (1n << 63n) - 1n };
const unsigned: Range = { name: 'uint64', least: 0n, most: (1n << 64n) - 1n };

/** By the bound that is exceeded, as the double that the schema has. */
const ranges: ReadonlyMap<unknown, Range> = new Map([
  [Number(signed.most), signed],
  [Number(signed.least), signed],
  [Number(unsigned.most), unsigned],
]);

/** What the validator gets. */
export interface Disguised {
  readonly value: unknown;
  /** As the config has them: the number with index i stands in `value` as ±(i+1)·1e290. */
  readonly numbers: readonly string[];
}

/** The document's value; a copy of it where there are numbers to disguise. */
export function disguise(document: JsonDocument): Disguised {
  const { text, value } = document;
  if (!maybeWide.test(text)) return { value, numbers: [] };
  const numbers: string[] = [];
  // Digits only: where it was no number but part of a string, that is still the same kind of string.
  const copy = text.replace(candidates, (whole, before: string, number: string) => {
    if (!(Math.abs(Number(number)) > Number.MAX_SAFE_INTEGER)) return whole;
    return `${before}${number.startsWith('-') ? '-' : ''}${numbers.push(number)}${'0'.repeat(290)}`;
  });
  return numbers.length === 0 ? { value, numbers } : { value: JSON.parse(copy) as unknown, numbers };
}

function cut(number: string): string {
  return number.length > 60 ? `${number.slice(0, 60)}…` : number;
}

function refusal(number: string, { name, least, most }: Range): string | undefined {
  if (!/^-?\d+$/.test(number)) return `found the number ${cut(number)}, expected an integer with all its digits written out`;
  // 40 digits are beyond both: no need to work with a million of them.
  const exact = number.length > 40 ? undefined : BigInt(number);
  if (exact !== undefined && exact >= least && exact <= most) return undefined;
  return `found the number ${cut(number)}, allowed: ${least} to ${most} (${name})`;
}

export interface Settled {
  /** The validator's other complaints. */
  readonly remaining: readonly SchemaError[];
  readonly violations: readonly Violation[];
}

/** Puts the exact integers into the document's value, as bigint, where the validator complained about their disguise. */
export function settle(document: JsonDocument, { value, numbers }: Disguised, errors: readonly SchemaError[]): Settled {
  if (numbers.length === 0) return { remaining: errors, violations: [] };
  const indexes = new Map(numbers.map((_number, index) => [Number(`${index + 1}e290`), index]));
  const violations: Violation[] = [];
  const remaining = errors.filter(({ keyword, params, instancePath: pointer }) => {
    if (keyword !== 'maximum' && keyword !== 'minimum') return true;
    const range = ranges.get(params['limit']);
    const [copyHolder, key] = holderOf(value, pointer);
    const number = numbers[indexes.get(Math.abs(Number(copyHolder[key]))) ?? -1];
    if (range === undefined || number === undefined) return true;
    const message = refusal(number, range);
    if (message === undefined) holderOf(document.value, pointer)[0][key] = BigInt(number);
    else violations.push({ pointer, message });
    return false;
  });
  return { remaining, violations };
}
