// Writes FlatBuffers (https://flatbuffers.dev/internals/) by the fieldTypes of generated/plan.ts, made for an interpreter: no byte
// loops, no call for each field, no search for equal vtables. What is in it is aligned as seen from its end, where it begins.
import * as kind from './field-types.js';
import type { FieldTypes } from './field-types.js';

const intSize = 4;
const longSize = 8;
const shortSize = 2;
/** Every vtable begins with its own size and its table's. */
const vtableHead = 2;
/** More than any table of schema/plan.fbs has. */
const maxFields = 32;

type Fields = Readonly<Record<string, unknown>>;

/** The buffer is filled from its end; offsets count from there, too. */
export class Writer {
  #bytes!: Uint8Array;
  #shorts!: Uint16Array;
  #ints!: Int32Array;
  #longs!: BigInt64Array;
  /** Where the next thing written ends. */
  #space = 0;
  /** By field of the table at work: offset of what it refers to, and where it is in the table; 0 where there is none. */
  readonly #targets = new Int32Array(maxFields);
  readonly #offsets = new Int32Array(maxFields);
  readonly #encoder = new TextEncoder();

  constructor(size: number) {
    this.#use(new Uint8Array(size & -longSize));
    this.#space = this.#bytes.length;
  }

  #use(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#shorts = new Uint16Array(bytes.buffer);
    this.#ints = new Int32Array(bytes.buffer);
    this.#longs = new BigInt64Array(bytes.buffer);
  }

  #offset(): number {
    return this.#bytes.length - this.#space;
  }

  /** Room for `size` zero bytes, which begin `before` bytes in front of a multiple of `aligned`. Where it is. */
  #take(size: number, aligned: number, before = 0): number {
    const start = ((this.#space - size + before) & -aligned) - before;
    if (start >= 0) return (this.#space = start);
    const old = this.#bytes;
    this.#use(new Uint8Array((old.length * 2 + size + longSize) & -longSize));
    this.#bytes.set(old, this.#bytes.length - old.length);
    this.#space += this.#bytes.length - old.length;
    return this.#take(size, aligned, before);
  }

  /** A vector whose elements have `width` bytes, `extra` zeros after it. Where its first element is. */
  #vector(length: number, width: number, extra = 0): number {
    const start = this.#take(intSize + length * width + extra, width > intSize ? width : intSize, intSize);
    this.#ints[start / intSize] = length;
    return start + intSize;
  }

  text(value: string): number {
    const encoded = this.#encoder.encode(value);
    // Strings end with a zero that their length does not count.
    const at = this.#vector(encoded.length, 1, 1);
    this.#bytes.set(encoded, at);
    return this.#offset();
  }

  #data(value: Uint8Array): number {
    const at = this.#vector(value.length, 1);
    this.#bytes.set(value, at);
    return this.#offset();
  }

  #ints32(values: readonly number[]): number {
    const at = this.#vector(values.length, intSize);
    this.#ints.set(values, at / intSize);
    return this.#offset();
  }

  #longs64(values: readonly bigint[]): number {
    const at = this.#vector(values.length, longSize);
    this.#longs.set(values, at / longSize);
    return this.#offset();
  }

  /** A vector of what was written before. */
  references(offsets: readonly number[]): number {
    const first = this.#vector(offsets.length, intSize);
    offsets.forEach((offset, index) => this.#refer(first + index * intSize, offset));
    return this.#offset();
  }

  #refer(at: number, offset: number): void {
    this.#ints[at / intSize] = this.#bytes.length - at - offset;
  }

  /** What a field refers to; 0 for nothing. */
  #target(type: number, value: unknown): number {
    if (value === null) return 0;
    switch (type) {
      case kind.text:
        return this.text(value as string);
      case kind.texts:
        return this.references((value as readonly string[]).map((one) => this.text(one)));
      case kind.bytes:
        return this.#data(value as Uint8Array);
      case kind.ints:
        return this.#ints32(value as readonly number[]);
      case kind.longs:
        return this.#longs64(value as readonly bigint[]);
      default:
        return value as number;
    }
  }

  /** A table with the fields of `types` from `object`. */
  table(types: FieldTypes, object: object): number {
    const count = types.length / 2;
    if (count > maxFields) throw new Error(`a table of the plan has more than ${maxFields} fields`);
    const fields = object as Fields;
    const size = this.#assignOffsets(types, fields, count);
    const at = this.#take(size.whole, size.aligned);
    this.#fill(types, fields, at);
    const table = this.#offset();
    const vtable = (count + vtableHead) * shortSize;
    let slot = this.#take(vtable, shortSize) / shortSize;
    const shorts = this.#shorts;
    shorts[slot++] = vtable;
    shorts[slot++] = size.whole;
    for (let field = 0; field < count; field++) shorts[slot++] = this.#offsets[field]!;
    this.#ints[(this.#bytes.length - table) / intSize] = this.#offset() - table;
    return table;
  }

  /** Writes what the fields refer to, and assigns an offset in the table to each that is not left out for being zero (else 0). */
  #assignOffsets(types: FieldTypes, fields: Fields, count: number): { readonly whole: number; readonly aligned: number } {
    const offsets = this.#offsets;
    let whole = intSize;
    let aligned = intSize;
    for (let field = 0; field < count; field++) {
      const flags = types[field * 2 + 1] as number;
      const type = flags & kind.kindMask;
      const value = fields[types[field * 2] as string];
      let width = intSize;
      let isThere: boolean;
      if (type >= kind.text) {
        isThere = (this.#targets[field] = this.#target(type, value)) !== 0;
        if (!isThere && (flags & kind.required) !== 0)
          throw new Error(`a required field (${String(types[field * 2])}) of the plan is not set`);
      } else {
        isThere = (flags & kind.always) !== 0 || Boolean(value);
        width = 1 << type;
      }
      if (!isThere) {
        offsets[field] = 0;
        continue;
      }
      if (width > aligned) aligned = width;
      offsets[field] = (whole + width - 1) & -width;
      whole = offsets[field]! + width;
    }
    return { whole: (whole + intSize - 1) & -intSize, aligned };
  }

  #fill(types: FieldTypes, fields: Fields, table: number): void {
    const count = types.length / 2;
    for (let field = 0; field < count; field++) {
      if (this.#offsets[field] === 0) continue;
      const at = table + this.#offsets[field]!;
      const type = (types[field * 2 + 1] as number) & kind.kindMask;
      const value = fields[types[field * 2] as string];
      if (type >= kind.text) this.#ints[at / intSize] = this.#bytes.length - at - this.#targets[field]!;
      else if (type === kind.byte) this.#bytes[at] = Number(value);
      else if (type === kind.short) this.#shorts[at / shortSize] = value as number;
      else if (type === kind.int) this.#ints[at / intSize] = value as number;
      else this.#longs[at / longSize] = value as bigint;
    }
  }

  /** Everything written so far as one buffer, with `root` and the four letters of its identifier in front. */
  finish(root: number, identifier: string): Uint8Array {
    const at = this.#take(2 * intSize, longSize);
    this.#refer(at, root);
    for (let index = 0; index < identifier.length; index++) this.#bytes[at + intSize + index] = identifier.charCodeAt(index);
    return this.#bytes.subarray(at);
  }
}
