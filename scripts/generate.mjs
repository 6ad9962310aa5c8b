// Makes src/generated/ from schema/: TypeScript types and validators of the OCI schemas, and the plan's FlatBuffers code.
//   node scripts/generate.mjs
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ajvModule from 'ajv-draft-04';
import codegen from 'ajv/dist/compile/codegen/index.js';
import standaloneModule from 'ajv/dist/standalone/index.js';
import { planCode } from './plan-code.mjs';
import { typesOf } from './schema-types.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const out = join(root, 'src/generated');
const folder = join(root, 'schema/oci');

/** The other platforms' parts of config.json: to a Linux runtime they are unknown properties, which it ignores. */
const foreign = /-(freebsd|solaris|vm|windows|zos)\.json/;

/** Without those, and without descriptions, which take room in the executable and tell the validator nothing. */
const trim = (key, value) =>
  (key === 'description' && typeof value === 'string') || foreign.test(value?.$ref) ? undefined : value;

const schemas = new Map(
  readdirSync(folder)
    .filter((file) => file.endsWith('.json') && !foreign.test(file))
    .map((file) => [file, JSON.parse(readFileSync(join(folder, file), 'utf8'), trim)]),
);

// Podman gives a device the whole st_mode of the host's, which no peer minds; the planner takes the permissions of it.
schemas.get('defs.json').definitions.FileMode.maximum = 0xffff;

// Required by the specification, but omitted by its Go types where it is not set: no limit, to every peer.
delete schemas.get('config-linux.json').linux.properties.resources.properties.pids.required;

// An integer beyond 2^53 comes as bigint (src/json/exact.ts): draft-04 knows no such type, so that a keyword of our own does.
for (const name of ['int64', 'uint64']) schemas.get('defs.json').definitions[name] = { integer64: name };

const { _ } = codegen;

/** Parts of a config that come by themselves, too, in files and flags of exec, update and mounts: where the schema has them. */
const parts = {
  validateProcess: ['config-schema.json', 'properties', 'process'],
  validateMounts: ['config-schema.json', 'properties', 'mounts'],
  validateResources: ['config-linux.json', 'linux', 'properties', 'resources'],
  validateIntelRdt: ['config-linux.json', 'linux', 'properties', 'intelRdt'],
};

/** Each part as a schema of its own, which the rest refers to: one function for both. */
function addSchemas(ajv) {
  const whole = structuredClone(Object.fromEntries(schemas));
  for (const [name, path] of Object.entries(parts)) {
    const key = path.at(-1);
    const holder = path.slice(0, -1).reduce((at, step) => at[step], whole);
    // References within a file are the file's.
    const part = JSON.parse(JSON.stringify(holder[key]), (at, value) =>
      at === '$ref' && value.startsWith('#') ? `${path[0]}${value}` : value,
    );
    ajv.addSchema({ ...part, id: name });
    holder[key] = { $ref: name };
  }
  for (const [file, schema] of Object.entries(whole)) ajv.addSchema({ ...schema, id: file });
}

/** A number that is an integer and exact, or a bigint of 64 bits. */
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

function validators() {
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
 * What ajv writes out for every single check. None of its `code` options changes that: `optimize` and `lines` do not touch it,
 * `process` is a hook for a replacement such as this one, and `reportError`, which writes it, is no keyword's to replace. A version
 * of ajv that writes it in another way ends the build, below.
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

rmSync(out, { recursive: true, force: true });
mkdirSync(join(out, 'plan-reader'), { recursive: true });
writeFileSync(
  join(out, 'spec.ts'),
  typesOf(schemas, { Spec: 'config-schema.json', Features: 'features-schema.json', State: 'state-schema.json' }),
);
writeFileSync(join(out, 'validate.js'), validators());
writeFileSync(
  join(out, 'validate.d.ts'),
  `export interface SchemaError { instancePath: string; keyword: string; params: Record<string, unknown>; }
export interface Validator { (value: unknown, context?: { instancePath: string }): boolean; errors?: SchemaError[] | null; }
export declare const ${['validateConfig', ...Object.keys(parts)].map((name) => `${name}: Validator`).join(', ')};
`,
);

/** Of the source that is built, as git describes it; empty outside of a clone. */
function commit() {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty', '--abbrev=40'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
      .toString()
      .trim();
  } catch {
    return '';
  }
}

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
writeFileSync(join(out, 'version.ts'), `export const version = '${version}';\nexport const commit = '${commit()}';\n`);

const planSchema = join(root, 'schema/plan.fbs');
writeFileSync(join(out, 'plan.ts'), planCode(readFileSync(planSchema, 'utf8')));

/** flatc writes imports without file endings, which Node's module loader does not take, and types that `strict` does not. */
function mend(folderPath) {
  for (const entry of readdirSync(folderPath, { withFileTypes: true })) {
    const path = join(folderPath, entry.name);
    if (entry.isDirectory()) mend(path);
    else writeFileSync(path, `// @ts-nocheck\n${readFileSync(path, 'utf8').replace(/(from '\.[^']*)'/g, "$1.js'")}`);
  }
}

// For tests, which read back what we write.
execFileSync('flatc', ['--ts', '--gen-object-api', '-o', join(out, 'plan-reader'), planSchema], { stdio: 'inherit' });
mend(join(out, 'plan-reader'));
