// Parses Go's text/template, as far as people use it with --format: text and {{actions}} become a tree.
import { usageError } from '../../errors.js';

export type Operand =
  | { readonly kind: 'value'; readonly value: unknown }
  /** ".A.B", "$x.A", "(pipe).A": the starting value, and the names after it. */
  | { readonly kind: 'dot' }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'function'; readonly name: string }
  | { readonly kind: 'pipe'; readonly pipe: Pipe }
  | { readonly kind: 'field'; readonly of: Operand; readonly name: string };

/** A function or value, and its arguments. */
export type Command = readonly Operand[];

export interface Pipe {
  readonly commands: readonly Command[];
  /** "$x :=" and "$i, $x :=", without the dollar. */
  readonly variables: readonly string[];
  readonly assigns: boolean;
}

export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'print'; readonly pipe: Pipe }
  | {
      readonly kind: 'if' | 'range' | 'with';
      readonly pipe: Pipe;
      readonly body: readonly Node[];
      readonly otherwise: readonly Node[];
    }
  | { readonly kind: 'break' | 'continue' };

const failure = (message: string): Error => usageError(`template parsing error: template: :1: ${message}`);

/** Splits the text into what is outside and what is inside {{ }}. */
function pieces(source: string): { readonly action: boolean; readonly text: string }[] {
  const found: { action: boolean; text: string }[] = [];
  let at = 0;
  let trim = false;
  while (at < source.length) {
    const open = source.indexOf('{{', at);
    const end = open < 0 ? source.length : open;
    let text = source.slice(at, end);
    if (trim) text = text.trimStart();
    trim = false;
    const trimsLeft = open >= 0 && /^\{\{-\s/.test(source.slice(open, open + 4));
    found.push({ action: false, text: trimsLeft ? text.trimEnd() : text });
    if (open < 0) break;
    const close = closing(source, open + 2);
    let inside = source.slice(open + (trimsLeft ? 3 : 2), close);
    if (/\s-$/.test(inside)) {
      trim = true;
      inside = inside.slice(0, -1);
    }
    if (!inside.trim().startsWith('/*')) found.push({ action: true, text: inside.trim() });
    at = close + 2;
  }
  return found;
}

/** The end of the action that starts at `from`: the next "}}" outside strings. */
function closing(source: string, from: number): number {
  const pattern = /"(?:\\.|[^"\\])*"|`[^`]*`|\/\*[^]*?\*\/|\}\}/g;
  pattern.lastIndex = from;
  for (let match = pattern.exec(source); match !== null; match = pattern.exec(source)) if (match[0] === '}}') return match.index;
  throw failure('unclosed action');
}

const tokenPattern = /\s+|"(?:\\.|[^"\\])*"|`[^`]*`|'(?:\\.|[^'\\])'|:=|[|(),=]|-?\d[\w.]*|\$\w*|\.?[A-Za-z_]\w*|\./y;

interface Token {
  readonly text: string;
  /** Spaces matter here: ".A .B" is two operands, ".A.B" is one. */
  readonly spaced: boolean;
}

function tokens(text: string): Token[] {
  const found: Token[] = [];
  tokenPattern.lastIndex = 0;
  let spaced = true;
  while (tokenPattern.lastIndex < text.length) {
    const at = tokenPattern.lastIndex;
    const match = tokenPattern.exec(text);
    if (match === null) throw failure(`unexpected ${JSON.stringify(text[at])} in operand`);
    if (match[0].trim() !== '') found.push({ text: match[0], spaced });
    spaced = match[0].trim() === '';
  }
  return found;
}

/** A Go string or character literal as text. */
function unquote(token: string): string {
  if (token.startsWith('`')) return token.slice(1, -1);
  const inner = token.startsWith("'") ? `"${token.slice(1, -1).replaceAll('"', '\\"')}"` : token;
  const known = inner
    .replace(/\\x([0-9a-fA-F]{2})/g, '\\u00$1')
    .replace(/\\a/g, '\\u0007')
    .replace(/\\v/g, '\\u000b');
  try {
    return JSON.parse(known.replaceAll('\t', '\\t').replaceAll('\n', '\\n')) as string;
  } catch {
    throw failure(`invalid string ${token}`);
  }
}

const constants: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['nil', null],
]);

/** Reads the words of one action. */
class Action {
  #at = 0;
  readonly #tokens: readonly Token[];

  constructor(readonly text: string) {
    this.#tokens = tokens(text);
  }

  peek(ahead = 0): string | undefined {
    return this.#tokens[this.#at + ahead]?.text;
  }

  next(): string | undefined {
    return this.#tokens[this.#at++]?.text;
  }

  /** The rest, which must be one pipeline. */
  pipe(): Pipe {
    const pipe = this.#pipeline();
    if (this.peek() !== undefined) throw failure(`unexpected ${JSON.stringify(this.peek())} in command`);
    return pipe;
  }

  #pipeline(): Pipe {
    const { variables, assigns } = this.#declaration();
    const commands: Command[] = [];
    for (;;) {
      commands.push(this.#command());
      if (this.peek() !== '|') return { commands, variables, assigns };
      this.next();
    }
  }

  #declaration(): { readonly variables: string[]; readonly assigns: boolean } {
    const named = this.peek()?.startsWith('$') === true;
    const count = !named ? 0 : this.peek(1) === ',' ? 2 : 1;
    const sign = count === 0 ? undefined : this.peek(count === 2 ? 3 : 1);
    if (sign !== ':=' && sign !== '=') return { variables: [], assigns: false };
    const variables = [this.next()!.slice(1)];
    if (count === 2) {
      this.next();
      variables.push(this.next()!.slice(1));
    }
    this.next();
    return { variables, assigns: sign === '=' };
  }

  #command(): Command {
    const operands: Operand[] = [];
    for (let token = this.peek(); token !== undefined && token !== '|' && token !== ')'; token = this.peek())
      operands.push(this.#operand());
    if (operands.length === 0) throw failure(`missing value for command`);
    return operands;
  }

  #operand(): Operand {
    let operand = this.#first(this.next()!);
    for (;;) {
      const token = this.#tokens[this.#at];
      if (token === undefined || token.spaced || !/^\.\w/.test(token.text)) return operand;
      this.next();
      operand = { kind: 'field', of: operand, name: token.text.slice(1) };
    }
  }

  #first(token: string): Operand {
    if (/^["`']/.test(token)) return { kind: 'value', value: unquote(token) };
    if (/^-?\d/.test(token)) {
      const value = Number(token.replaceAll('_', ''));
      if (Number.isNaN(value)) throw failure(`bad number syntax: ${JSON.stringify(token)}`);
      return { kind: 'value', value };
    }
    if (token === '(') {
      const pipe = this.#pipeline();
      if (this.next() !== ')') throw failure('unclosed left paren');
      return { kind: 'pipe', pipe };
    }
    if (token === '.') return { kind: 'dot' };
    if (token.startsWith('.')) return { kind: 'field', of: { kind: 'dot' }, name: token.slice(1) };
    if (token.startsWith('$')) return { kind: 'variable', name: token.slice(1) };
    if (constants.has(token)) return { kind: 'value', value: constants.get(token) };
    if (/^[A-Za-z_]/.test(token)) return { kind: 'function', name: token };
    throw failure(`unexpected ${JSON.stringify(token)} in operand`);
  }
}

class Parser {
  #at = 0;
  readonly #pieces: ReturnType<typeof pieces>;

  constructor(source: string) {
    this.#pieces = pieces(source);
  }

  /** Nodes up to an action that the caller handles, or the end (null). */
  nodes(): { readonly nodes: Node[]; readonly end: Action | null } {
    const nodes: Node[] = [];
    for (;;) {
      const piece = this.#pieces[this.#at++];
      if (piece === undefined) return { nodes, end: null };
      if (!piece.action) {
        if (piece.text !== '') nodes.push({ kind: 'text', text: piece.text });
        continue;
      }
      const action = new Action(piece.text);
      const word = action.peek();
      if (word === 'end' || word === 'else') return { nodes, end: action };
      nodes.push(this.#action(action));
    }
  }

  #action(action: Action): Node {
    const word = action.peek();
    if (word === 'break' || word === 'continue') return { kind: word };
    if (word !== 'if' && word !== 'range' && word !== 'with') return { kind: 'print', pipe: action.pipe() };
    action.next();
    return this.#block(word, action);
  }

  /** After "if", "range" or "with". */
  #block(kind: 'if' | 'range' | 'with', action: Action): Node {
    const pipe = action.pipe();
    const { nodes: body, end } = this.nodes();
    if (end === null) throw failure('unexpected EOF');
    if (end.next() === 'end') return { kind, pipe, body, otherwise: [] };
    const again = end.peek();
    if (again === 'if' || again === 'with') {
      end.next();
      return { kind, pipe, body, otherwise: [this.#block(again, end)] };
    }
    const rest = this.nodes();
    if (rest.end?.peek() !== 'end') throw failure(rest.end === null ? 'unexpected EOF' : 'unexpected {{else}}');
    return { kind, pipe, body, otherwise: rest.nodes };
  }
}

export function parseTemplate(source: string): readonly Node[] {
  const { nodes, end } = new Parser(source).nodes();
  if (end !== null) throw failure(`unexpected {{${end.text}}}`);
  return nodes;
}
