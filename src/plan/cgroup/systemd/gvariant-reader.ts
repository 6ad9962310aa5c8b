// Parses GVariant's text format into nodes; gvariant.ts adds types.

export type GVariantNode =
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'bytes'; readonly bytes: readonly number[] }
  | { readonly kind: 'array'; readonly items: readonly GVariantNode[] }
  | { readonly kind: 'tuple'; readonly items: readonly GVariantNode[] }
  | { readonly kind: 'dictionary'; readonly entries: readonly (readonly [GVariantNode, GVariantNode])[] }
  | { readonly kind: 'variant'; readonly item: GVariantNode }
  | { readonly kind: 'typed'; readonly type: string; readonly item: GVariantNode };

/** Words before a value that state its type. */
const typeKeywords: Readonly<Record<string, string>> = {
  boolean: 'b',
  byte: 'y',
  int16: 'n',
  uint16: 'q',
  int32: 'i',
  uint32: 'u',
  int64: 'x',
  uint64: 't',
  double: 'd',
  string: 's',
  objectpath: 'o',
  signature: 'g',
};

const escapes: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

const deepest = 32;

/** The first complete type of a signature, and the rest. */
export function splitType(signature: string): [first: string, rest: string] {
  if (signature === '') throw new Error('a type is missing');
  if (signature.startsWith('a')) {
    const [element, rest] = splitType(signature.slice(1));
    return [`a${element}`, rest];
  }
  const ends: Readonly<Record<string, string>> = { '(': ')', '{': '}' };
  const end = ends[signature[0]!];
  if (end === undefined) {
    if (!/^[bynqiuxtdsogv]/.test(signature)) throw new Error(`D-Bus has no type "${signature}"`);
    return [signature[0]!, signature.slice(1)];
  }
  let rest = signature.slice(1);
  while (!rest.startsWith(end)) [, rest] = splitType(rest);
  return [signature.slice(0, signature.length - rest.length + 1), rest.slice(1)];
}

class Reader {
  #at = 0;
  #depth = 0;

  constructor(private readonly text: string) {}

  whole(): GVariantNode {
    const node = this.#value();
    if (this.#at < this.text.length) this.#wrong();
    return node;
  }

  #wrong(): never {
    const rest = this.text.slice(this.#at, this.#at + 20);
    throw new Error(rest === '' ? 'the text ends too early' : `unexpected ${JSON.stringify(rest)} at character ${this.#at + 1}`);
  }

  /** What the pattern matches here, with the following space. */
  #match(pattern: RegExp): string | undefined {
    const sticky = new RegExp(`(?:${pattern.source})`, 'y');
    sticky.lastIndex = this.#at;
    const found = sticky.exec(this.text)?.[0];
    if (found === undefined) return undefined;
    this.#at += found.length;
    while (this.#at < this.text.length && ' \t\n\r'.includes(this.text[this.#at]!)) this.#at += 1;
    return found;
  }

  #expect(character: string): void {
    if (this.text[this.#at] !== character) this.#wrong();
    this.#match(/[^]/);
  }

  #value(): GVariantNode {
    this.#match(/(?=[^])/);
    if (++this.#depth > deepest) throw new Error('it is nested too deeply');
    const node = this.#one();
    this.#depth -= 1;
    return node;
  }

  #one(): GVariantNode {
    const quote = this.text[this.#at];
    if (quote === "'" || quote === '"') return { kind: 'string', text: this.#string() };
    if (quote === 'b' && /["']/.test(this.text[this.#at + 1] ?? '')) return this.#bytes();
    if (quote === '[') return { kind: 'array', items: this.#list('[', ']', () => this.#value()) };
    if (quote === '(') return { kind: 'tuple', items: this.#list('(', ')', () => this.#value()) };
    if (quote === '{') return { kind: 'dictionary', entries: this.#list('{', '}', () => this.#entry()) };
    if (quote === '<') return this.#variant();
    if (quote === '@') return this.#annotated();
    const number = this.#match(/[-+]?(?:0x[\da-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)/);
    return number === undefined ? this.#word() : { kind: 'number', text: number };
  }

  #word(): GVariantNode {
    const word = this.#match(/[a-z]\w*/) ?? this.#wrong();
    if (word === 'true' || word === 'false') return { kind: 'boolean', value: word === 'true' };
    if (Object.hasOwn(typeKeywords, word)) return { kind: 'typed', type: typeKeywords[word]!, item: this.#value() };
    throw new Error(`unknown word ${JSON.stringify(word)}`);
  }

  #list<T>(open: string, close: string, read: () => T): T[] {
    this.#expect(open);
    const items: T[] = [];
    while (this.text[this.#at] !== close) {
      items.push(read());
      if (this.text[this.#at] !== close) this.#expect(',');
    }
    this.#expect(close);
    return items;
  }

  #entry(): readonly [GVariantNode, GVariantNode] {
    const key = this.#value();
    this.#expect(':');
    return [key, this.#value()];
  }

  #variant(): GVariantNode {
    this.#expect('<');
    const item = this.#value();
    this.#expect('>');
    return { kind: 'variant', item };
  }

  #annotated(): GVariantNode {
    const type = (this.#match(/@[a-z(){}]+/) ?? this.#wrong()).slice(1);
    const [first, rest] = splitType(type);
    if (rest !== '') throw new Error(`"${type}" is more than one type`);
    return { kind: 'typed', type: first, item: this.#value() };
  }

  #string(): string {
    const quoted = this.#match(/'(?:[^'\\]|\\[^])*'|"(?:[^"\\]|\\[^])*"/) ?? this.#wrong();
    const text = quoted
      .slice(1, -1)
      .replace(/\\(?:u([\da-fA-F]{4})|U([\da-fA-F]{8})|([^]))/g, (_, short?: string, long?: string, one = '') => {
        if (short === undefined && long === undefined) return escapes[one as string] ?? (one as string);
        return String.fromCodePoint(parseInt(short ?? long ?? '', 16));
      });
    if (text.includes('\0')) throw new Error('a string has a NUL character in it');
    return text;
  }

  /** b'…': Latin letters, escapes, and bytes as octal numbers. Ends with a zero byte. */
  #bytes(): GVariantNode {
    this.#at += 1;
    const quoted = this.#match(/'(?:[^'\\]|\\[^])*'|"(?:[^"\\]|\\[^])*"/) ?? this.#wrong();
    const text = quoted.slice(1, -1).replace(/\\(?:([0-7]{1,3})|([^]))/g, (_, octal?: string, one = '') => {
      return octal === undefined ? (escapes[one as string] ?? (one as string)) : String.fromCharCode(parseInt(octal, 8) & 255);
    });
    const bytes = Array.from(text, (character) => character.codePointAt(0)!);
    if (bytes.some((byte) => byte > 255)) throw new Error('a byte string has characters that are not bytes');
    return { kind: 'bytes', bytes: [...bytes, 0] };
  }
}

/** Throws an Error that says what is wrong. */
export function readGVariant(text: string): GVariantNode {
  return new Reader(text.trim()).whole();
}
