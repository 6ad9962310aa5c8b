// Integers of the config on their way into 64-bit fields and decimal text.
import { refuse } from '../draft.js';
import type { Integer } from '../spec-types.js';

const unsignedLimit = 1n << 64n;

/** An unsigned 64-bit value, exact. */
export function unsigned(value: Integer, pointer: string): bigint {
  const exact = BigInt(value);
  if (exact < 0n || exact >= unsignedLimit) refuse(pointer, `${exact} is not within 0 and 2^64-1`);
  return exact;
}

/** A list of numbers and ranges, "0-3,7", as words of 64 bits, lowest first (cpuset(7), "List format"). */
export function bitList(text: string, pointer: string): bigint[] {
  const words: bigint[] = [];
  for (const part of text.split(',')) {
    const trimmed = part.trim();
    if (trimmed === '') continue;
    const dash = trimmed.indexOf('-');
    const first = bitNumber(dash < 0 ? trimmed : trimmed.slice(0, dash), pointer);
    const last = dash < 0 ? first : bitNumber(trimmed.slice(dash + 1), pointer);
    if (last < first) refuse(pointer, `the range ${JSON.stringify(trimmed)} ends before it begins`);
    for (let bit = first; bit <= last; bit++) setBit(words, bit);
  }
  return words;
}

/** More than any kernel is built for. */
const bitLimit = 65_536;

function bitNumber(text: string, pointer: string): number {
  const digits = text.trim();
  const number = /^\d{1,6}$/.test(digits) ? Number(digits) : bitLimit;
  if (number >= bitLimit) refuse(pointer, `${JSON.stringify(digits)} is no number below ${bitLimit}`);
  return number;
}

function setBit(words: bigint[], bit: number): void {
  const index = bit >> 6;
  while (words.length <= index) words.push(0n);
  words[index]! |= 1n << BigInt(bit & 63);
}
