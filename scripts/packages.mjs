// Debian packages that the project's own files install when they are missing.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fail, find, root, run } from './run.mjs';

function isThere({ programs = [], files = [] }) {
  return (
    programs.every((program) => find(program) !== undefined) && (files.length === 0 || files.some((file) => existsSync(file)))
  );
}

/**
 * Installs those of them that are not there, by apt-get, and starts none of their services; ends the script with one line where
 * that cannot be done.
 * A package: { name, programs?, files? }, where programs and files tell that what it brings is there, whoever brought it.
 */
export function installPackages(packages) {
  const missing = packages.filter((one) => !isThere(one)).map(({ name }) => name);
  if (missing.length === 0) return;
  const asRoot = process.getuid() === 0 ? [] : ['sudo'];
  if (find('apt-get') === undefined || (asRoot.length > 0 && find('sudo') === undefined)) {
    fail(`missing: ${missing.join(' ')}. Install them (as root: apt-get install ${missing.join(' ')}) and try again.`);
  }
  process.stdout.write(`installing ${missing.join(' ')}\n`);
  const [program, ...before] = [...asRoot, 'sh', join(root, 'scripts/apt-get.sh')];
  run(program, [...before, 'update', '-q']);
  run(program, [...before, 'install', '-q', '-y', '--no-install-recommends', ...missing]);
}
