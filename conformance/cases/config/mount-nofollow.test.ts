// src-nofollow, dest-nofollow and copy-symlink, as crun documents them and podman uses them: what is mounted where.
import { readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { failed, type KnownDifferences, succeeded, test } from '../../harness/case.js';
import { type Mount, shell } from '../../harness/config.js';
import type { Box } from '../../harness/box.js';
import type { Container } from '../../harness/container.js';

const knownDifferences: KnownDifferences = { runc: 'does not know them', 'crun 1.8': 'does not know them' };

/** On the host, `link` leads to `file`; in the image, /link leads to /target. */
function linked(box: Box, options: readonly string[], script: string, user = false, mount: Partial<Mount> = {}): Container {
  writeFileSync(box.path('file'), 'of the host\n');
  symlinkSync('file', box.path('link'));
  const source = box.path('link');
  const container = box.container((config) => {
    config.mounts.push({ destination: '/link', type: 'bind', source, options: ['bind', ...options], ...mount });
    config.process.args = shell(script);
    if (!user) return;
    config.linux.namespaces.push({ type: 'user' });
    config.linux.uidMappings = config.linux.gidMappings = [{ containerID: 0, hostID: 0, size: 65_536 }];
  });
  writeFileSync(join(container.rootfs, 'target'), 'of the image\n');
  symlinkSync('target', join(container.rootfs, 'link'));
  return container;
}

for (const user of [false, true]) {
  const where = user ? ', in a user namespace' : '';
  test(
    `dest-nofollow covers the link itself${where}`,
    async (t, box) => {
      const container = linked(box, ['dest-nofollow'], 'cat /link /target', user);
      const result = await container.run();
      succeeded(t, result);
      t.equal(result.stdout, 'of the host\nof the image\n');
      t.equal(readlinkSync(join(container.rootfs, 'link')), 'target');
    },
    { knownDifferences },
  );

  test(
    `src-nofollow binds the link itself${where}`,
    async (t, box) => {
      const mount = { destination: '/place' };
      const container = linked(box, ['src-nofollow'], 'readlink /place; cat /place', user, mount);
      writeFileSync(join(container.rootfs, 'file'), 'of the image, too\n');
      const result = await container.run();
      succeeded(t, result);
      t.equal(result.stdout, 'file\nof the image, too\n');
    },
    { knownDifferences },
  );

  test(
    `both of them: a link on a link${where}`,
    async (t, box) => {
      const container = linked(box, ['src-nofollow', 'dest-nofollow'], 'readlink /link', user);
      t.equal((await container.run()).stdout, 'file\n');
    },
    { knownDifferences },
  );

  test(
    `copy-symlink makes the same link${where}`,
    async (t, box) => {
      const mount = { destination: '/new/link' };
      const container = linked(box, ['copy-symlink'], 'readlink /new/link; grep -c /new /proc/self/mountinfo', user, mount);
      for (const round of [1, 2]) t.equal((await container.run()).stdout, 'file\n0\n', `round ${round}`);
    },
    { knownDifferences },
  );
}

test(
  'copy-symlink of a file is a bind mount, and of a link over something else an error',
  async (t, box) => {
    const file = linked(box, ['copy-symlink'], 'cat /place', false, { destination: '/place', source: box.path('file') });
    t.equal((await file.run()).stdout, 'of the host\n');
    file.config.mounts.splice(-1, 1, { destination: '/link', source: box.path('link'), options: ['bind', 'copy-symlink'] });
    file.writeConfig();
    failed(t, await file.create(), /exists/);
    t.same(await box.leftovers(), []);
  },
  { knownDifferences },
);

const refused: readonly (readonly [mount: Partial<Mount>, message: RegExp])[] = [
  [{ destination: '/missing', options: ['bind', 'dest-nofollow'] }, /must exist/],
  [{ options: ['bind', 'copy-symlink', 'src-nofollow'] }, /contradicts/],
  [{ options: ['bind', 'copy-symlink', 'dest-nofollow'] }, /contradicts/],
  [{ type: 'tmpfs', source: 'tmpfs', options: ['dest-nofollow'] }, /for bind mounts/],
  [{ options: ['bind', 'idmap=uids=0-1-10'] }, /something other than the source/],
  [{ options: ['bind', 'X-mount.subdir=x'] }, /something other than the source/],
];

for (const [mount, message] of refused) {
  test(
    `refused: ${mount.options?.join() ?? ''} ${mount.type ?? ''}`,
    async (t, box) => {
      failed(t, await linked(box, [], 'true', false, mount).create(), message);
      t.same(await box.leftovers(), []);
    },
    { oursOnly: true },
  );
}

test(
  'dest-nofollow does not reach what the kernel shows',
  async (t, box) => {
    const container = linked(box, [], 'true', false, { destination: '/kernel/self', options: ['bind', 'dest-nofollow'] });
    symlinkSync('/proc', join(container.rootfs, 'kernel'));
    failed(t, await container.create(), /dest-nofollow cannot be used inside proc, sysfs or devpts|inside \/proc/);
    t.same(await box.leftovers(), []);
  },
  { oursOnly: true },
);
