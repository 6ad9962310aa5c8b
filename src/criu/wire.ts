// Protocol buffers, as far as criu's messages need them: a table of fields defines a message, and its type is derived from it.

export type Kind = 'int' | 'bool' | 'string' | Table;

export interface Field {
  /** As in rpc.proto. */
  readonly number: number;
  readonly kind: Kind;
  readonly repeated?: true;
}

// An interface: a type alias must not refer to itself.
// eslint-disable-next-line @typescript-eslint/consistent-indexed-object-style
export interface Table {
  readonly [name: string]: Field;
}

type Value<K> = K extends 'int'
  ? number
  : K extends 'bool'
    ? boolean
    : K extends 'string'
      ? string
      : K extends Table
        ? Message<K>
        : never;

/** The object that a table describes. All fields are optional, for reading and for writing. */
export type Message<T extends Table> = {
  readonly [K in keyof T]?: T[K] extends { readonly repeated: true } ? readonly Value<T[K]['kind']>[] : Value<T[K]['kind']>;
};

const varintType = 0;
const bytesType = 2;
/** Sizes of the wire types that none of our fields has: 64 and 32 bits. */
const fixedSizes: Readonly<Record<number, number>> = { 1: 8, 5: 4 };

/** Seven bits per byte, lowest first; negative numbers as 64 bits. */
function putVarint(out: number[], value: number): void {
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 0x7fn; rest >>= 7n) out.push(Number(rest & 0x7fn) | 0x80);
  out.push(Number(rest));
}

function putBytes(out: number[], bytes: Iterable<number>): void {
  const content = [...bytes];
  putVarint(out, content.length);
  for (const byte of content) out.push(byte);
}

function putField(out: number[], { number, kind }: Field, value: unknown): void {
  putVarint(out, number * 8 + (kind === 'int' || kind === 'bool' ? varintType : bytesType));
  if (kind === 'int' || kind === 'bool') putVarint(out, Number(value));
  else if (kind === 'string') putBytes(out, new TextEncoder().encode(String(value)));
  else putBytes(out, encodeMessage(kind, value as Message<Table>));
}

/** Writes fields in the table's order; undefined ones are left out. */
export function encodeMessage<T extends Table>(table: T, message: Message<T>): Uint8Array {
  const out: number[] = [];
  for (const [name, field] of Object.entries(table)) {
    const value: unknown = message[name];
    if (value === undefined) continue;
    for (const one of field.repeated === true ? (value as readonly unknown[]) : [value]) putField(out, field, one);
  }
  return Uint8Array.from(out);
}

/** Reads what is there. A message that ends too early is an error. */
class Reader {
  #at = 0;
  constructor(private readonly bytes: Uint8Array) {}

  get done(): boolean {
    return this.#at >= this.bytes.length;
  }

  varint(): number {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.bytes[this.#at++];
      if (byte === undefined || shift > 63n) throw new RangeError('a protocol buffer ends within a number');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number(BigInt.asIntN(64, value));
    }
  }

  take(length: number): Uint8Array {
    if (length < 0 || this.#at + length > this.bytes.length) throw new RangeError('a protocol buffer ends within a field');
    const taken = this.bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return taken;
  }
}

function readValue(reader: Reader, kind: Kind): unknown {
  if (kind === 'int') return reader.varint();
  if (kind === 'bool') return reader.varint() !== 0;
  const content = reader.take(reader.varint());
  return kind === 'string' ? new TextDecoder().decode(content) : decodeMessage(kind, content);
}

function skip(reader: Reader, wire: number): void {
  if (wire === varintType) reader.varint();
  else reader.take(wire === bytesType ? reader.varint() : (fixedSizes[wire] ?? -1));
}

/** Skips the fields of newer programs, which the table does not have. */
export function decodeMessage<T extends Table>(table: T, bytes: Uint8Array): Message<T> {
  const reader = new Reader(bytes);
  const message: Record<string, unknown> = {};
  while (!reader.done) {
    const key = reader.varint();
    const found = Object.entries(table).find(([, field]) => field.number === Math.floor(key / 8));
    const wire = key % 8;
    if (found === undefined || wire !== (found[1].kind === 'int' || found[1].kind === 'bool' ? varintType : bytesType)) {
      skip(reader, wire);
      continue;
    }
    const [name, { kind, repeated }] = found;
    const value = readValue(reader, kind);
    message[name] = repeated === true ? [...((message[name] as unknown[] | undefined) ?? []), value] : value;
  }
  return message as Message<T>;
}
