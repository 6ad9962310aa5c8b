// Puts the standalone executable into /usr/local/bin (or $PREFIX/bin).
//   node scripts/install-system.mjs
import { copyFileSync, chmodSync, existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { fail, root } from './run.mjs';

const source = join(root, 'dist/pocker-runc');
const directory = join(process.env['PREFIX'] ?? '/usr/local', 'bin');
if (!existsSync(source)) fail('dist/pocker-runc is missing: npm run build');
try {
  mkdirSync(directory, { recursive: true });
  // A copy beside it, then a rename: a running one is never written into.
  const copy = join(directory, `.pocker-runc-${process.pid}`);
  copyFileSync(source, copy);
  chmodSync(copy, 0o755);
  renameSync(copy, join(directory, 'pocker-runc'));
} catch (error) {
  fail(`cannot install into ${directory}: ${error.message}`);
}
process.stdout.write(`${join(directory, 'pocker-runc')}\n`);
