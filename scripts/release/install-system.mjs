// Installs the standalone executables into /usr/local/bin (or $PREFIX/bin), with the helper for --systemd-cgroup and the man
// pages.
//   node scripts/release/install-system.mjs
import { copyFileSync, chmodSync, existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { writeManPages } from './man.mjs';
import { fail, root } from '../run.mjs';

const prefix = process.env['PREFIX'] ?? '/usr/local';
const directory = join(prefix, 'bin');

/** Copies next to the target, then renames: a running executable is never written to. */
function install(name) {
  const copy = join(directory, `.${name}-${process.pid}`);
  copyFileSync(join(root, 'dist', name), copy);
  chmodSync(copy, 0o755);
  renameSync(copy, join(directory, name));
  process.stdout.write(`${join(directory, name)}\n`);
}

process.umask(0o022); // everybody may use what is installed
const built = ['pocker-runc', 'pocker', 'pocker-systemd'].filter((name) => existsSync(join(root, 'dist', name)));
if (!built.includes('pocker-runc')) fail('dist/pocker-runc is missing: npm run build');
try {
  mkdirSync(directory, { recursive: true });
  built.forEach(install);
  await writeManPages(join(prefix, 'share/man'));
} catch (error) {
  fail(`cannot install into ${directory}: ${error.message}`);
}
if (!built.includes('pocker-systemd'))
  process.stdout.write('without pocker-systemd, which needs libsystemd: no --systemd-cgroup\n');
