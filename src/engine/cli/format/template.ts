// Runs Go's text/template on data. Fields that start with a capital letter and hold functions are methods.
import { functions } from './functions.js';
import { isFields, isTrue, show, sortedEntries, type Fields } from './go-values.js';
import { parseTemplate, type Command, type Node, type Operand, type Pipe } from './template-parse.js';
import { usageError } from '../../errors.js';

/** Fields whose keys are data, as in Go's maps: a missing key has no value, while a missing field is an error. */
const maps: ReadonlySet<string> = new Set(
  'Labels Networks Ports Sysctls PortBindings ExposedPorts Volumes Options Annotations Containers Attributes Driver_Opts'.split(
    ' ',
  ),
);

class Stop extends Error {
  constructor(readonly kind: 'break' | 'continue') {
    super(kind);
  }
}

type Method = (...args: readonly unknown[]) => unknown;

class Run {
  #output = '';
  #variables: [name: string, value: unknown][];

  constructor(private readonly data: unknown) {
    this.#variables = [['', data]];
  }

  run(nodes: readonly Node[]): string {
    this.#nodes(nodes, this.data);
    return this.#output;
  }

  /** Variables end with the block that declares them. */
  #block(nodes: readonly Node[], dot: unknown): void {
    const count = this.#variables.length;
    try {
      this.#nodes(nodes, dot);
    } finally {
      this.#variables.length = count;
    }
  }

  #nodes(nodes: readonly Node[], dot: unknown): void {
    for (const node of nodes) this.#node(node, dot);
  }

  #node(node: Node, dot: unknown): void {
    switch (node.kind) {
      case 'text':
        this.#output += node.text;
        return;
      case 'break':
      case 'continue':
        throw new Stop(node.kind);
      case 'print': {
        const value = this.#declare(node.pipe, this.#pipe(node.pipe, dot));
        if (node.pipe.variables.length === 0) this.#output += show(value);
        return;
      }
      case 'range':
        this.#range(node, dot);
        return;
      default:
        this.#condition(node, dot);
    }
  }

  #condition(node: Extract<Node, { readonly pipe: Pipe; readonly body: unknown }>, dot: unknown): void {
    const count = this.#variables.length;
    const value = this.#declare(node.pipe, this.#pipe(node.pipe, dot));
    if (isTrue(value)) this.#block(node.body, node.kind === 'with' ? value : dot);
    else this.#block(node.otherwise, dot);
    this.#variables.length = count;
  }

  #range(node: Extract<Node, { readonly kind: 'if' | 'range' | 'with' }>, dot: unknown): void {
    const value = this.#pipe(node.pipe, dot);
    const entries = rangeOver(value);
    if (entries.length === 0) return this.#block(node.otherwise, dot);
    const count = this.#variables.length;
    try {
      for (const [key, entry] of entries) {
        this.#variables.length = count;
        const [first, second] = node.pipe.variables;
        if (second !== undefined) this.#variables.push([first!, key], [second, entry]);
        else if (first !== undefined) this.#variables.push([first, entry]);
        if (!this.#once(node.body, entry)) return;
      }
    } finally {
      this.#variables.length = count;
    }
  }

  /** False after {{break}}. */
  #once(body: readonly Node[], dot: unknown): boolean {
    try {
      this.#block(body, dot);
    } catch (caught) {
      if (!(caught instanceof Stop)) throw caught;
      return caught.kind === 'continue';
    }
    return true;
  }

  #declare({ variables: [name], assigns }: Pipe, value: unknown): unknown {
    if (name === undefined) return value;
    const known = assigns ? this.#variables.findLast(([known]) => known === name) : undefined;
    if (known === undefined) this.#variables.push([name, value]);
    else known[1] = value;
    return value;
  }

  #pipe({ commands }: Pipe, dot: unknown): unknown {
    let last: readonly unknown[] = [];
    for (const command of commands) last = [this.#command(command, dot, last)];
    return last[0];
  }

  /** `last`: the result of the command before "|", passed as one more argument. */
  #command([first, ...rest]: Command, dot: unknown, last: readonly unknown[]): unknown {
    const head = first!;
    if (head.kind === 'function') return this.#call(head.name, { rest, dot, last });
    const args = (): unknown[] => [...rest.map((operand) => this.#value(operand, dot)), ...last];
    if (head.kind === 'field') {
      const found = this.#field(head, dot);
      if (typeof found === 'function') return (found as Method)(...args());
      if (rest.length + last.length > 0)
        throw executing(head.name, `${head.name} has arguments but cannot be invoked as function`);
      return found;
    }
    if (rest.length + last.length > 0)
      throw usageError(`template parsing error: template: :1: can't give argument to non-function`);
    return this.#value(head, dot);
  }

  #call(name: string, { rest, dot, last }: { rest: readonly Operand[]; dot: unknown; last: readonly unknown[] }): unknown {
    if (name === 'and' || name === 'or') {
      let value: unknown;
      for (const part of [...rest.map((operand) => () => this.#value(operand, dot)), ...last.map((one) => () => one)]) {
        value = part();
        if (isTrue(value) !== (name === 'and')) return value;
      }
      return value;
    }
    const body = functions.get(name);
    if (body === undefined)
      throw usageError(`template parsing error: template: :1: function ${JSON.stringify(name)} not defined`);
    try {
      return body(...rest.map((operand) => this.#value(operand, dot)), ...last);
    } catch (caught) {
      if (!(caught instanceof Error) || caught.constructor !== Error) throw caught;
      throw executing(name, `error calling ${name}: ${caught.message}`);
    }
  }

  #value(operand: Operand, dot: unknown): unknown {
    switch (operand.kind) {
      case 'value':
        return operand.value;
      case 'dot':
        return dot;
      case 'variable': {
        const found = this.#variables.findLast(([name]) => name === operand.name);
        if (found === undefined) throw usageError(`template parsing error: template: :1: undefined variable "$${operand.name}"`);
        return found[1];
      }
      case 'pipe':
        return this.#pipe(operand.pipe, dot);
      case 'function':
        return this.#call(operand.name, { rest: [], dot, last: [] });
      case 'field': {
        const found = this.#field(operand, dot);
        return typeof found === 'function' ? (found as Method)() : found;
      }
    }
  }

  #field({ of, name }: Extract<Operand, { readonly kind: 'field' }>, dot: unknown): unknown {
    const value = this.#value(of, dot);
    if (isFields(value) && Object.hasOwn(value, name)) return value[name];
    if (isFields(value) && (of.kind !== 'field' || !maps.has(of.name)))
      throw executing(name, `map has no entry for key ${JSON.stringify(name)}`);
    if (value === null || value === undefined || isFields(value)) return undefined;
    throw executing(name, `can't evaluate field ${name} in type ${Array.isArray(value) ? 'slice' : typeof value}`);
  }
}

function executing(name: string, message: string): Error {
  return usageError(`template parsing error: template: :1: executing "" at <.${name}>: ${message}`);
}

function rangeOver(value: unknown): readonly (readonly [unknown, unknown])[] {
  if (Array.isArray(value)) return (value as unknown[]).map((entry, index) => [index, entry] as const);
  if (isFields(value)) return sortedEntries(value);
  if (typeof value === 'number') return Array.from({ length: value }, (_, index) => [index, index] as const);
  if (value === null || value === undefined) return [];
  throw usageError(`template parsing error: template: :1: range can't iterate over ${show(value)}`);
}

export type Template = (data: Fields) => string;

/** Fails in docker's words if the text is not a template. */
export function template(source: string): Template {
  const nodes = parseTemplate(source);
  return (data) => new Run(data).run(nodes);
}
