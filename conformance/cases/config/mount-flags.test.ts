// Which flags a bind mount has, depending on those that its options name and those of its source. mount(8) and runc clear what is
// not named, as soon as anything is; in a user namespace, what is locked stays (mount_namespaces(7)).
import { chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { failed, type KnownDifferences, succeeded, test } from '../../harness/case.js';
import { type Config, type Mount, shell } from '../../harness/config.js';
import type { Box } from '../../harness/box.js';
import type { Container } from '../../harness/container.js';
import { flagRows, type FlagRow, sourceNames, sources, type SourceName } from './mount-flag-rows.js';

const ids = [{ containerID: 0, hostID: 100_000, size: 65_536 }];

function asUser(config: Config): void {
  config.linux.namespaces.push({ type: 'user' });
  config.linux.uidMappings = config.linux.gidMappings = ids;
}

async function makeSource(box: Box, name: SourceName): Promise<string> {
  const path = box.path('source');
  const below = join(path, 'below');
  mkdirSync(path);
  await box.command('mount', ['-t', 'tmpfs', 'none', path]);
  box.atEnd(() => box.command('umount', [path]));
  mkdirSync(below);
  await box.command('mount', ['-t', 'tmpfs', 'none', below]);
  box.atEnd(() => box.command('umount', [below]));
  for (const mount of [below, path]) await box.command('mount', ['-o', `remount,bind,${sources[name]}`, mount]);
  return path;
}

function mountsOf(source: string, rows: readonly FlagRow[]): Mount[] {
  return rows.map(({ options }, index) => ({ destination: `/mnt/${index}`, source, options: [...options] }));
}

function containerWith(box: Box, mounts: Mount[], user: boolean): Container {
  const container = box.container((config) => {
    config.mounts.push(...mounts);
    config.process.args = ['grep', ' /mnt/', '/proc/self/mountinfo'];
    if (user) asUser(config);
  });
  if (user) chownSync(container.rootfs, 100_000, 100_000);
  return container;
}

/** The flags by mount point. */
function flagsIn(mountinfo: string): Map<string, string> {
  const lines = mountinfo.trim().split('\n');
  return new Map(lines.map((line) => line.split(' ')).map((words) => [words[4] ?? '', words[5] ?? '']));
}

/** runc refuses "bind" if something is mounted below, and "norelatime" if relatime is locked, although it changes nothing. */
const isTaken = ({ inUser, options }: FlagRow, name: SourceName): boolean =>
  inUser[name] !== undefined && !options.includes('bind') && !options.includes('norelatime');

const differences: KnownDifferences = {
  'runc 1.1': 'clears nothing that is not named, and does not know half of the words',
  'crun 1.8': 'has other masks',
};

for (const name of sourceNames) {
  for (const user of [false, true]) {
    test(
      `the flags of a bind mount, its source being ${name}${user ? ', in a user namespace' : ''}`,
      async (t, box) => {
        const rows = flagRows.filter((row) => !user || isTaken(row, name));
        const result = await containerWith(box, mountsOf(await makeSource(box, name), rows), user).run();
        succeeded(t, result);
        const found = flagsIn(result.stdout);
        // From the row with only "rbind".
        const own = found.get(`/mnt/${rows.findIndex(({ options }) => options.join() === 'rbind')}/below`);
        rows.forEach((row, index) => {
          const below = found.get(`/mnt/${index}/below`) ?? own;
          const seen = `${found.get(`/mnt/${index}`) ?? ''}${below === own ? '' : `;${below ?? ''}`}`;
          t.equal(seen, user ? row.inUser[name] : row.seen[name], row.options.join());
        });
      },
      { knownDifferences: differences },
    );
  }
}

for (const name of ['hardened', 'noatime'] as const) {
  test(
    `what is locked in a user namespace, the source being ${name}`,
    async (t, box) => {
      const source = await makeSource(box, name);
      for (const row of flagRows.filter(({ options, inUser }) => options.length === 2 && inUser[name] === undefined)) {
        const container = containerWith(box, mountsOf(source, [row]), true);
        failed(t, await container.create(), /locked|not permitted/);
        const left = (await box.leftovers()).filter((what) => !what.startsWith('mount '));
        t.same(left, [], row.options.join());
      }
    },
    { knownDifferences: differences },
  );
}

const remounts: readonly (readonly [mount: Partial<Mount>, flags: string, superblock: RegExp])[] = [
  [{ options: ['remount', 'bind', 'ro'] }, 'ro,relatime', /^rw/],
  [{ options: ['remount', 'bind', 'noexec', 'noatime'] }, 'rw,noexec,noatime', /^rw/],
  [{ options: ['remount', 'bind'] }, 'rw,relatime', /^rw/],
  [{ type: 'none', source: 'none', options: ['remount', 'ro', 'nosuid'] }, 'ro,nosuid,relatime', /^ro/],
  [{ type: 'tmpfs', source: 'tmpfs', options: ['remount', 'size=128k', 'sync'] }, 'rw,relatime', /^rw,sync.*size=128k/],
];

for (const [mount, flags, superblock] of remounts) {
  test(
    `a remount clears what it does not name: ${mount.options?.join() ?? ''}`,
    async (t, box) => {
      const first: Mount = { destination: '/mnt', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'nodev', 'lazytime'] };
      const container = containerWith(box, [first, { destination: '/mnt', ...mount }], false);
      container.config.process.args = ['grep', ' /mnt ', '/proc/self/mountinfo'];
      container.writeConfig();
      const words = (await container.run()).stdout.trim().split(' ');
      t.equal(words[5], flags);
      t.match(words.at(-1), superblock);
      t.equal(words.at(-1)?.includes('lazytime'), mount.options?.includes('bind'), 'the filesystem itself only without "bind"');
    },
    { knownDifferences: { 'crun 1.8': 'passes some of them to the filesystem' } },
  );
}

test('a tmpfs that is remounted read-only still takes the mount points of later mounts', async (t, box) => {
  const mounts: Mount[] = [
    { destination: '/mnt', type: 'tmpfs', source: 'tmpfs' },
    { destination: '/mnt', type: 'tmpfs', source: 'tmpfs', options: ['remount', 'ro'] },
    { destination: '/mnt/later', type: 'tmpfs', source: 'tmpfs' },
  ];
  const container = containerWith(box, mounts, false);
  container.config.process.args = shell('stat -f -c %T /mnt/later; touch /mnt/x 2>&1 || true');
  container.writeConfig();
  t.match((await container.run()).stdout, /^tmpfs\n.*Read-only file system/);
});

for (const mount of [
  { type: 'none', source: 'none', options: ['remount'] },
  { type: 'none', source: '/', options: ['remount', 'bind'] },
  { type: 'tmpfs', source: 'tmpfs', options: ['remount', 'ro'] },
]) {
  test(`a remount of something that is not a mount point is refused: ${mount.options.join()}`, async (t, box) => {
    const container = box.container((config) => {
      config.mounts.push({ destination: '/etc', ...mount });
    });
    failed(t, await container.run(), /invalid argument/i);
    t.same(await box.leftovers(), []);
  });
}
