// Writes FlatBuffers (https://flatbuffers.dev/internals/) by the layouts of generated/plan.ts, made for an interpreter: no byte
// loops, no call for each field, no search for equal vtables. What is in it is aligned as seen from its end, where it begins.
import * as kind from './layout.js';
import type { Layout } from './layout.js';

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
  /** By field of the table at work: offset of what it refers to, then of the field itself; 0 where there is none. */
  readonly #slots = new Int32Array(maxFields);
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

  /** A table with the fields of `layout` from `object`. */
  table(layout: Layout, object: object): number {
    const count = layout.length / 2;
    if (count > maxFields) throw new Error(`a table of the plan has more than ${maxFields} fields`);
    const fields = object as Fields;
    const slots = this.#slots;
    for (let field = 0; field < count; field++) {
      const flags = layout[field * 2 + 1] as number;
      if ((flags & kind.kindMask) < kind.text) continue;
      const name = layout[field * 2] as string;
      slots[field] = this.#target(flags & kind.kindMask, fields[name]);
      if ((flags & kind.required) !== 0 && slots[field] === 0)
        throw new Error(`a required field (${name}) of the plan is not set`);
    }
    const end = this.#offset();
    for (let field = 0; field < count; field++) {
      const flags = layout[field * 2 + 1] as number;
      const type = flags & kind.kindMask;
      if (type >= kind.text) this.#reference(field);
      else slots[field] = this.#scalar(type, fields[layout[field * 2] as string], (flags & kind.always) !== 0);
    }
    return this.#finishTable(count, end);
  }

  #reference(field: number): void {
    const target = this.#slots[field]!;
    if (target === 0) return;
    this.#refer(this.#take(intSize, intSize), target);
    this.#slots[field] = this.#offset();
  }

  /** Offset of a number or a boolean in its table; 0 when it is left out because it is zero. */
  #scalar(type: number, value: unknown, always: boolean): number {
    if (!always && !value) return 0;
    // Room first: the views are others when there was none.
    const size = 1 << type;
    const at = this.#take(size, size);
    if (type === kind.byte) this.#bytes[at] = Number(value);
    else if (type === kind.short) this.#shorts[at / size] = value as number;
    else if (type === kind.int) this.#ints[at / size] = value as number;
    else this.#longs[at / size] = value as bigint;
    return this.#offset();
  }

  /** The table's own first word, and a vtable for it. */
  #finishTable(count: number, end: number): number {
    this.#take(intSize, intSize);
    const table = this.#offset();
    const size = (count + vtableHead) * shortSize;
    let at = this.#take(size, shortSize) / shortSize;
    const shorts = this.#shorts;
    shorts[at++] = size;
    shorts[at++] = table - end;
    for (let field = 0; field < count; field++, at++) {
      const offset = this.#slots[field]!;
      if (offset !== 0) shorts[at] = table - offset;
    }
    this.#ints[(this.#bytes.length - table) / intSize] = this.#offset() - table;
    return table;
  }

  /** Everything written so far as one buffer, with `root` and the four letters of its identifier in front. */
  finish(root: number, identifier: string): Uint8Array {
    const at = this.#take(2 * intSize, longSize);
    this.#refer(at, root);
    for (let index = 0; index < identifier.length; index++) this.#bytes[at + intSize + index] = identifier.charCodeAt(index);
    return this.#bytes.subarray(at);
  }
}
