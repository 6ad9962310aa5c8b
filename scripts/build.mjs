// Builds dist/: the standalone executable, pocker-init, the Node addon and the JavaScript. Unchanged parts are not rebuilt.
//   node scripts/build.mjs [--quiet]      --quiet: shows no output unless it fails
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

if (quiet && !existsSync(join(root, 'dist/pocker-init')))
  process.stderr.write('building: the first time takes several minutes\n');
process.umask(0o022); // others may run what is built, and so may those who get it in a package
run('node', 'scripts/generate/generate.mjs');
run('node', 'scripts/bundle.mjs');
// What was missing may have been installed since, and is looked for when CMake configures.
const isWhole = ['pocker-runc', 'pocker-systemd'].every((file) => existsSync(join(root, 'dist', file)));
// cmake-js writes both its own log and the compiler's to standard output.
for (const command of isWhole ? ['compile'] : ['configure', 'compile'])
  run(
    'node_modules/.bin/cmake-js',
    command,
    '--out',
    'build/native',
    '-G',
    'Ninja',
    '--parallel',
    String(availableParallelism()),
  );
for (const file of ['pocker.node', 'pocker-init', 'pocker-keeper', 'node/pocker-runc']) {
  if (!existsSync(join(root, 'dist', file))) fail(`dist/${file} was not built`);
}
