// Builds dist/: the standalone executable, pocker-init, the Node addon and the JavaScript. Unchanged parts are left alone.
//   node scripts/build.mjs
import { availableParallelism } from 'node:os';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fail, root, run } from './run.mjs';

run('node', ['scripts/generate.mjs']);
run('node', ['scripts/bundle.mjs']);
run('node_modules/.bin/cmake-js', [
  'compile',
  '--out',
  'build/native',
  '-G',
  'Ninja',
  '--parallel',
  String(availableParallelism()),
]);
for (const file of ['pocker.node', 'pocker-init', 'node/pocker-runc', 'pocker-runc']) {
  if (!existsSync(join(root, 'dist', file))) fail(`dist/${file} was not built; the lines above say why`);
}
