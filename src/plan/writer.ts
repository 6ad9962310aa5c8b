// A FlatBuffers builder for the generated pack() functions, made for an interpreter: no byte loops and no search for equal
// vtables, which in QuickJS take most of the time of the builder in the flatbuffers package. The format is the same.
import type { Builder } from 'flatbuffers';

const LITTLE_ENDIAN = true;
const intSize = 4;
const shortSize = 2;
/** Every vtable begins with its own size and its table's. */
const vtableHead = 2;
/** More than any table of schema/plan.fbs has. */
const maxFields = 64;

interface Packable {
  pack(builder: Builder): number;
}

/** The part of Builder that generated code calls. The buffer is filled from its end; offsets count from there, too. */
export class Writer {
  #bytes: Uint8Array;
  #view: DataView;
  #space: number;
  /** Offsets of the table's fields, 0 where one is not set, as far as `#fields`. No array with holes: QuickJS loses entries of it. */
  readonly #vtable = new Int32Array(maxFields);
  #fields = 0;
  #tableStart = 0;
  #vectorLength = 0;
  readonly #encoder = new TextEncoder();

  constructor(size: number) {
    this.#bytes = new Uint8Array(size);
    this.#view = new DataView(this.#bytes.buffer);
    this.#space = size;
  }

  /** As what pack() takes. */
  get builder(): Builder {
    return this as unknown as Builder;
  }

  offset(): number {
    return this.#bytes.length - this.#space;
  }

  #grow(needed: number): void {
    const old = this.#bytes;
    const bytes = new Uint8Array(old.length * 2 + needed);
    bytes.set(old, bytes.length - old.length);
    this.#space += bytes.length - old.length;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }

  /** Room for `size` bytes, aligned so that they are after `additional` more. */
  #reserve(size: number, additional: number): void {
    // New buffers are zero, so that padding is only skipped.
    const padding = -(this.#bytes.length - this.#space + additional) & (size - 1);
    if (this.#space < padding + size + additional) this.#grow(padding + size + additional);
    this.#space -= padding;
  }

  addInt8(value: number): void {
    if (this.#space < 1) this.#grow(1);
    this.#bytes[--this.#space] = value;
  }

  addInt16(value: number): void {
    this.#reserve(2, 0);
    this.#view.setInt16((this.#space -= 2), value, LITTLE_ENDIAN);
  }

  addInt32(value: number): void {
    this.#reserve(4, 0);
    this.#view.setInt32((this.#space -= 4), value, LITTLE_ENDIAN);
  }

  addInt64(value: bigint): void {
    this.#reserve(8, 0);
    this.#view.setBigInt64((this.#space -= 8), value, LITTLE_ENDIAN);
  }

  addOffset(offset: number): void {
    this.#reserve(intSize, 0);
    this.#view.setInt32((this.#space -= intSize), this.offset() - offset, LITTLE_ENDIAN);
  }

  #setField(field: number): void {
    if (field >= maxFields) throw new Error(`a table of the plan has more than ${maxFields} fields`);
    this.#vtable[field] = this.offset();
    if (field >= this.#fields) this.#fields = field + 1;
  }

  addFieldInt8(field: number, value: number, unset: number): void {
    if (value === unset) return;
    this.addInt8(value);
    this.#setField(field);
  }

  addFieldInt16(field: number, value: number, unset: number): void {
    if (value === unset) return;
    this.addInt16(value);
    this.#setField(field);
  }

  addFieldInt32(field: number, value: number, unset: number): void {
    if (value === unset) return;
    this.addInt32(value);
    this.#setField(field);
  }

  addFieldInt64(field: number, value: bigint, unset: bigint): void {
    if (value === unset) return;
    this.addInt64(value);
    this.#setField(field);
  }

  addFieldOffset(field: number, offset: number, unset: number): void {
    if (offset === unset) return;
    this.addOffset(offset);
    this.#setField(field);
  }

  startObject(): void {
    this.#vtable.fill(0, 0, this.#fields);
    this.#fields = 0;
    this.#tableStart = this.offset();
  }

  /** Every table gets a vtable of its own. */
  endObject(): number {
    this.addInt32(0);
    const table = this.offset();
    const fields = this.#vtable;
    const size = (this.#fields + vtableHead) * shortSize;
    if (this.#space < size) this.#grow(size);
    const start = (this.#space -= size);
    const view = this.#view;
    view.setInt16(start, size, LITTLE_ENDIAN);
    view.setInt16(start + shortSize, table - this.#tableStart, LITTLE_ENDIAN);
    for (let field = 0; field < this.#fields; field++) {
      const at = fields[field]!;
      // A field that was skipped is zero in the new buffer, too.
      if (at !== 0) view.setInt16(start + (field + vtableHead) * shortSize, table - at, LITTLE_ENDIAN);
    }
    view.setInt32(this.#bytes.length - table, this.offset() - table, LITTLE_ENDIAN);
    return table;
  }

  requiredField(table: number, field: number): void {
    const start = this.#bytes.length - table;
    const vtable = start - this.#view.getInt32(start, LITTLE_ENDIAN);
    const there = field < this.#view.getInt16(vtable, LITTLE_ENDIAN) && this.#view.getInt16(vtable + field, LITTLE_ENDIAN) !== 0;
    if (!there) throw new Error(`a required field (${field}) of the plan is not set`);
  }

  startVector(elementSize: number, length: number, alignment: number): void {
    this.#vectorLength = length;
    this.#reserve(intSize, elementSize * length);
    this.#reserve(alignment, elementSize * length);
  }

  endVector(): number {
    this.#view.setInt32((this.#space -= intSize), this.#vectorLength, LITTLE_ENDIAN);
    return this.offset();
  }

  /** A vector of bytes, copied at once. */
  createBytes(content: Uint8Array): number {
    this.startVector(1, content.length, 1);
    this.#space -= content.length;
    this.#bytes.set(content, this.#space);
    return this.endVector();
  }

  createString(text: string | Uint8Array | null): number {
    if (text === null) return 0;
    // Strings end with a zero that their length does not count.
    this.addInt8(0);
    return this.createBytes(typeof text === 'string' ? this.#encoder.encode(text) : text);
  }

  createObjectOffset(object: string | Packable | null): number {
    if (object === null) return 0;
    return typeof object === 'string' ? this.createString(object) : object.pack(this.builder);
  }

  createObjectOffsetList(list: readonly (string | Packable)[]): number[] {
    return list.map((object) => this.createObjectOffset(object));
  }

  /** Everything written so far as one buffer with `root` and the four letters of its identifier in front. */
  finish(root: number, identifier: string): Uint8Array {
    // Vectors of 64-bit integers are the largest things to align.
    this.#reserve(8, 2 * intSize);
    for (let index = identifier.length - 1; index >= 0; index--) this.addInt8(identifier.charCodeAt(index));
    this.addOffset(root);
    return this.#bytes.subarray(this.#space);
  }
}
