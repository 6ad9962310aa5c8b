// GVariant's text format (docs.gtk.org/glib/gvariant-text-format.html), restricted to D-Bus types: the values of annotations
// org.systemd.property.*. Types are inferred as in GLib: a number is an int32 unless it says otherwise.
import { readGVariant, splitType, type GVariantNode } from './gvariant-reader.js';

/** A D-Bus value: its signature, and its words as in busctl(1) (an array begins with its length). */
export interface DBusValue {
  readonly signature: string;
  readonly words: readonly string[];
}

const integerBits: Readonly<Record<string, readonly [signed: boolean, bits: number]>> = {
  y: [false, 8],
  n: [true, 16],
  q: [false, 16],
  i: [true, 32],
  u: [false, 32],
  x: [true, 64],
  t: [false, 64],
};

/** The type that the text itself requires; null if its neighbours may decide. */
function demanded(node: GVariantNode): string | null {
  switch (node.kind) {
    case 'typed':
      return node.type;
    case 'boolean':
      return 'b';
    case 'bytes':
      return 'ay';
    case 'variant':
      return 'v';
    case 'array':
      return node.items.some((item) => demanded(item) !== null) ? `a${commonType(node.items)}` : null;
    default:
      return null;
  }
}

function commonType(items: readonly GVariantNode[]): string {
  for (const item of items) {
    const type = demanded(item);
    if (type !== null) return type;
  }
  const [first] = items;
  if (first === undefined) throw new Error('an empty array needs its type, e.g. "@as []"');
  // If one of them has a fraction, all are of that type.
  if (items.some((item) => item.kind === 'number' && typeOf(item) === 'd')) return 'd';
  return typeOf(first);
}

function typeOf(node: GVariantNode): string {
  switch (node.kind) {
    case 'number':
      return /^[-+]?(0x[\da-f]+|\d+)$/i.test(node.text) ? 'i' : 'd';
    case 'string':
      return 's';
    case 'array':
      return `a${commonType(node.items)}`;
    case 'tuple':
      return `(${node.items.map(typeOf).join('')})`;
    case 'dictionary':
      return `a{${commonType(node.entries.map(([key]) => key))}${commonType(node.entries.map(([, value]) => value))}}`;
    default:
      return demanded(node)!;
  }
}

function mismatch(node: GVariantNode, type: string): never {
  throw new Error(`a ${node.kind} is not a value of type "${type}"`);
}

function splitTypes(types: string): string[] {
  const found: string[] = [];
  for (let rest = types; rest !== '';) {
    const [first, after] = splitType(rest);
    found.push(first);
    rest = after;
  }
  return found;
}

/** GLib reads a leading 0 as octal, as C does. */
function parseInteger(text: string): bigint {
  const negative = text.startsWith('-');
  const digits = text.replace(/^[-+]/, '');
  const value = BigInt(/^0\d+$/.test(digits) ? `0o${digits.slice(1)}` : digits);
  return negative ? -value : value;
}

function writeNumber(text: string, type: string): string[] {
  if (type === 'd') {
    const value = Number(text);
    if (!Number.isFinite(value)) throw new Error(`${text} is not a number`);
    return [String(value)];
  }
  const [signed, bits] = integerBits[type]!;
  const value = parseInteger(text);
  const size = 1n << BigInt(bits);
  const least = signed ? -size / 2n : 0n;
  if (value < least || value >= least + size) throw new Error(`${text} does not fit into type "${type}"`);
  return [String(value)];
}

function writeArray(node: GVariantNode, type: string): string[] {
  const element = type.slice(1);
  if (node.kind === 'bytes' && element === 'y') return [String(node.bytes.length), ...node.bytes.map(String)];
  if (node.kind === 'array') return [String(node.items.length), ...node.items.flatMap((item) => write(item, element))];
  if (node.kind !== 'dictionary' || !element.startsWith('{')) return mismatch(node, type);
  const [keyType = '', valueType = ''] = splitTypes(element.slice(1, -1));
  return [
    String(node.entries.length),
    ...node.entries.flatMap(([key, value]) => [...write(key, keyType), ...write(value, valueType)]),
  ];
}

function write(node: GVariantNode, type: string): string[] {
  if (node.kind === 'typed') return node.type === type ? write(node.item, type) : mismatch(node, type);
  if (type.startsWith('a')) return writeArray(node, type);
  if (type === 'v' && node.kind === 'variant') return [typeOf(node.item), ...write(node.item, typeOf(node.item))];
  if (type.startsWith('(') && node.kind === 'tuple') {
    const types = splitTypes(type.slice(1, -1));
    if (types.length === node.items.length) return node.items.flatMap((item, index) => write(item, types[index]!));
  }
  if (node.kind === 'boolean' && type === 'b') return [String(node.value)];
  if (node.kind === 'string' && /^[sog]$/.test(type)) return [node.text];
  if (node.kind === 'number' && (type === 'd' || type in integerBits)) return writeNumber(node.text, type);
  return mismatch(node, type);
}

/** The value of a text. Throws an Error that says what is wrong with it. */
export function parseGVariant(text: string): DBusValue {
  const node = readGVariant(text);
  const signature = typeOf(node);
  return { signature, words: write(node, signature) };
}
