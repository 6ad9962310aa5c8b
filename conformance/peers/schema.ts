// All fields of the OCI schemas with their types and limits, as paths; "0" is the first item of a list, "a" a map key.
import { join } from 'node:path';

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

type Type = 'string' | 'integer' | 'boolean' | 'array' | 'object';

export interface Field {
  readonly path: readonly string[];
  readonly type: Type;
  readonly minimum: bigint;
  readonly maximum: bigint;
}

/** Sections and fields for other operating systems, which no runtime here reads. */
const foreign = ['solaris', 'windows', 'vm', 'zos', 'freebsd', 'commandLine'];

/** JSON cannot write these as JavaScript numbers. */
const exact = (limit: number | undefined, fallback: bigint): bigint => {
  if (limit === undefined) return fallback;
  // 18446744073709551615 and 9223372036854775807 are rounded up when they are read.
  const value = BigInt(limit);
  return value === 2n ** 64n || value === 2n ** 63n ? value - 1n : value;
};

class Walk {
  readonly found = new Map<string, Field>();
  readonly #files = new Map<string, Schema>();
  readonly #folder: string;
  readonly #read: (file: string) => string;

  constructor(folder: string, read: (file: string) => string) {
    this.#folder = folder;
    this.#read = read;
  }

  load(file: string): Schema {
    const known = this.#files.get(file) ?? (JSON.parse(this.#read(join(this.#folder, file))) as Schema);
    this.#files.set(file, known);
    return known;
  }

  visit(schema: Schema, file: string, path: readonly string[]): void {
    if (schema.$ref !== undefined) {
      const [target = '', pointer = ''] = schema.$ref.split('#');
      const where = target === '' ? file : target;
      const keys = pointer.split('/').filter((key) => key !== '');
      const found = keys.reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], this.load(where));
      this.visit(found as Schema, where, path);
    }
    for (const part of [...(schema.allOf ?? []), ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]) this.visit(part, file, path);
    this.#note(schema, path);
    for (const [key, part] of Object.entries(schema.properties ?? {})) {
      if (!foreign.includes(key)) this.visit(part, file, [...path, key]);
    }
    if (schema.items !== undefined) this.visit(schema.items, file, [...path, '0']);
    for (const part of [...Object.values(schema.patternProperties ?? {}), schema.additionalProperties]) {
      if (typeof part === 'object') this.visit(part, file, [...path, 'a']);
    }
  }

  #note({ type, minimum, maximum }: Schema, path: readonly string[]): void {
    if (type === undefined || path.length === 0) return;
    const limits = { minimum: exact(minimum, -(2n ** 63n)), maximum: exact(maximum, 2n ** 63n - 1n) };
    this.found.set(path.join('.'), { path, type: type as Type, ...limits });
  }
}

export function fieldsOf(folder: string, read: (file: string) => string): readonly Field[] {
  const walk = new Walk(folder, read);
  walk.visit(walk.load('config-schema.json'), 'config-schema.json', []);
  return [...walk.found.values()];
}
