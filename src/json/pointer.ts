// JSON pointers (RFC 6901) and positions in a text.
import type { JsonNodes } from './tokenizer.js';

/** A pointer's keys, unescaped: "/a~1b/0" has "a/b" and "0". */
export function pointerKeys(pointer: string): string[] {
  if (pointer === '') return [];
  return pointer
    .slice(1)
    .split('/')
    .map((key) => (key.includes('~') ? key.replaceAll('~1', '/').replaceAll('~0', '~') : key));
}

/** `pointer` extended by one key. */
export function joinPointer(pointer: string, key: string | number): string {
  return `${pointer}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** The holder of the value at `pointer`, and its key there. */
export function holderOf(value: unknown, pointer: string): readonly [Record<string, unknown>, string] {
  const keys = pointerKeys(pointer);
  const key = keys.pop() ?? '';
  let holder = value as Record<string, unknown>;
  for (const step of keys) holder = holder[step] as Record<string, unknown>;
  return [holder, key];
}

/** Both count from 1. Columns are characters; a tab is one. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Turns offsets into lines and columns. */
export class Lines {
  readonly #text: string;
  readonly #starts: number[] = [0];

  constructor(text: string) {
    this.#text = text;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.#starts.push(at + 1);
  }

  position(offset: number): Position {
    let [low, high] = [0, this.#starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#starts[middle]! <= offset) low = middle;
      else high = middle;
    }
    const start = this.#starts[low]!;
    let column = 1;
    for (const character of this.#text.slice(start, offset)) if (character !== '') column++;
    return { line: low + 1, column };
  }
}

/** Finds values in a text by pointer. */
export class JsonIndex {
  readonly nodes: JsonNodes;
  readonly #text: string;
  /** The children, by key, of each container that was asked for; made on first use. */
  readonly #children = new Map<number, Map<string, number>>();
  readonly #first: number[] = [];
  readonly #next: number[] = [];

  constructor(text: string, nodes: JsonNodes) {
    this.#text = text;
    this.nodes = nodes;
    const last: number[] = [];
    for (let node = 0; node < nodes.parents.length; node++) {
      this.#first.push(-1);
      this.#next.push(-1);
      last.push(-1);
      const parent = nodes.parents[node]!;
      if (parent < 0) continue;
      if (last[parent]! < 0) this.#first[parent] = node;
      else this.#next[last[parent]!] = node;
      last[parent] = node;
    }
  }

  /** The value's own key: a property's name, or its index in an array. */
  key(node: number): string {
    const key = this.nodes.keys[node]!;
    if (this.#text.charAt(this.nodes.starts[this.nodes.parents[node]!]!) === '[') return String(key);
    // The key ends at the last quote before the value.
    const end = this.#text.lastIndexOf('"', this.#text.lastIndexOf(':', this.nodes.starts[node]! - 1));
    return JSON.parse(this.#text.slice(key, end + 1)) as string;
  }

  pointer(node: number): string {
    const parent = this.nodes.parents[node]!;
    return parent < 0 ? '' : joinPointer(this.pointer(parent), this.key(node));
  }

  raw(node: number): string {
    return this.#text.slice(this.nodes.starts[node], this.nodes.ends[node]);
  }

  /** The value at `pointer`: if properties have the same name, the last one, as in JSON.parse. -1: none. */
  find(pointer: string): number {
    let node = 0;
    for (const key of pointerKeys(pointer)) {
      node = this.#childrenOf(node).get(key) ?? -1;
      if (node < 0) return -1;
    }
    return node;
  }

  /** The value at `pointer`, or the innermost existing one around it. */
  findNearest(pointer: string): number {
    let node = 0;
    for (const key of pointerKeys(pointer)) {
      const child = this.#childrenOf(node).get(key);
      if (child === undefined) break;
      node = child;
    }
    return node;
  }

  #childrenOf(node: number): Map<string, number> {
    const known = this.#children.get(node);
    if (known !== undefined) return known;
    const children = new Map<string, number>();
    for (let child = this.#first[node]!; child >= 0; child = this.#next[child]!) children.set(this.key(child), child);
    this.#children.set(node, children);
    return children;
  }
}
