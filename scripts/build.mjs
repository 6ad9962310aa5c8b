// Builds dist/: the standalone executable, pocker-init, the Node addon and the JavaScript. Unchanged parts are not rebuilt.
//   node scripts/build.mjs [--quiet]      --quiet: shows nothing unless it fails
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fail, root } from './run.mjs';

const quiet = process.argv.includes('--quiet');

function run(program, ...args) {
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd: root,
    stdio: ['ignore', quiet ? 'pipe' : 'inherit', quiet ? 'pipe' : 'inherit'],
    encoding: 'utf8',
  });
  if (status !== 0) fail(`${stdout ?? ''}${stderr ?? ''}\n${[program, ...args].join(' ')} failed`);
}

run('node', 'scripts/generate.mjs');
run('node', 'scripts/bundle.mjs');
// cmake-js writes both its own log and the compiler's to standard output.
run(
  'node_modules/.bin/cmake-js',
  'compile',
  '--out',
  'build/native',
  '-G',
  'Ninja',
  '--parallel',
  String(availableParallelism()),
);
for (const file of ['pocker.node', 'pocker-init', 'node/pocker-runc']) {
  if (!existsSync(join(root, 'dist', file))) fail(`dist/${file} was not built`);
}
