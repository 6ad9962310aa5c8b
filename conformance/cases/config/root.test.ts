// config.md, "Root": where the root filesystem is, and that it can be read-only.
import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { failed, succeeded, test } from '../../harness/case.js';
import { shell } from '../../harness/config.js';

test("the program's root is root.path", async (t, box) => {
  const container = box.container((config) => {
    config.process.args = shell('cat /marker; ls -d /.. -i | cut -d / -f 1; ls -d / -i | cut -d / -f 1');
  });
  writeFileSync(join(container.rootfs, 'marker'), 'mine\n');
  const [marker, above, root] = (await container.run()).stdout.split('\n');
  t.equal(marker, 'mine');
  t.equal(above, root, 'and nothing is above it');
});

test('root.path may be absolute', async (t, box) => {
  const container = box.container((config) => {
    config.root.path = box.path('bundle', 'rootfs');
    config.process.args = shell('echo here > /here');
  });
  succeeded(t, await container.run());
  t.equal(container.read('here'), 'here\n');
});

test(
  'root.path may lead through a symbolic link in the bundle',
  async (t, box) => {
    const container = box.container((config) => {
      config.root.path = 'link';
      config.process.args = ['cat', '/marker'];
    });
    writeFileSync(join(container.rootfs, 'marker'), 'linked\n');
    symlinkSync('rootfs', join(container.bundle, 'link'));
    t.equal((await container.run()).stdout, 'linked\n');
  },
  { knownDifferences: { runc: 'refuses a root that is a link' } },
);

test('the program does not see the old root, nor its mounts', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = ['cut', '-d', ' ', '-f', '5', '/proc/self/mountinfo'];
  });
  t.same(
    (await container.run()).stdout
      .trim()
      .split('\n')
      .filter((path) => !path.startsWith('/dev/'))
      .sort(),
    ['/', '/dev', '/proc'],
  );
});

test('root.readonly', async (t, box) => {
  const container = box.container((config) => {
    config.root.readonly = true;
    config.process.args = shell('touch /file 2>&1; touch /dev/file && echo dev is writable');
  });
  t.match((await container.run()).stdout, /Read-only file system\ndev is writable/);
});

test(
  'root.readonly keeps the flags of the filesystem below',
  async (t, box) => {
    const container = box.container((config) => {
      config.root.readonly = true;
      config.process.args = ['grep', ' / / ', '/proc/self/mountinfo'];
    });
    renameSync(container.rootfs, box.path('copy'));
    mkdirSync(container.rootfs);
    await box.command('mount', ['-t', 'tmpfs', '-o', 'nosuid,nodev', 'none', container.rootfs]);
    box.atEnd(() => box.command('umount', [container.rootfs]));
    await box.command('cp', ['-a', `${box.path('copy')}/.`, container.rootfs]);
    const result = await container.run();
    succeeded(t, result);
    t.match(result.stdout, / ro,nosuid,nodev/);
  },
  { knownDifferences: { 'crun 1.8': 'drops them when it remounts', runc: 'drops them when it remounts' } },
);

test('a missing root filesystem', async (t, box) => {
  const container = box.container((config) => {
    config.root.path = 'nowhere';
  });
  failed(t, await container.create());
  t.same(await box.leftovers(), []);
});

test('a root filesystem that is a file', async (t, box) => {
  const container = box.container((config) => {
    config.root.path = 'file';
  });
  writeFileSync(join(container.bundle, 'file'), '');
  failed(t, await container.create());
  t.same(await box.leftovers(), []);
});

test('missing mount points in the root filesystem are made', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = shell('test -e /proc/self/stat && test -c /dev/null && echo fine');
  });
  for (const directory of ['proc', 'dev']) rmSync(join(container.rootfs, directory), { recursive: true });
  t.equal((await container.run()).stdout, 'fine\n');
});

test('--no-pivot', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = shell('cat /marker; ls -di /.. | cut -d / -f 1; ls -di / | cut -d / -f 1');
  });
  writeFileSync(join(container.rootfs, 'marker'), 'mine\n');
  const [marker, above, root] = (await container.run({ flags: ['--no-pivot'] })).stdout.split('\n');
  t.equal(marker, 'mine');
  t.equal(above, root);
});

test("the root directory's permissions stay", async (t, box) => {
  const container = box.container((config) => {
    config.process.args = ['stat', '-c', '%a %u', '/'];
  });
  chmodSync(container.rootfs, 0o751);
  t.equal((await container.run()).stdout, '751 0\n');
});
