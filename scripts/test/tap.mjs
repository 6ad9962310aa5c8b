// Makes tap start quickly, for the tests in build/js: without its plugin for TypeScript, which takes a second, and in one file, which
// halves the rest; in a virtual machine without KVM, these are ten times as much.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build } from 'esbuild';
import { root, run } from '../run.mjs';

/** For every run of tap: the tests are already compiled. */
export const noTypeScript = '--plugin=!@tapjs/typescript';

/** If its plugins change, tap builds the new ones but starts this run's files with the old ones. */
function buildPlugins() {
  const built = join(root, 'node_modules/@tapjs/test/test-built/dist/esm/index.js');
  if (!readFileSync(built, 'utf8').includes('@tapjs/typescript')) return;
  run(join(root, 'node_modules/.bin/tap'), ['build', noTypeScript], { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** The folder's name keeps tap's own lines out of stack traces. */
async function bundle() {
  const modules = join(root, 'build/js/node_modules');
  await build({
    entryPoints: [
      createRequire(import.meta.url)
        .resolve('tap')
        .replace('/commonjs/', '/esm/'),
    ],
    outfile: join(modules, '@tapjs/bundle/index.mjs'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    keepNames: true,
    logLevel: 'warning',
    banner: { js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);" },
  });
  mkdirSync(join(modules, 'tap'), { recursive: true });
  writeFileSync(join(modules, 'tap/package.json'), '{ "name": "tap", "type": "module", "exports": "./index.js" }\n');
  writeFileSync(
    join(modules, 'tap/index.js'),
    "export * from '../@tapjs/bundle/index.mjs';\nexport { default } from '../@tapjs/bundle/index.mjs';\n",
  );
}

export async function prepareTap() {
  buildPlugins();
  await bundle();
}
