// Installs missing Debian packages, for the project's own scripts.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fail, find, root, run } from './run.mjs';

function isThere({ programs = [], files = [] }) {
  return (
    programs.every((program) => find(program) !== undefined) && (files.length === 0 || files.some((file) => existsSync(file)))
  );
}

const script = join(root, 'scripts/apt-get.sh');
const install = ['install', '-q', '-y', '--no-install-recommends'];

function tryInstalling(names) {
  process.stdout.write(`installing ${names.join(' ')}\n`);
  for (const args of [['update', '-q'], ...names.map((name) => [...install, name])])
    spawnSync('sh', [script, ...args], { stdio: ['ignore', 'ignore', 'ignore'] });
}

/**
 * Installs the missing ones with apt-get, without starting their services; if that is not possible, exits with one line.
 * A package: { name, programs?, files? }. If its programs and files exist, it counts as installed, wherever they came from.
 * `optional`: without them, what needs them is skipped.
 */
export function installPackages(packages, { optional = false } = {}) {
  const missing = packages.filter((one) => !isThere(one)).map(({ name }) => name);
  if (missing.length === 0) return;
  const asRoot = process.getuid() === 0 ? [] : ['sudo'];
  if (optional) return void tryInstalling(missing);
  if (find('apt-get') === undefined || (asRoot.length > 0 && find('sudo') === undefined)) {
    fail(`missing: ${missing.join(' ')}. Install them (as root: apt-get install ${missing.join(' ')}) and try again.`);
  }
  process.stdout.write(`installing ${missing.join(' ')}\n`);
  const [program, ...before] = [...asRoot, 'sh', script];
  run(program, [...before, 'update', '-q']);
  run(program, [...before, ...install, ...missing]);
}
