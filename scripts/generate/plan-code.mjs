// The TypeScript of schema/plan.fbs: a class for each operation, with the schema's fields, and their types for
// src/flatbuffer/writer.ts. flatc's own TypeScript, with which the tests read plans back, is four times as much code, and the
// executable would read all of it at the start of every command that plans.
//
// flatc's reflection (--schema -b) says the same of all fields, but replaces the twenty lines of expressions below by as many, by a
// copy of flatbuffers' reflection.fbs, which flatc and the npm package lack, and by the thousand lines that flatc makes of that. It also
// sorts by name, and tables and fields must be put back in order. If the expressions do not understand something, the build fails;
// src/plan/encode.test.ts reads plans back with flatc's own code.

/** For each type of the schema: its TypeScript type, its default value, and how it is written. */
const types = {
  bool: { type: 'boolean', unset: 'false', kind: 'byte' },
  uint8: { type: 'number', unset: '0', kind: 'byte' },
  uint16: { type: 'number', unset: '0', kind: 'short' },
  int32: { type: 'number', unset: '0', kind: 'int' },
  uint32: { type: 'number', unset: '0', kind: 'int' },
  int64: { type: 'bigint', unset: '0n', kind: 'long' },
  uint64: { type: 'bigint', unset: '0n', kind: 'long' },
  string: { type: 'string | null', unset: 'null', kind: 'text' },
  '[string]': { type: 'string[]', unset: '[]', kind: 'texts' },
  '[uint8]': { type: 'Uint8Array | null', unset: 'null', kind: 'bytes' },
  '[uint32]': { type: 'number[]', unset: '[]', kind: 'ints' },
  '[uint64]': { type: 'bigint[]', unset: '[]', kind: 'longs' },
};

const camel = (name) => name.replaceAll(/_(\w)/g, (_, letter) => letter.toUpperCase());

function parseFields(text, enums) {
  return text
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const [, name, type, unset, required] = /^(\w+): (\S+?)(?: = (\S+))?( \(required\))?$/.exec(part) ?? [];
      const found = enums.has(type) ? { type, unset: `${type}.${enums.get(type)[0].name}`, kind: 'byte' } : types[type];
      if (found === undefined) throw new Error(`schema/plan.fbs: not understood: ${part}`);
      return { ...found, name: camel(name), unset: unset ?? found.unset, required: required !== undefined };
    });
}

const parseEnum = (text) =>
  [...text.matchAll(/(\w+)(?: = (\d+))?/g)].map(([, name, value], index) => ({ name, value: Number(value ?? index) }));

const enumCode = (name, entries) =>
  `export enum ${name} {\n${entries.map((entry) => `  ${entry.name} = ${entry.value},\n`).join('')}}\n`;

/** Without class fields, which would each be a function of their own to an interpreter. */
function classCode(name, fields) {
  const declared = fields.map((field) => `  declare ${field.name}: ${field.type};\n`).join('');
  const set = fields.map((field) => `    this.${field.name} = ${field.unset};\n`).join('');
  return `export class ${name}T {\n${declared}${set === '' ? '' : `  constructor() {\n${set}  }\n`}}\n`;
}

function fieldTypesCode(fields) {
  const flag = ({ required }) => (required ? ' | required' : '');
  return `  [${fields.map((field) => `'${field.name}', ${field.kind}${flag(field)}`).join(', ')}],\n`;
}

/** `text`: the whole of schema/plan.fbs. */
export function planCode(text) {
  const code = text.replaceAll(/\/\/.*/g, '').replaceAll(/\s+/g, ' ');
  const enums = new Map([...code.matchAll(/enum (\w+): uint8 \{([^}]*)\}/g)].map(([, name, body]) => [name, parseEnum(body)]));
  const union = /union Operation \{([^}]*)\}/.exec(code)[1].match(/\w+/g);
  const bodies = new Map([...code.matchAll(/table (\w+) \{([^}]*)\}/g)].map(([, name, body]) => [name, body]));
  const tables = union.map((name) => ({ name, fields: parseFields(bodies.get(name), enums) }));
  return [
    '// Made from schema/plan.fbs by scripts/generate/plan-code.mjs.',
    `import { ${kinds.join(', ')}, type FieldTypes } from '../flatbuffer/field-types.js';\n`,
    ...[...enums].map(([name, entries]) => enumCode(name, entries)),
    enumCode('Operation', parseEnum(['NONE', ...union].join(' '))),
    ...tables.map(({ name, fields }) => classCode(name, fields)),
    '/** Every operation by its name in the union, in the order of it. */',
    `export const operationClasses = {\n${union.map((name) => `  ${name}: ${name}T,\n`).join('')}};\n`,
    '/** By number of the operation. */',
    `export const fieldTypes: readonly FieldTypes[] = [\n  [],\n${tables.map(({ fields }) => fieldTypesCode(fields)).join('')}];\n`,
  ].join('\n');
}

const kinds = [...new Set(Object.values(types).map(({ kind }) => kind)), 'required'];
