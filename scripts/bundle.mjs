// Bundles src/ twice: build/bundle/ for the standalone executable (its chunks become bytecode), dist/node/ for Node.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

const common = {
  bundle: true,
  splitting: true,
  format: 'esm',
  target: 'es2023',
  logLevel: 'warning',
  absWorkingDir: root,
  legalComments: 'none',
};

/** yargs's build without Node loads two packages from a web site; use the installed ones. */
const installed = {
  name: 'installed',
  setup(builder) {
    builder.onResolve({ filter: /^https:\/\/unpkg\.com\// }, ({ path, resolveDir }) => {
      const name = path.includes('yargs-parser') ? 'yargs-parser/browser' : 'cliui';
      return builder.resolve(name, { kind: 'import-statement', resolveDir });
    });
  },
};

async function bundle(outdir, options) {
  rmSync(outdir, { recursive: true, force: true });
  mkdirSync(outdir, { recursive: true });
  await build({ ...common, plugins: [installed], outdir, ...options });
}

await bundle(join(root, 'build/bundle'), {
  entryPoints: ['src/entry.quickjs.ts'],
  platform: 'neutral',
  mainFields: ['module', 'main'],
  minify: true,
});
await bundle(join(root, 'dist/node'), {
  entryPoints: ['src/entry.node.ts', 'src/entry.function.ts', 'src/api.ts', 'src/sandbox.ts'],
  platform: 'node',
  sourcemap: true,
});
// A script or a module: whichever the user's loader takes a file without an extension for.
writeFileSync(join(root, 'dist/node/pocker-runc'), "#!/usr/bin/env node\nimport('./entry.node.js');\n", { mode: 0o755 });
