// Writes FlatBuffers (https://flatbuffers.dev/internals/) from beginning to end, by the field types of generated/plan.ts. Made
// for an interpreter: no byte loops, no call per field, and no private methods, each call of which is checked. Fields
// that are not set keep their place, so that tables of one kind share a vtable.
import * as kind from './field-types.js';
import type { Field, TableLayout } from './field-types.js';

const intSize = 4;
const longSize = 8;
const shortSize = 2;
/** Every vtable begins with its own size and that of its table. */
const vtableHead = 2;
/** A UTF-16 unit takes at most three bytes in UTF-8. */
const letterSize = 3;

/** Writes the text in UTF-8 at that place, which must have room. Returns its length in bytes. */
type WriteText = (bytes: Uint8Array, at: number, text: string) => number;

const encoder = new TextEncoder();
const engine = globalThis as { writeText?: WriteText };
/** The standalone executable's, which makes no objects; elsewhere the language's. */
const writeText: WriteText = engine.writeText ?? ((bytes, at, text) => encoder.encodeInto(text, bytes.subarray(at)).written);

type Fields = Readonly<Record<string, unknown>>;

export class Writer {
  private bytes: Uint8Array;
  private shorts: Uint16Array;
  private ints: Int32Array;
  private longs: BigInt64Array;
  private end = 0;
  /** Positions of the vtables of tables with a layout, by which of their references are missing (one bit each). */
  private readonly vtables = new Map<TableLayout, number[]>();

  constructor(size: number) {
    this.bytes = new Uint8Array((size + longSize) & -longSize);
    this.shorts = new Uint16Array(this.bytes.buffer);
    this.ints = new Int32Array(this.bytes.buffer);
    this.longs = new BigInt64Array(this.bytes.buffer);
  }

  /** Writes the whole buffer: `root` and all that it refers to, after the four letters of the identifier. */
  write(root: object, layout: TableLayout, identifier: string): Uint8Array {
    const head = this.take(2 * intSize, intSize);
    for (let index = 0; index < identifier.length; index++) this.bytes[head + intSize + index] = identifier.charCodeAt(index);
    const table = this.table(root as Fields, layout);
    this.ints[head / intSize] = table - head;
    return this.bytes.subarray(0, this.take(0, longSize));
  }

  /** Makes room for `size` zero bytes, beginning at a multiple of `aligned`. Returns where it is. */
  private take(size: number, aligned: number): number {
    const at = (this.end + aligned - 1) & -aligned;
    this.end = at + size;
    if (this.end > this.bytes.length) this.grow();
    return at;
  }

  /** Whoever takes room must read the arrays again afterwards. */
  private grow(): void {
    const larger = new Writer(this.end * 2);
    larger.bytes.set(this.bytes);
    ({ bytes: this.bytes, shorts: this.shorts, ints: this.ints, longs: this.longs } = larger);
  }

  private table(fields: Fields, layout: TableLayout): number {
    const { values, references } = layout;
    const at = this.take(layout.size, longSize);
    // eslint-disable-next-line @typescript-eslint/prefer-for-of -- an iterator takes the interpreter longer than the loop's body
    for (let index = 0; index < values.length; index++) {
      const field = values[index]!;
      const value = fields[field.name];
      if (value) this.put(field.kind, at + field.offset, value);
    }
    let missing = 0;
    for (let index = 0; index < references.length; index++) {
      const field = references[index]!;
      const value = fields[field.name];
      if (value === null) missing |= checkedBit(field, index);
      else this.refer(at + field.offset, this.referred(field.kind, value, fields, layout.inner));
    }
    const vtable = this.vtable(layout, missing);
    this.ints[at / intSize] = at - vtable;
    return at;
  }

  private put(type: number, at: number, value: unknown): void {
    if (type === kind.byte) this.bytes[at] = Number(value);
    else if (type === kind.int) this.ints[at / intSize] = value as number;
    else if (type === kind.long) this.longs[at / longSize] = value as bigint;
    else this.shorts[at / shortSize] = value as number;
  }

  private vtable(layout: TableLayout, missing: number): number {
    let known = this.vtables.get(layout);
    if (known === undefined) this.vtables.set(layout, (known = []));
    return (known[missing] ??= this.newVtable(layout, missing));
  }

  private newVtable({ fields, references, size }: TableLayout, missing: number): number {
    const length = (fields.length + vtableHead) * shortSize;
    const at = this.take(length, shortSize);
    let slot = at / shortSize;
    this.shorts[slot++] = length;
    this.shorts[slot++] = size;
    for (const field of fields) {
      const bit = 1 << references.indexOf(field);
      this.shorts[slot++] = field.kind >= kind.text && (missing & bit) !== 0 ? 0 : field.offset;
    }
    return at;
  }

  private refer(from: number, to: number): void {
    this.ints[from / intSize] = to - from;
  }

  /** Writes the value of one of the `fields` at the end. Returns where it is. */
  private referred(type: number, value: unknown, fields: Fields, inner: readonly TableLayout[]): number {
    if (type === kind.text) return this.text(value as string);
    if (type === kind.union) return this.table(value as Fields, inner[fields['type'] as number]!);
    if (type === kind.tables) return this.tables(value as readonly Fields[], inner[0]!);
    return this.list(type, value);
  }

  private text(value: string): number {
    const at = this.take(intSize + value.length * letterSize + 1, intSize);
    const length = writeText(this.bytes, at + intSize, value);
    this.ints[at / intSize] = length;
    // Strings end with a zero byte that their length does not count.
    this.end = at + intSize + length + 1;
    return at;
  }

  private list(type: number, value: unknown): number {
    switch (type) {
      case kind.texts:
        return this.texts(value as readonly string[]);
      case kind.bytes: {
        const at = this.vector((value as Uint8Array).length, 1);
        this.bytes.set(value as Uint8Array, at + intSize);
        return at;
      }
      case kind.ints: {
        const at = this.vector((value as number[]).length, intSize);
        this.ints.set(value as number[], at / intSize + 1);
        return at;
      }
      default: {
        const at = this.vector((value as bigint[]).length, longSize);
        this.longs.set(value as bigint[], (at + intSize) / longSize);
        return at;
      }
    }
  }

  private texts(values: readonly string[]): number {
    const at = this.vector(values.length, intSize);
    for (let index = 0; index < values.length; index++) this.refer(at + intSize + index * intSize, this.text(values[index]!));
    return at;
  }

  private tables(values: readonly Fields[], layout: TableLayout): number {
    const at = this.vector(values.length, intSize);
    for (let index = 0; index < values.length; index++)
      this.refer(at + intSize + index * intSize, this.table(values[index]!, layout));
    return at;
  }

  /** A vector of elements of `width` bytes, beginning at a multiple of that. Returns where its length is, just before them. */
  private vector(length: number, width: number): number {
    if (width > intSize) this.end = ((this.end + intSize + longSize - 1) & -longSize) - intSize;
    const at = this.take(intSize + length * width, intSize);
    this.ints[at / intSize] = length;
    return at;
  }
}

/** The bit of a reference that is not set. */
function checkedBit({ name, required }: Field, index: number): number {
  if (required) throw new Error(`a required field (${name}) of the plan is not set`);
  return 1 << index;
}
