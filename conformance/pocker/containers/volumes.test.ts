// Volumes and bind mounts.
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import t from 'tap';
import { Box } from '../harness/box.js';

const box = new Box();

const run = (flags: readonly string[], script: string) =>
  box.pocker('run', '--rm', '--network', 'none', ...flags, 'busybox', 'sh', '-c', script);

void t.test('bind mounts, both ways and read-only', (t) => {
  mkdirSync(box.path('shared'));
  writeFileSync(box.path('shared/in'), 'from the host\n');
  t.match(run(['-v', `${box.path('shared')}:/s`], 'cat /s/in; echo back >/s/out'), { code: 0, out: 'from the host\n' });
  t.equal(readFileSync(box.path('shared/out'), 'utf8'), 'back\n');
  t.match(run(['-v', `${box.path('shared')}:/s:ro`], 'echo x >/s/no'), { code: 1, err: 'Read-only file system' });
  t.match(run(['--mount', `type=bind,src=${box.path('shared')},dst=/s,readonly`], 'echo x >/s/no'), { code: 1 });
  t.match(run(['-v', `${box.path('made')}:/s`], 'true'), { code: 0 });
  t.ok(statSync(box.path('made')).isDirectory(), '-v makes it');
  t.match(run(['--mount', `type=bind,src=${box.path('nosuch')},dst=/s`], 'true'), {
    code: 125,
    err: 'bind source path does not exist',
  });
  t.match(run(['-v', `${box.path('shared/in')}:/file`], 'cat /file'), { code: 0, out: 'from the host\n' }, 'a file');
  t.end();
});

void t.test('a named volume is filled from the image once, and outlives its containers', (t) => {
  t.match(run(['-v', 'data:/etc'], 'cat /etc/passwd; echo mine >/etc/mine'), { code: 0, out: /^root:x:0:0/ });
  t.match(run(['-v', 'data:/etc'], 'cat /etc/mine; rm /etc/passwd'), { code: 0, out: 'mine\n' });
  t.match(run(['-v', 'data:/etc'], 'ls /etc').out, /^mine$/m);
  t.notMatch(run(['-v', 'data:/etc'], 'ls /etc').out, /^passwd$/m, 'not filled again');
  t.match(run(['-v', 'bare:/etc:nocopy'], 'test -e /etc/passwd'), { code: 1 });
  t.match(box.pocker('volume', 'ls', '-q'), { out: 'bare\ndata\n' });
  t.equal(box.pocker('volume', 'inspect', '--format', '{{.Mountpoint}}', 'data').out, `${box.path('root/volumes/data/_data')}\n`);
  t.match(box.pocker('volume', 'rm', 'data', 'bare'), { code: 0, out: 'data\nbare\n' });
  t.notOk(existsSync(box.path('root/volumes/data')));
  t.end();
});

void t.test('used and unused volumes', (t) => {
  t.match(box.pocker('volume', 'create', '--label', 'a=b', 'kept'), { code: 0, out: 'kept\n' });
  t.match(box.pocker('volume', 'create', 'kept'), { code: 0, out: 'kept\n' }, 'again');
  t.match(box.pocker('create', '--name', 'user', '--network', 'none', '-v', 'kept:/k', '-v', '/anonymous', 'busybox', 'true'), {
    code: 0,
  });
  t.match(box.pocker('volume', 'rm', 'kept'), { code: 1, err: /remove kept: volume is in use - \[[0-9a-f]{64}\]/ });
  t.match(box.pocker('start', 'user'), { code: 0 });
  t.match(box.pocker('volume', 'ls', '--format', '{{.Name}}', '--filter', 'label=a=b'), { out: 'kept\n' });
  t.match(box.pocker('volume', 'ls', '-q').out.trim().split('\n').length, 2);
  t.match(box.pocker('rm', '-f', '-v', 'user'), { code: 0 });
  t.match(box.pocker('volume', 'ls', '-q'), { out: 'kept\n' }, 'rm -v removes those without a name');
  t.match(box.pocker('volume', 'create'), { code: 0, out: /^[0-9a-f]{64}\n$/ });
  t.match(box.pocker('volume', 'prune', '-f'), {
    code: 0,
    out: /^Deleted Volumes:\n[0-9a-f]{64}\n\nTotal reclaimed space: 0B\n$/,
  });
  t.match(box.fed('n\n', 'volume', 'prune', '-a'), { code: 0, out: 'Are you sure you want to continue? [y/N]' });
  t.match(box.pocker('volume', 'ls', '-q'), { out: 'kept\n' }, 'no is no');
  t.match(box.fed('y\n', 'volume', 'prune', '-a'), { code: 0, out: 'kept' });
  t.match(box.pocker('volume', 'ls', '-q'), { out: '' });
  t.end();
});

void t.test('tmpfs', (t) => {
  t.match(run(['--tmpfs', '/t:size=1m'], 'grep " /t " /proc/mounts; dd if=/dev/zero of=/t/x bs=1M count=2'), {
    code: 1,
    out: /tmpfs \/t tmpfs .*noexec.*size=1024k/,
    err: 'No space left on device',
  });
  t.end();
});

void t.test('what is wrong', (t) => {
  const rows: readonly (readonly [words: readonly string[], code: number, err: string])[] = [
    [['volume', 'rm', 'nosuch'], 1, 'No such volume: nosuch'],
    [['volume', 'inspect', 'nosuch'], 1, 'No such volume: nosuch'],
    [['volume', 'create', 'a/b'], 1, 'includes invalid characters for a local volume name'],
    [['run', '--rm', '-v', 'a:b:c:d', 'busybox', 'true'], 125, "invalid volume specification: 'a:b:c:d'"],
    [['run', '--rm', '-v', 'a:b', 'busybox', 'true'], 125, "invalid mount path: 'b' mount path must be absolute"],
    [['run', '--rm', '-v', '/a:/x', '-v', '/b:/x', 'busybox', 'true'], 125, 'Duplicate mount point: /x'],
    [['run', '--rm', '--mount', 'type=bind,src=/a', 'busybox', 'true'], 125, 'target is required'],
  ];
  for (const [words, code, err] of rows) t.match(box.pocker(...words), { code, err }, words.join(' '));
  t.match(box.pocker('volume', 'rm', '-f', 'nosuch'), { code: 0 });
  t.end();
});

void t.test('nothing is left', async (t) => {
  t.same(await box.close(), []);
});
