// Every field in the config's schema, each with the smallest config around it that the schema allows.
import { follow, foreign, load, type Schema } from './values.js';

export interface SchemaField {
  /** ["linux", "devices", 0, "major"]: 0 is an item of a list, "a" an entry of a map. */
  readonly path: readonly (string | number)[];
  readonly kind: 'optional' | 'required' | 'item' | 'entry';
  /** A config with `value` there. */
  around(value: unknown): object;
}

type Around = SchemaField['around'];

/** Resolves references and merges the parts of "allOf"; of several choices, takes the first. */
function plain(schema: Schema, file: string): readonly [Schema, string] {
  if (schema.$ref !== undefined) return plain(...follow(schema.$ref, file));
  const choice = schema.anyOf?.[0] ?? schema.oneOf?.[0];
  if (choice !== undefined) return plain(choice, file);
  if (schema.allOf === undefined) return [schema, file];
  const parts = schema.allOf.map((part) => plain(part, file)[0]);
  const properties = Object.assign({}, ...parts.map((part) => part.properties ?? {})) as NonNullable<Schema['properties']>;
  return [{ type: 'object', properties, required: parts.flatMap((part) => part.required ?? []) }, file];
}

const texts: Readonly<Record<string, string>> = {
  '^RLIMIT_[A-Z]+$': 'RLIMIT_CPU',
  '^[1-9][0-9]*[KMG]B$': '2MB',
  '^MB:[^\\n]*$': 'MB:',
  '^[cbup]$': 'c',
};

/** The smallest value: only required fields. */
function smallest(given: Schema, from: string): unknown {
  const [schema, file] = plain(given, from);
  if (schema.enum !== undefined) return schema.enum[0];
  if (schema.type === 'integer') return Math.max(schema.minimum ?? 0, 0);
  if (schema.type === 'boolean') return false;
  if (schema.type === 'string') return texts[schema.pattern ?? ''] ?? '1';
  if (schema.type === 'array') return Array.from({ length: schema.minItems ?? 0 }, () => smallest(schema.items ?? {}, file));
  return required(schema, file);
}

function required(schema: Schema, file: string): Record<string, unknown> {
  const rows = (schema.required ?? []).map((key) => [key, smallest(schema.properties?.[key] ?? {}, file)] as const);
  return Object.fromEntries(rows);
}

/** Required by the schema, but omitted by runtime-spec's Go types: scripts/generate/validators.mjs makes them optional. */
const omitted: ReadonlySet<string> = new Set(['linux/resources/pids/limit']);

interface Place {
  readonly path: SchemaField['path'];
  readonly around: Around;
}

function fieldsBelow(given: Schema, from: string, { path, around }: Place): SchemaField[] {
  const [schema, file] = plain(given, from);
  const field = (key: string | number, part: Schema, kind: SchemaField['kind'], inside: Around): SchemaField[] => {
    const one = { path: [...path, key], kind, around: (value: unknown) => around(inside(value)) };
    return [one, ...fieldsBelow(part, file, one)];
  };
  if (schema.items !== undefined) return field(0, schema.items, 'item', (value) => [value]);
  const entries = schema.additionalProperties ?? Object.values(schema.patternProperties ?? {})[0];
  if (entries !== undefined) return field('a', entries, 'entry', (value) => ({ a: value }));
  return Object.entries(schema.properties ?? {})
    .filter(([key]) => path.length > 0 || !foreign.includes(key))
    .flatMap(([key, part]) => {
      const kind = schema.required?.includes(key) === true && !omitted.has([...path, key].join('/')) ? 'required' : 'optional';
      return field(key, part, kind, (value) => ({ ...required(schema, file), [key]: value }));
    });
}

/** All fields, at every depth. */
export function schemaFields(): SchemaField[] {
  const file = 'config-schema.json';
  return fieldsBelow(load(file), file, { path: [], around: (value) => value as object });
}
