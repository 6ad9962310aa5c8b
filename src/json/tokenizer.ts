// Reads JSON (RFC 8259) as positions instead of values, for error messages. It is iterative, so that no nesting exhausts a stack,
// and made of a few sticky regular expressions, which an interpreter runs fast.

/** Maximum nesting. Real configs have about ten levels; V8 has no limit of its own, and QuickJS's depends on the stack. */
export const depthLimit = 1000;

/** Thrown by `tokenize`. */
export class JsonSyntaxError extends Error {
  /** Index into the text (UTF-16 units). */
  readonly offset: number;

  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

/** All values of a text in document order; index 0 is the outermost one. Parallel arrays, since there may be a million values. */
export interface JsonNodes {
  readonly starts: number[];
  /** First index after the value. */
  readonly ends: number[];
  /** Index of the array or object that contains it, -1 for the outermost value. */
  readonly parents: number[];
  /** In an object: position of the opening quote of its key. In an array: its index there. */
  readonly keys: number[];
}

const space = /[ \t\n\r]*/y;
const stringRun = /[^"\\\x00-\x1f]*/y;
const escape = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const number = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const word = /true|false|null/y;

const [quote, comma, minus, zero, colon] = [0x22, 0x2c, 0x2d, 0x30, 0x3a];
const [openBracket, closeBracket, openBrace, closeBrace] = [0x5b, 0x5d, 0x7b, 0x7d];

class Tokenizer {
  readonly nodes: JsonNodes = { starts: [], ends: [], parents: [], keys: [] };
  readonly #text: string;
  #at = 0;
  /** The container that we are in. */
  #open = -1;
  #depth = 0;
  /** The key of the next value, as in `JsonNodes.keys`. */
  #key = 0;

  constructor(text: string) {
    this.#text = text;
  }

  run(): JsonNodes {
    do this.#value();
    while (this.#another());
    return this.nodes;
  }

  /** The code of the next token's first character, NaN at the end. */
  #peek(): number {
    const code = this.#text.charCodeAt(this.#at);
    if (code > 0x20 || Number.isNaN(code)) return code;
    this.#skip(space);
    return this.#text.charCodeAt(this.#at);
  }

  #skip(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    if (!pattern.test(this.#text)) return false;
    this.#at = pattern.lastIndex;
    return true;
  }

  #fail(expected: string, at = this.#at): never {
    throw new JsonSyntaxError(at, `expected ${expected}, found ${describe(this.#text, at)}`);
  }

  /** Reads a scalar, or opens containers until there is a value in them. */
  #value(): void {
    for (;;) {
      const code = this.#peek();
      const node = this.nodes.starts.push(this.#at) - 1;
      this.nodes.ends.push(0);
      this.nodes.parents.push(this.#open);
      this.nodes.keys.push(this.#key);
      if (code !== openBrace && code !== openBracket) {
        this.#scalar(code);
        this.nodes.ends[node] = this.#at;
        return;
      }
      this.#enter(node);
      if (this.#peek() === code + 2) {
        this.#leave();
        return;
      }
      if (code === openBrace) this.#readKey('a property name in double quotes or "}"');
      else this.#key = 0;
    }
  }

  #enter(node: number): void {
    this.#at++;
    this.#open = node;
    if (++this.#depth > depthLimit) throw new JsonSyntaxError(this.#at - 1, `nested too deeply (limit ${depthLimit})`);
  }

  #leave(): void {
    this.#at++;
    this.nodes.ends[this.#open] = this.#at;
    this.#key = this.nodes.keys[this.#open]!;
    this.#open = this.nodes.parents[this.#open]!;
    this.#depth--;
  }

  /** Called after a value: closes what ends here. Returns whether another value follows. */
  #another(): boolean {
    while (this.#open >= 0) {
      const inObject = this.#text.charCodeAt(this.nodes.starts[this.#open]!) === openBrace;
      const code = this.#peek();
      if (code === comma) {
        this.#at++;
        if (inObject) this.#readKey('a property name in double quotes');
        else this.#key++;
        return true;
      }
      if (code !== (inObject ? closeBrace : closeBracket)) this.#fail(inObject ? '"," or "}"' : '"," or "]"');
      this.#leave();
    }
    if (!Number.isNaN(this.#peek())) this.#fail('the end of the text');
    return false;
  }

  #readKey(expected: string): void {
    if (this.#peek() !== quote) this.#fail(expected);
    this.#key = this.#at;
    this.#string();
    if (this.#peek() !== colon) this.#fail('":" after the property name');
    this.#at++;
  }

  #scalar(code: number): void {
    if (code === quote) this.#string();
    else if (code === minus || (code >= zero && code <= zero + 9)) {
      if (!this.#skip(number)) this.#fail('a digit', this.#at + 1);
    } else if (!this.#skip(word)) this.#fail('a value');
  }

  #string(): void {
    this.#at++;
    for (;;) {
      this.#skip(stringRun);
      const code = this.#text.charCodeAt(this.#at);
      if (code === quote) break;
      if (code !== 0x5c)
        this.#fail(Number.isNaN(code) ? 'a closing double quote' : 'a closing double quote or an escape like "\\n"');
      if (!this.#skip(escape)) this.#fail('an escape sequence: one of \\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX');
    }
    this.#at++;
  }
}

/** "the end of the text", "'x'", "the control character U+000A". */
function describe(text: string, at: number): string {
  const point = text.codePointAt(at);
  if (point === undefined) return 'the end of the text';
  if (point < 0x20 || (point > 0x7e && point < 0xa1) || point === 0xfeff) {
    return `the character U+${point.toString(16).toUpperCase().padStart(4, '0')}`;
  }
  const found = /^[A-Za-z_]{2,20}/.exec(text.slice(at, at + 20))?.[0] ?? String.fromCodePoint(point);
  return `'${found}'`;
}

/** Positions of all values. Throws JsonSyntaxError at the first place that is not JSON or is nested too deeply. */
export function tokenize(text: string): JsonNodes {
  return new Tokenizer(text).run();
}
