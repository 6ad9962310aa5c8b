import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { root } from '../run.mjs';

const skip = existsSync(join(root, 'dist/pocker-runc')) ? false : 'the standalone executable was not built';

t.test('everybody may use what is installed, whatever the umask', { skip }, (t) => {
  const prefix = mkdtempSync(join(tmpdir(), 'pocker-install-'));
  t.teardown(() => rmSync(prefix, { recursive: true }));
  const script = join(root, 'scripts/release/install-system.mjs');
  const { status, stderr } = spawnSync('sh', ['-c', 'umask 077 && exec "$@"', 'sh', process.execPath, script], {
    env: { ...process.env, PREFIX: prefix },
    encoding: 'utf8',
  });
  t.equal(status, 0, stderr);
  const modes = readdirSync(prefix, { recursive: true }).map((path) => {
    const found = statSync(join(prefix, path));
    return [path, (found.mode & 0o777).toString(8), found.isDirectory() || path.startsWith('bin/') ? '755' : '644'];
  });
  t.ok(modes.some(([path]) => path === 'bin/pocker-runc'));
  t.ok(modes.some(([path]) => path.endsWith('pocker-runc.8')));
  for (const [path, mode, wanted] of modes) t.equal(mode, wanted, path);
  t.end();
});
