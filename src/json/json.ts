// JSON text to values. The engine's own JSON.parse does the work; our tokenizer only finds what that cannot tell (where things
// are, what is wrong with a text, how deeply it is nested, the digits of integers beyond 2^53).
import { PockerError } from '../errors.js';
import { withExactIntegers } from './exact.js';
import { JsonIndex, Lines, pointerKeys, type Position } from './pointer.js';
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
      hint: 'save it as UTF-8 without a byte order mark',
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
