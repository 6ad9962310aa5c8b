// Random values that the OCI schemas allow, for tests: an arbitrary of fast-check for each definition.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';

/** The parts of JSON Schema draft 4 that the OCI schemas use. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly minLength?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
  readonly required?: readonly string[];
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

const folder = join(process.cwd(), 'schema/oci');
const files = new Map<string, Schema>();

export function load(file: string): Schema {
  const known = files.get(file) ?? (JSON.parse(readFileSync(join(folder, file), 'utf8')) as Schema);
  files.set(file, known);
  return known;
}

/** "defs.json#/definitions/uint32", seen from `file`. */
export function follow(reference: string, file: string): readonly [schema: Schema, file: string] {
  const [target = '', pointer = ''] = reference.split('#');
  const where = target === '' ? file : target;
  const keys = pointer.split('/').filter((key) => key !== '');
  const found = keys.reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], load(where));
  return [found as Schema, where];
}

/** Strings that are special somewhere, in addition to random ones. */
const words = [
  '',
  '/',
  'a',
  '/proc',
  '/dev/null',
  '..',
  'a/../b',
  '0-3,7',
  'PATH=/bin',
  'net.ipv4.ip_forward',
  'CAP_KILL',
  'bind',
];
const text = fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 8 }), fc.string({ unit: 'binary', maxLength: 3 }));

/** The schemas have too few patterns to justify a generator for regular expressions. */
const patterned: Readonly<Record<string, fc.Arbitrary<string>>> = {
  '^RLIMIT_[A-Z]+$': fc.constantFrom('RLIMIT_NOFILE', 'RLIMIT_CORE', 'RLIMIT_CPU', 'RLIMIT_NONE'),
  '^[0-9, -]*$': fc.string({ unit: fc.constantFrom('0', '1', '7', ',', ' ', '-'), maxLength: 6 }),
  '^[1-9][0-9]*[KMG]B$': fc.constantFrom('2MB', '64KB', '1GB', '3MB'),
  '^MB:[^\\n]*$': fc.constantFrom('MB:', 'MB:0=10'),
  '^[cbup]$': fc.constantFrom('c', 'b', 'u', 'p'),
};

function integer({ minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER }: Schema): fc.Arbitrary<unknown> {
  const [least, most] = [BigInt(minimum), BigInt(maximum)];
  const near = [0n, 1n, -1n, 7n, 1000n, 65_536n, least, most, most - 1n].filter((value) => value >= least && value <= most);
  const narrow = (value: bigint): number | bigint => {
    return value > BigInt(Number.MAX_SAFE_INTEGER) || value < BigInt(Number.MIN_SAFE_INTEGER) ? value : Number(value);
  };
  return fc.oneof(fc.constantFrom(...near), fc.bigInt(least, most)).map(narrow);
}

function string({ pattern, minLength = 0 }: Schema): fc.Arbitrary<unknown> {
  if (pattern === undefined) return text.filter((value) => value.length >= minLength);
  const known = patterned[pattern];
  if (known === undefined) throw new Error(`no values for the pattern ${pattern}: give some`);
  return known;
}

/** Sections for other platforms mean nothing here. */
export const foreign: readonly string[] = ['solaris', 'windows', 'vm', 'zos', 'freebsd'];

function object(schema: Schema, file: string, depth: number): fc.Arbitrary<unknown> {
  const rows = Object.entries(schema.properties ?? {}).filter(([key]) => !foreign.includes(key));
  const values = schema.additionalProperties ?? Object.values(schema.patternProperties ?? {})[0];
  if (values !== undefined) return fc.dictionary(text, arbitraryOf(values, file, depth + 1), { maxKeys: 3 });
  const fields = Object.fromEntries(rows.map(([key, field]) => [key, arbitraryOf(field, file, depth + 1)]));
  const keys = rows.map(([key]) => key);
  const required = new Set(schema.required ?? []);
  // Only a few fields at a time: with all of them, nearly every value would break some rule.
  return fc.subarray(keys, { maxLength: Math.min(keys.length, 3) }).chain((chosen) => {
    const wanted = keys.filter((key) => required.has(key) || chosen.includes(key));
    return fc.record(Object.fromEntries(wanted.map((key) => [key, fields[key]!])));
  });
}

function combined(schema: Schema, file: string, depth: number): fc.Arbitrary<unknown> | undefined {
  if (schema.$ref !== undefined) {
    const [target, where] = follow(schema.$ref, file);
    return arbitraryOf(target, where, depth);
  }
  if (schema.allOf !== undefined) {
    const parts = schema.allOf.map((part) => arbitraryOf(part, file, depth));
    return fc.tuple(...parts).map((values) => Object.assign({}, ...(values as object[])) as unknown);
  }
  const choices = schema.anyOf ?? schema.oneOf;
  return choices === undefined ? undefined : fc.oneof(...choices.map((choice) => arbitraryOf(choice, file, depth)));
}

/** Values of a schema in `file`. */
export function arbitraryOf(schema: Schema, file: string, depth = 0): fc.Arbitrary<unknown> {
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const other = combined(schema, file, depth);
  if (other !== undefined) return other;
  if (schema.type === 'integer') return integer(schema);
  if (schema.type === 'boolean') return fc.boolean();
  if (schema.type === 'string') return string(schema);
  if (schema.type === 'array')
    return fc.array(arbitraryOf(schema.items ?? {}, file, depth + 1), { minLength: schema.minItems ?? 0, maxLength: 3 });
  if (schema.type === 'object' || schema.properties !== undefined) return object(schema, file, depth);
  return fc.constant('anything');
}

/** The fields of the config's sections, each with values for it: ["process", "cwd"]. */
export function configFields(): readonly { readonly path: readonly string[]; readonly values: fc.Arbitrary<unknown> }[] {
  const [config, linux] = [load('config-schema.json'), load('config-linux.json')];
  const section = (name: string, schema: Schema | undefined, file: string) =>
    Object.entries(schema?.properties ?? {}).map(([key, field]) => ({ path: [name, key], values: arbitraryOf(field, file) }));
  const top = Object.entries(config.properties ?? {}).filter(([key]) => ![...foreign, 'linux', 'process'].includes(key));
  return [
    ...top.map(([key, field]) => ({ path: [key], values: arbitraryOf(field, 'config-schema.json') })),
    ...section('process', config.properties?.['process'], 'config-schema.json'),
    ...section('linux', (linux as { readonly linux?: Schema }).linux, 'config-linux.json'),
  ];
}
