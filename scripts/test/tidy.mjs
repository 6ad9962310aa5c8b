// Runs clang-tidy (.clang-tidy) on addon/, with the flags of the last build:  node scripts/test/tidy.mjs [FILE…]
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { fail, find, root } from '../run.mjs';

const compiled = join(root, 'build/native/compile_commands.json');
const directory = join(root, 'build/tidy');
const program = ['clang-tidy', 'clang-tidy-14'].find((name) => find(name) !== undefined);
if (program === undefined) fail('missing: clang-tidy (as root: apt-get install clang-tidy)');
if (!existsSync(compiled)) fail('build first: npm run build');

/** Each file once, although most are compiled for both hosts, and without the options that only gcc has. */
const entries = new Map();
for (const entry of JSON.parse(readFileSync(compiled, 'utf8'))) {
  const name = relative(root, entry.file);
  if (!name.startsWith('addon/') || !name.endsWith('.cpp') || entries.has(name)) continue;
  entries.set(name, { ...entry, command: entry.command.replaceAll(/ -(specs|mstack-protector-guard)=\S+/g, '') });
}
const chosen = process.argv.slice(2);
const queue = [...entries.keys()].filter((name) => chosen.length === 0 || chosen.includes(name)).sort();
mkdirSync(directory, { recursive: true });
writeFileSync(join(directory, 'compile_commands.json'), JSON.stringify([...entries.values()]));

let failed = 0;
async function worker() {
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    const args = ['--quiet', '-p', directory, '--extra-arg=-Wno-everything', name];
    const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'inherit', 'ignore'] });
    const code = await new Promise((done) => child.once('exit', done));
    if (code !== 0) failed += 1;
  }
}
const count = queue.length;
await Promise.all(Array.from({ length: availableParallelism() }, worker));
process.stdout.write(`\n${count - failed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
