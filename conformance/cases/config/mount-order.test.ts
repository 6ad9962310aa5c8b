// config.md, Mounts: "The runtime MUST mount entries in the listed order": a source in the root filesystem is what earlier mounts
// have made of it, also with a user namespace or an id map.
import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { failed, succeeded, test } from '../../harness/case.js';
import type { Mount } from '../../harness/config.js';
import type { Box } from '../../harness/box.js';
import type { Container } from '../../harness/container.js';

const ids = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
const same = [{ containerID: 0, hostID: 0, size: 65_536 }];

/** Binds a volume on /first, and what is there on /second. */
function chain(box: Box, name: string, user: boolean, second: Partial<Mount> = {}): Container {
  const volume = box.path('volume');
  mkdirSync(join(volume, 'new'), { recursive: true });
  writeFileSync(join(volume, 'new/file'), 'of the volume\n');
  const container = box.container((config) => {
    config.process.args = ['cat', '/second/file'];
    if (!user) return;
    config.linux.namespaces.push({ type: 'user' });
    config.linux.uidMappings = config.linux.gidMappings = ids;
  });
  const source = join(container.rootfs, 'first', name);
  container.config.mounts.push({ destination: '/first', source: volume, options: ['bind'] });
  container.config.mounts.push({ destination: '/second', source, options: ['bind'], ...second });
  container.writeConfig();
  if (user) chownSync(container.rootfs, 100_000, 100_000);
  return container;
}

/** What the mount covers, which nobody should see. */
function cover(container: Container, name: string): void {
  mkdirSync(join(container.rootfs, 'first', name), { recursive: true });
  writeFileSync(join(container.rootfs, 'first', name, 'file'), 'covered\n');
}

/** In a user namespace. */
const early = { knownDifferences: { 'runc 1.1': 'opens all sources first', 'crun 1.8': 'opens all sources first' } };

for (const user of [false, true]) {
  const where = user ? ', in a user namespace' : '';
  test(
    `a source that an earlier mount makes${where}`,
    async (t, box) => {
      const result = await chain(box, 'new', user).run();
      succeeded(t, result);
      t.equal(result.stdout, 'of the volume\n');
    },
    user ? early : {},
  );

  test(
    `a source that an earlier mount covers${where}`,
    async (t, box) => {
      const container = chain(box, 'new', user);
      cover(container, 'new');
      t.equal((await container.run()).stdout, 'of the volume\n');
    },
    user ? early : {},
  );

  test(`a source that still does not exist at its turn${where}`, async (t, box) => {
    failed(t, await chain(box, 'missing', user).create(), /first\/missing.*no such file/is);
    t.same(await box.leftovers(), []);
  });
}

const noIdMaps = { 'runc 1.1': 'has no id-mapped mounts', 'crun 1.8': 'opens all sources first' };

for (const covered of [false, true]) {
  test(
    `with an id map, a source that an earlier mount ${covered ? 'covers' : 'makes'}`,
    async (t, box) => {
      const container = chain(box, 'new', false, { uidMappings: same, gidMappings: same });
      if (covered) cover(container, 'new');
      const result = await container.run();
      succeeded(t, result);
      t.equal(result.stdout, 'of the volume\n');
    },
    { knownDifferences: noIdMaps },
  );
}

test(
  'with an id map in a user namespace, the directory below is never bound',
  async (t, box) => {
    const container = chain(box, 'new', true, { uidMappings: same, gidMappings: same });
    cover(container, 'new');
    const result = await container.run();
    if (result.code === 0) t.equal(result.stdout, 'of the volume\n');
    else failed(t, result, /an earlier mount covers it/);
  },
  { knownDifferences: noIdMaps },
);
