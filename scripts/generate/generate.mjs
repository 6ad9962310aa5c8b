// Generates src/generated/: from schema/ the types and validators of the OCI schemas and the plan's FlatBuffers code, from the tables
// of commands their help texts.
//   node scripts/generate/generate.mjs
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../run.mjs';
import { engineHelp, runtimeHelp } from './help.mjs';
import { planCode } from './plan-code.mjs';
import { typesOf } from './schema-types.mjs';
import { declarations, schemas, validators } from './validators.mjs';

const out = join(root, 'src/generated');

rmSync(out, { recursive: true, force: true });
mkdirSync(join(out, 'plan-reader'), { recursive: true });
writeFileSync(
  join(out, 'spec.ts'),
  typesOf(schemas, { Spec: 'config-schema.json', Features: 'features-schema.json', State: 'state-schema.json' }),
);
writeFileSync(join(out, 'validate.js'), validators());
writeFileSync(join(out, 'validate.d.ts'), declarations);

/** The version of the source being built, as git describes it; empty outside a clone. */
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

writeFileSync(join(out, 'help.ts'), await runtimeHelp());
writeFileSync(join(out, 'engine-help.ts'), await engineHelp());

const planSchema = join(root, 'schema/plan.fbs');
writeFileSync(join(out, 'plan.ts'), planCode(readFileSync(planSchema, 'utf8')));

/** flatc writes imports without file extensions, which Node's module loader rejects, and types that `strict` rejects. */
function mend(folderPath) {
  for (const entry of readdirSync(folderPath, { withFileTypes: true })) {
    const path = join(folderPath, entry.name);
    if (entry.isDirectory()) mend(path);
    else writeFileSync(path, `// @ts-nocheck\n${readFileSync(path, 'utf8').replace(/(from '\.[^']*)'/g, "$1.js'")}`);
  }
}

// For tests, which read plans back.
execFileSync('flatc', ['--ts', '--gen-object-api', '-o', join(out, 'plan-reader'), planSchema], { stdio: 'inherit' });
mend(join(out, 'plan-reader'));
