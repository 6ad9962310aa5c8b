// Finds the functions that the usual commands run, with valgrind, and writes cmake/order.ld, by which the linker puts them side by
// side. Needs root and an executable with symbols (CONTRIBUTING.md, "Build"), in a mount namespace of its own:
//   node bench/order.mjs OUTPUT
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { root, run } from '../scripts/run.mjs';
import { makeBundle } from './bundles.mjs';

const executable = resolve(process.argv[2]);
const directory = mkdtempSync(join(tmpdir(), 'pocker-order-'));
const at = (name) => join(directory, name);
const options = ['--tool=callgrind', '--demangle=no', `--callgrind-out-file=${at('profile.%p')}`, '-q'];
const place = ['--root', at('run')];
/** valgrind has no clone3(2): a command that makes a process fails there, with most of its work done. */
const profiled = (...args) => spawnSync('valgrind', [...options, executable, ...place, ...args], { stdio: 'ignore' });
const real = (...args) => run(executable, [...place, ...args], { stdio: 'ignore' });

/** How many of the profiles name it, by function. */
function count(profiles) {
  const counts = new Map();
  for (const file of profiles) {
    const names = readFileSync(file, 'utf8').matchAll(/^c?fn=\(\d+\) ([A-Z_a-z][\w.]*)/gm);
    for (const name of new Set(Array.from(names, ([, name]) => name))) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

try {
  const sleep = ['create', '--bundle', makeBundle(directory, 'runc', ['sleep', '1000']), 'order'];
  profiled('--version');
  for (const config of ['runc', 'docker']) profiled('run', '--bundle', makeBundle(directory, config, ['true']), 'other');
  profiled(...sleep);
  real(...sleep);
  for (const args of [
    ['state', 'order'],
    ['start', 'order'],
    ['exec', 'order', '/bin/true'],
    ['kill', 'order', 'KILL'],
  ])
    profiled(...args);
  profiled('delete', '--force', 'order');
  const counts = count(
    readdirSync(directory)
      .filter((name) => name.startsWith('profile.'))
      .map(at),
  );
  const names = [...counts.keys()].sort((one, other) => counts.get(other) - counts.get(one) || (one < other ? -1 : 1));
  const text = `/* Made by bench/order.mjs: the functions that the usual commands run, those of all commands first. The kernel maps 16 pages at
   once, so a process has less memory if these are side by side. A name that is not there does no harm. */
SECTIONS
{
  .text.used :
  {
    *libc.a:mem*.lo(.text)
${names.map((name) => `    *(.text.${name})`).join('\n')}
  }
}
INSERT BEFORE .text;
`;
  writeFileSync(join(root, 'cmake/order.ld'), text);
} finally {
  spawnSync(executable, [...place, 'delete', '--force', 'order'], { stdio: 'ignore' });
  rmSync(directory, { recursive: true, force: true });
}
