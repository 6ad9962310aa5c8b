// A tmpfs takes the mode of the directory that it covers, unless its options name one; what it copies up keeps its own mode.
import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { failed, type KnownDifferences, test } from '../../harness/case.js';
import { shell } from '../../harness/config.js';
import type { Box } from '../../harness/box.js';
import type { Container } from '../../harness/container.js';

const ids = [{ containerID: 0, hostID: 100_000, size: 65_536 }];

/** A tmpfs with these options on a directory with owner 3:4 and this mode, or where nothing exists; prints its mode and owner. */
function covering(box: Box, options: readonly string[], mode: number | undefined, user: boolean): Container {
  const container = box.container((config) => {
    config.mounts.push({ destination: '/place', type: 'tmpfs', source: 'tmpfs', options: [...options] });
    config.process.args = shell('stat -c "%a %u %g" /place');
    if (!user) return;
    config.linux.namespaces.push({ type: 'user' });
    config.linux.uidMappings = config.linux.gidMappings = ids;
  });
  const offset = user ? 100_000 : 0;
  if (user) chownSync(container.rootfs, offset, offset);
  if (mode === undefined) return container;
  const place = join(container.rootfs, 'place');
  mkdirSync(join(place, 'inner'), { recursive: true });
  writeFileSync(join(place, 'file'), '');
  for (const name of ['', 'inner', 'file']) chownSync(join(place, name), offset + 3, offset + 4);
  chmodSync(join(place, 'inner'), 0o2700);
  chmodSync(place, mode);
  return container;
}

const kept = 'keeps that of the directory, whatever the options say';
const differences = (options: readonly string[], mode: number | undefined): KnownDifferences => ({
  'crun 1.8': 'makes it 1777',
  ...(mode !== undefined && options.some((option) => option.startsWith('mode=')) ? { 'runc 1.1': kept } : {}),
});

const rows: readonly (readonly [what: string, options: string[], mode: number | undefined, seen: string])[] = [
  ['a private directory', [], 0o750, '750 0 0'],
  ['a directory with set-group-ID', [], 0o2775, '2775 0 0'],
  ['a directory that nobody may enter', [], 0, '0 0 0'],
  ['a read-only one', ['ro'], 0o711, '711 0 0'],
  ['with a size', ['size=64k'], 0o750, '750 0 0'],
  ['with a mode', ['mode=1751'], 0o750, '1751 0 0'],
  ['with two modes', ['mode=700', 'mode=711'], 0o750, '711 0 0'],
  ['with an owner', ['uid=7', 'gid=8'], 0o750, '750 7 8'],
  ['by mount(2)', ['silent'], 0o750, '750 0 0'],
  ['copied up', ['tmpcopyup'], 0o750, '750 0 0'],
  ['copied up, with a mode', ['tmpcopyup', 'mode=711'], 0o750, '711 0 0'],
  ['copied up, with an owner', ['tmpcopyup', 'uid=7', 'gid=8'], 0o750, '750 7 8'],
  ['nothing', [], undefined, '1777 0 0'],
  ['nothing, copied up', ['tmpcopyup'], undefined, '1777 0 0'],
  ['nothing, with a mode', ['mode=700'], undefined, '700 0 0'],
];

for (const user of [false, true]) {
  for (const [what, options, mode, seen] of rows) {
    test(
      `the mode of a tmpfs on ${what}${user ? ', in a user namespace' : ''}`,
      async (t, box) => {
        t.equal((await covering(box, options, mode, user).run()).stdout, `${seen}\n`);
      },
      { knownDifferences: differences(options, mode) },
    );
  }
}

test(
  'what is copied up keeps its modes and owners',
  async (t, box) => {
    for (const options of [['tmpcopyup'], ['tmpcopyup', 'mode=711', 'uid=7', 'gid=8']]) {
      const container = covering(box, options, 0o755, false);
      container.config.process.args = shell('cd /place; stat -c "%n %a %u %g" file inner');
      container.writeConfig();
      t.equal((await container.run()).stdout, 'file 644 3 4\ninner 2700 3 4\n');
    }
  },
  { knownDifferences: { 'runc 1.1': 'forgets set-group-ID' } },
);

test(
  'copied up by mount(2)',
  async (t, box) => {
    const container = covering(box, ['tmpcopyup', 'silent'], 0o755, false);
    container.config.process.args = ['ls', '/place'];
    container.writeConfig();
    t.equal((await container.run()).stdout, 'file\ninner\n');
  },
  { knownDifferences: { 'crun 1.8': 'does not know "silent"' } },
);

test('a tmpfs on a file', async (t, box) => {
  const container = covering(box, [], undefined, false);
  writeFileSync(join(container.rootfs, 'place'), '');
  failed(t, await container.create(), /not a directory/i);
  t.same(await box.leftovers(), []);
});
