// The OCI schemas (schema/oci), and the validators that ajv makes of them: src/generated/validate.js.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ajvModule from 'ajv-draft-04';
import codegen from 'ajv/dist/compile/codegen/index.js';
import standaloneModule from 'ajv/dist/standalone/index.js';
import { root } from '../run.mjs';

const folder = join(root, 'schema/oci');

/** config.json's sections for other platforms: to a Linux runtime they are unknown properties, which it ignores. */
const foreign = /-(freebsd|solaris|vm|windows|zos)\.json/;

/** Without those, and without descriptions, which take space in the executable and tell the validator nothing. */
const trim = (key, value) =>
  (key === 'description' && typeof value === 'string') || foreign.test(value?.$ref) ? undefined : value;

/** By file name; without what a Linux runtime does not read. */
export const schemas = new Map(
  readdirSync(folder)
    .filter((file) => file.endsWith('.json') && !foreign.test(file))
    .map((file) => [file, JSON.parse(readFileSync(join(folder, file), 'utf8'), trim)]),
);

// Podman passes the host device's whole st_mode, which no peer minds; the planner uses its permission bits.
schemas.get('defs.json').definitions.FileMode.maximum = 0xffff;

// Required by the specification, but its Go types omit it if it is not set: no limit, to every peer.
delete schemas.get('config-linux.json').linux.properties.resources.properties.pids.required;

// Integers beyond 2^53 are bigints (src/json/json.ts). draft-04 has no such type, so a keyword of our own handles them.
for (const name of ['int64', 'uint64']) schemas.get('defs.json').definitions[name] = { integer64: name };

const { _ } = codegen;

/** Parts of a config that also occur alone, in files and flags of exec, update and mounts: where the schema defines them. */
const parts = {
  validateProcess: ['config-schema.json', 'properties', 'process'],
  validateMounts: ['config-schema.json', 'properties', 'mounts'],
  validateResources: ['config-linux.json', 'linux', 'properties', 'resources'],
  validateIntelRdt: ['config-linux.json', 'linux', 'properties', 'intelRdt'],
};

/** Each part as a schema of its own, which the rest refers to: one function serves both. */
function addSchemas(ajv) {
  const whole = structuredClone(Object.fromEntries(schemas));
  for (const [name, path] of Object.entries(parts)) {
    const key = path.at(-1);
    const holder = path.slice(0, -1).reduce((at, step) => at[step], whole);
    // References within a file refer to that file.
    const part = JSON.parse(JSON.stringify(holder[key]), (at, value) =>
      at === '$ref' && value.startsWith('#') ? `${path[0]}${value}` : value,
    );
    ajv.addSchema({ ...part, id: name });
    holder[key] = { $ref: name };
  }
  for (const [file, schema] of Object.entries(whole)) ajv.addSchema({ ...schema, id: file });
}

/** A number that is an exact integer, or a bigint of 64 bits. */
const integer64 = {
  keyword: 'integer64',
  error: { message: '', params: ({ schema }) => _`{type: ${schema}}` },
  code(context) {
    const { data, schema } = context;
    const [least, signed] = schema === 'uint64' ? [0, false] : [Number.MIN_SAFE_INTEGER, true];
    const number = _`typeof ${data} == "number" && Number.isSafeInteger(${data}) && ${data} >= ${least}`;
    const wide = signed ? _`BigInt.asIntN(64, ${data}) === ${data}` : _`BigInt.asUintN(64, ${data}) === ${data}`;
    context.pass(_`${number} || typeof ${data} == "bigint" && ${wide}`);
  },
};

export function validators() {
  const Ajv = ajvModule.default ?? ajvModule;
  const standalone = standaloneModule.default ?? standaloneModule;
  const ajv = new Ajv({
    code: { source: true, esm: true, lines: false },
    strict: false,
    allErrors: true,
    verbose: false,
    messages: false,
  });
  ajv.addKeyword(integer64);
  addSchemas(ajv);
  const exported = Object.fromEntries(Object.keys(parts).map((name) => [name, name]));
  return compact(standalone(ajv, { validateConfig: 'config-schema.json', ...exported }));
}

/**
 * The code that ajv writes for every single check. None of its `code` options changes that: `optimize` and `lines` do not touch
 * it, `process` is a hook for a replacement like this one, and a keyword cannot replace `reportError`, which writes it. If a
 * version of ajv writes it differently, the build fails below.
 */
const complaint =
  /const (err\d+) = \{instancePath(?::(.*?))?,schemaPath:"[^"]*",keyword:("[^"]*"),params:(.*?)\};if\(vErrors === null\)\{vErrors = \[\1\];\}else \{vErrors\.push\(\1\);\}errors\+\+;/g;

/** A call instead: a third of the code, all of which is read at the start of every `create`. */
function compact(code) {
  const shorter = code.replaceAll(
    complaint,
    (_, name, path = 'instancePath', keyword, params) => `vErrors = complain(vErrors, ${path}, ${keyword}, ${params});errors++;`,
  );
  if (/\berr\d+\b/.test(shorter)) throw new Error('ajv writes its checks in another way than `complaint` expects');
  return `${shorter}
function complain(errors, instancePath, keyword, params) {
  const error = { instancePath, keyword, params };
  if (errors === null) return [error];
  errors.push(error);
  return errors;
}
`;
}

export const declarations = `export interface SchemaError { instancePath: string; keyword: string; params: Record<string, unknown>; }
export interface Validator { (value: unknown, context?: { instancePath: string }): boolean; errors?: SchemaError[] | null; }
export declare const ${['validateConfig', ...Object.keys(parts)].map((name) => `${name}: Validator`).join(', ')};
`;
