// JSON text to values: the engine's own JSON.parse does the work, our tokenizer only what that cannot say (where things
// are, what is wrong with a text, how deep it is nested, the digits of integers beyond 2^53).
import { PockerError } from '../errors.js';
import { withExactIntegers } from './exact.js';
import { JsonIndex, Lines, type Position } from './pointer.js';
import { depthLimit, JsonSyntaxError, tokenize } from './tokenizer.js';

/** A parsed text. Positions are worked out when they are first asked for. */
export class JsonDocument {
  /** What messages call it: a quoted path. */
  readonly name: string;
  readonly text: string;
  /** As JSON.parse gives it, but with bigints for integers beyond 2^53. */
  readonly value: unknown;
  #index: JsonIndex | undefined;
  /** Characters of the first line that are not of the file. */
  readonly #lead: number;
  #lines: Lines | undefined;

  constructor(name: string, text: string, value: unknown, lead = 0) {
    this.name = name;
    this.text = text;
    this.value = value;
    this.#lead = lead;
  }

  get #positions(): JsonIndex {
    return (this.#index ??= new JsonIndex(this.text, tokenize(this.text)));
  }

  /** Where the value at `pointer` begins; of one that is not there: the innermost value around it. */
  position(pointer: string): Position {
    const index = this.#positions;
    const position = (this.#lines ??= new Lines(this.text)).position(index.nodes.starts[index.findNearest(pointer)]!);
    return position.line > 1 ? position : { line: 1, column: Math.max(1, position.column - this.#lead) };
  }

  /** The source text of the value at `pointer`; undefined: there is none. */
  raw(pointer: string): string | undefined {
    const node = this.#positions.find(pointer);
    return node < 0 ? undefined : this.#positions.raw(node);
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

/** Throws what is wrong with the text; returns when our tokenizer finds nothing. */
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

/** Parses a JSON text; E_CONFIG_JSON with line and column when it is none. `name` is what messages call it. */
export function parseJson(name: string, text: string): JsonDocument {
  if (text.startsWith(bom)) {
    throw new PockerError('E_CONFIG_JSON', `${name}:1:1: begins with a byte order mark (U+FEFF), which JSON does not allow`, {
      hint: 'Save it as UTF-8 without a byte order mark.',
    });
  }
  if (text.trim() === '') throw new PockerError('E_CONFIG_JSON', `${name}: is empty`);
  if (mayBeDeep(text)) explain(name, text, undefined);
  try {
    return new JsonDocument(name, text, withExactIntegers(text, JSON.parse(text)));
  } catch (caught) {
    explain(name, text, caught);
    throw new PockerError('E_CONFIG_JSON', `${name}: ${String(caught)}`, { cause: caught });
  }
}

/** A text as a part of a larger one: pointers are of the whole, positions of the part. `before` is one line. */
export function parseWithin(name: string, text: string, before: string, after: string): JsonDocument {
  // By itself first: what stands around it must not make sense of half a text.
  parseJson(name, text);
  const whole = `${before}${text}\n${after}`;
  return new JsonDocument(name, whole, withExactIntegers(whole, JSON.parse(whole)), before.length);
}
