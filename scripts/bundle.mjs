// Bundles src/: build/bundle/ and build/bundle-pocker/ for the standalone executables (their chunks become bytecode),
// build/bundle-rehearsal/ for the build itself, dist/node/ for Node.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

async function bundle(outdir, options) {
  rmSync(outdir, { recursive: true, force: true });
  mkdirSync(outdir, { recursive: true });
  await build({ ...common, outdir, ...options });
}

const standalone = { platform: 'neutral', mainFields: ['module', 'main'], minify: true };
await bundle(join(root, 'build/bundle'), { ...standalone, entryPoints: [{ in: 'src/entry.quickjs.ts', out: 'entry' }] });
await bundle(join(root, 'build/bundle-pocker'), { ...standalone, entryPoints: [{ in: 'src/entry.pocker.ts', out: 'entry' }] });
const config = (name) => JSON.stringify(readFileSync(join(root, 'bench/configs', name), 'utf8'));
await bundle(join(root, 'build/bundle-rehearsal'), {
  ...standalone,
  entryPoints: [{ in: 'src/entry.rehearsal.ts', out: 'rehearsal' }],
  define: { RUNC_CONFIG: config('runc.json'), DOCKER_CONFIG: config('docker.json') },
});
await bundle(join(root, 'dist/node'), {
  entryPoints: ['src/entry.node.ts', 'src/entry.pocker.node.ts', 'src/entry.function.ts', 'src/api.ts', 'src/sandbox.ts'],
  platform: 'node',
  sourcemap: true,
});
// A script or a module: whichever the user's loader takes a file without an extension for.
for (const [name, entry] of [
  ['pocker-runc', 'entry.node.js'],
  ['pocker', 'entry.pocker.node.js'],
])
  writeFileSync(join(root, 'dist/node', name), `#!/usr/bin/env node\nimport('./${entry}');\n`, { mode: 0o755 });
