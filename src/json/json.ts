// JSON text to values. The engine's own JSON.parse does the work; our tokenizer adds only what it cannot tell (where things
// are, what is wrong with a text, how deeply it is nested, the digits of integers beyond 2^53).
import { PockerError } from '../errors.js';
import { holderOf, JsonIndex, Lines, pointerKeys, type Position } from './pointer.js';
import { depthLimit, JsonSyntaxError, tokenize } from './tokenizer.js';
import { writeJson } from './write.js';

/** What is judged: a parsed text, or an object from a program or from flags. Pointers are relative to a whole config. */
export interface Source {
  /** Its name in messages: a quoted path. */
  readonly name: string;
  readonly value: unknown;
  /** Where `value` is in a config: "" for all of it, "/process" for the process alone. */
  readonly base: string;
  /** Whether a string in it may contain a NUL character. */
  readonly mayHoldNul: boolean;
  /** Where the value at `pointer` begins; if that does not exist, the innermost value around it. null: there is no text. */
  position(pointer: string): Position | null;
  /** The value at `pointer` as JSON text; undefined if there is none. */
  raw(pointer: string): string | undefined;
}

/** A parsed text. Positions are computed when they are first asked for. */
export class JsonDocument implements Source {
  readonly name: string;
  readonly text: string;
  /** As from JSON.parse, but with bigints for integers beyond 2^53. */
  readonly value: unknown;
  readonly base: string;
  #index: JsonIndex | undefined;
  #lines: Lines | undefined;

  constructor(name: string, text: string, value: unknown, base = '') {
    this.name = name;
    this.text = text;
    this.value = value;
    this.base = base;
  }

  /** JSON can express a NUL in no other way, and looking at every string takes longer than all rules together. */
  get mayHoldNul(): boolean {
    return this.text.includes('\\u0000');
  }

  get #positions(): JsonIndex {
    return (this.#index ??= new JsonIndex(this.text, tokenize(this.text)));
  }

  position(pointer: string): Position {
    const index = this.#positions;
    const node = index.findNearest(pointer.slice(this.base.length));
    return (this.#lines ??= new Lines(this.text)).position(index.nodes.starts[node]!);
  }

  raw(pointer: string): string | undefined {
    const node = this.#positions.find(pointer.slice(this.base.length));
    return node < 0 ? undefined : this.#positions.raw(node);
  }
}

/** An object that nobody wrote as text. */
export class GivenValue implements Source {
  readonly mayHoldNul = true;

  constructor(
    readonly name: string,
    readonly value: unknown,
    readonly base: string,
  ) {}

  position(): null {
    return null;
  }

  raw(pointer: string): string | undefined {
    let value: unknown = this.value;
    for (const key of pointerKeys(pointer.slice(this.base.length))) value = (value as Record<string, unknown> | undefined)?.[key];
    return value === undefined ? undefined : writeJson(value);
  }
}

/** Integers beyond 2^53, which JSON.parse rounds, become bigints with all their digits. They have at least this many in a row. */
const wideLength = 16;
const manyDigits = /[0-9]{16}/;

/** In a run of that many digits, one is at a multiple of their number, so it is enough to look there. */
function mayBeWide(text: string): boolean {
  for (let at = wideLength - 1; at < text.length; at += wideLength) {
    const code = text.charCodeAt(at);
    if (code >= 0x30 && code <= 0x39 && manyDigits.test(text.slice(at - wideLength + 1, at + wideLength))) return true;
  }
  return false;
}

/** More digits than any integer type has: making a bigint of a million digits would be wasted work. */
const wide = /^-?[0-9]{16,40}$/;

/** Corrects the value that JSON.parse made from the text. Changes it in place. */
function withExactIntegers(text: string, value: unknown): unknown {
  if (!mayBeWide(text)) return value;
  const root = { value };
  const index = new JsonIndex(text, tokenize(text));
  const { starts, ends } = index.nodes;
  for (let node = 0; node < starts.length; node++) {
    const length = ends[node]! - starts[node]!;
    if (length < wideLength || length > 41) continue;
    const raw = index.raw(node);
    if (!wide.test(raw) || Number.isSafeInteger(Number(raw))) continue;
    const pointer = index.pointer(node);
    // If properties have the same name, the last one counts.
    if (index.find(pointer) !== node) continue;
    const [holder, key] = holderOf(root, `/value${pointer}`);
    holder[key] = BigInt(raw);
  }
  return root.value;
}

const bom = '\uFEFF';

/** Nesting needs opening brackets: a text with few of them needs no closer look. */
function mayBeDeep(text: string): boolean {
  let count = 0;
  for (const bracket of '[{') {
    for (let at = text.indexOf(bracket); at >= 0; at = text.indexOf(bracket, at + 1)) if (++count > depthLimit) return true;
  }
  return false;
}

/** Throws what is wrong with the text; returns if our tokenizer finds nothing. */
function explain(name: string, text: string, cause: unknown): void {
  try {
    tokenize(text);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    const { line, column } = new Lines(text).position(error.offset);
    const violations = [{ pointer: '', message: error.message, line, column }];
    throw new PockerError('E_CONFIG_JSON', `${name}:${line}:${column}: ${error.message}`, { cause: cause ?? error, violations });
  }
}

/** Parses a JSON text; E_CONFIG_JSON with line and column if it is not JSON. `name` and `base` are as in Source. */
export function parseJson(name: string, text: string, base = ''): JsonDocument {
  if (text.startsWith(bom)) {
    throw new PockerError('E_CONFIG_JSON', `${name}:1:1: begins with a byte order mark (U+FEFF), which JSON does not allow`, {
      hint: 'Save it as UTF-8 without a byte order mark',
    });
  }
  if (text.trim() === '') throw new PockerError('E_CONFIG_JSON', `${name}: is empty`);
  if (mayBeDeep(text)) explain(name, text, undefined);
  try {
    return new JsonDocument(name, text, withExactIntegers(text, JSON.parse(text)), base);
  } catch (caught) {
    explain(name, text, caught);
    throw new PockerError('E_CONFIG_JSON', `${name}: ${String(caught)}`, { cause: caught });
  }
}
