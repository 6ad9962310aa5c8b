// config.md, "Mounts": their order, their options, and the mount points made for them.
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { failed, succeeded, test } from '../../harness/case.js';
import { type Config, type Mount, shell } from '../../harness/config.js';
import type { Box } from '../../harness/box.js';

/** A host directory containing the file `marker`. */
function source(box: Box, name = 'source'): string {
  const path = box.path(name);
  mkdirSync(path);
  writeFileSync(join(path, 'marker'), `${name}\n`);
  return path;
}

/** What a shell script prints in a container with additional mounts. */
async function output(
  box: Box,
  mounts: Mount[],
  script: string,
  change: (config: Config) => void = () => undefined,
): Promise<string> {
  const container = box.container((config) => {
    config.mounts.push(...mounts);
    config.process.args = shell(script);
    change(config);
  });
  const result = await container.run();
  if (result.code !== 0) throw new Error(`run failed (${result.code}): ${result.stderr}`);
  return result.stdout;
}

const optionsOf = (target: string): string => `grep ' ${target} ' /proc/self/mountinfo | cut -d ' ' -f 6`;
const superOptionsOf = (target: string): string => `grep ' ${target} ' /proc/self/mountinfo | sed 's/.* //'`;

test('a directory and a file are bound, on mount points that are made', async (t, box) => {
  const path = source(box);
  const text = await output(
    box,
    [
      { destination: '/made/dir', type: 'bind', source: path, options: ['bind'] },
      { destination: '/made/too/file', type: 'bind', source: join(path, 'marker'), options: ['bind'] },
    ],
    'cat /made/dir/marker /made/too/file; stat -c %F /made/too/file',
  );
  t.equal(text, 'source\nsource\nregular file\n');
});

test('mounts are made in the order of the list: the last is on top', async (t, box) => {
  const text = await output(
    box,
    [
      { destination: '/place', type: 'bind', source: source(box, 'one'), options: ['bind'] },
      { destination: '/place', type: 'bind', source: source(box, 'two'), options: ['bind'] },
      { destination: '/place/inner', type: 'tmpfs', source: 'tmpfs' },
    ],
    'cat /place/marker; stat -f -c %T /place/inner',
  );
  t.equal(text, 'two\ntmpfs\n');
});

test('the options decide about a bind mount, not the type', async (t, box) => {
  const path = source(box);
  const text = await output(
    box,
    [
      { destination: '/a', type: 'none', source: path, options: ['bind'] },
      { destination: '/b', source: path, options: ['rbind'] },
    ],
    'cat /a/marker /b/marker',
  );
  t.equal(text, 'source\nsource\n');
});

test('a relative source of a bind mount starts at the bundle', async (t, box) => {
  const container = box.container((config) => {
    config.mounts.push({ destination: '/data', type: 'bind', source: 'data', options: ['bind'] });
    config.process.args = ['cat', '/data/marker'];
  });
  mkdirSync(join(container.bundle, 'data'));
  writeFileSync(join(container.bundle, 'data/marker'), 'of the bundle\n');
  t.equal((await container.run()).stdout, 'of the bundle\n');
});

test('options of a bind mount', async (t, box) => {
  const path = source(box);
  const text = await output(
    box,
    [{ destination: '/mnt', type: 'bind', source: path, options: ['bind', 'ro', 'nosuid', 'nodev', 'noexec', 'noatime'] }],
    `${optionsOf('/mnt')}; touch /mnt/new 2>&1 || true`,
  );
  t.match(text, /^ro,nosuid,nodev,noexec,noatime\n.*Read-only file system/);
});

test('rbind includes the mounts below, bind does not', async (t, box) => {
  const path = source(box);
  mkdirSync(join(path, 'below'));
  await box.command('mount', ['-t', 'tmpfs', 'none', join(path, 'below')]);
  box.atEnd(() => box.command('umount', [join(path, 'below')]));
  writeFileSync(join(path, 'below/deep'), 'deep\n');
  const text = await output(
    box,
    [
      { destination: '/with', type: 'bind', source: path, options: ['rbind'] },
      { destination: '/without', type: 'bind', source: path, options: ['bind'] },
    ],
    'cat /with/below/deep; ls /without/below',
  );
  t.equal(text, 'deep\n');
});

test('data of a tmpfs', async (t, box) => {
  const text = await output(
    box,
    [{ destination: '/mnt', type: 'tmpfs', source: 'tmpfs', options: ['size=128k', 'mode=1750', 'uid=3', 'gid=4', 'noexec'] }],
    `stat -c '%a %u %g' /mnt; ${optionsOf('/mnt')}; ${superOptionsOf('/mnt')}`,
  );
  t.match(text, /^1750 3 4\n.*noexec.*\n.*size=128k/);
});

// prettier-ignore
const flags: [option: string, seen: RegExp][] = [
  ['ro', /^ro/], ['rw', /^rw/], ['nosuid', /nosuid/], ['suid', /^(?!.*nosuid)/], ['nodev', /nodev/], ['dev', /^(?!.*nodev)/],
  ['noexec', /noexec/], ['exec', /^(?!.*noexec)/], ['noatime', /noatime/], ['nodiratime', /nodiratime/], ['relatime', /relatime/],
  ['strictatime', /^(?!.*(noatime|relatime))/], ['atime', /^(?!.*noatime)/], ['diratime', /^(?!.*nodiratime)/],
  ['norelatime', /./], ['nostrictatime', /./], ['async', /./],
];

test('every option of the specification is understood', async (t, box) => {
  const mounts = flags.map(([option], index) => ({
    destination: `/m${index}`,
    type: 'tmpfs',
    source: 'tmpfs',
    options: [option],
  }));
  const text = await output(box, mounts, flags.map((_row, index) => optionsOf(`/m${index}`)).join(';'));
  const lines = text.split('\n');
  flags.forEach(([option, seen], index) => {
    t.match(lines[index], seen, option);
  });
});

test(
  'defaults is an option that changes nothing',
  async (t, box) => {
    const text = await output(
      box,
      [{ destination: '/mnt', type: 'tmpfs', source: 'tmpfs', options: ['defaults', 'nodev'] }],
      optionsOf('/mnt'),
    );
    t.match(text, /^rw,nodev/);
  },
  { knownDifferences: { runc: 'passes it to the filesystem' } },
);

test(
  'options of the filesystem itself',
  async (t, box) => {
    const names = ['sync', 'dirsync', 'iversion', 'noiversion', 'lazytime', 'nolazytime', 'silent', 'loud'];
    const mounts = names.map((option) => ({ destination: `/m-${option}`, type: 'tmpfs', source: 'tmpfs', options: [option] }));
    const text = await output(
      box,
      mounts,
      `${superOptionsOf('/m-sync')}; ${superOptionsOf('/m-dirsync')}; ${superOptionsOf('/m-lazytime')}`,
    );
    t.match(text, /^.*sync.*\n.*dirsync.*\n.*lazytime/);
  },
  { knownDifferences: { crun: 'passes some of them to the filesystem' } },
);

for (const [option, seen] of [
  ['shared', /shared:/],
  ['slave', /^(?!.*shared:)/],
  ['private', /^(?!.*(shared|master):)/],
  ['unbindable', /unbindable/],
] as const) {
  test(
    `propagation ${option}, also recursive`,
    async (t, box) => {
      const text = await output(
        box,
        [
          { destination: '/a', type: 'bind', source: source(box), options: ['bind', option] },
          { destination: '/b', type: 'bind', source: source(box, 'other'), options: ['rbind', `r${option}`] },
        ],
        "grep ' /a ' /proc/self/mountinfo; grep ' /b ' /proc/self/mountinfo",
      );
      const [a, b] = text.split('\n');
      t.match(a, seen);
      t.match(b, seen);
    },
    { knownDifferences: { 'crun 1.8': 'makes everything private at the end' } },
  );
}

test('remount changes a mount of the same list', async (t, box) => {
  const text = await output(
    box,
    [
      { destination: '/mnt', type: 'tmpfs', source: 'tmpfs', options: ['nosuid'] },
      { destination: '/mnt', type: 'tmpfs', source: 'tmpfs', options: ['remount', 'ro', 'nosuid'] },
    ],
    optionsOf('/mnt'),
  );
  t.match(text, /^ro,nosuid/);
});

test('tmpcopyup copies what was below', async (t, box) => {
  const container = box.container((config) => {
    config.mounts.push({ destination: '/data', type: 'tmpfs', source: 'tmpfs', options: ['tmpcopyup'] });
    config.process.args = shell('cat /data/dir/file; stat -c %a /data/dir/file; readlink /data/link; echo x > /data/new');
  });
  mkdirSync(join(container.rootfs, 'data/dir'), { recursive: true });
  writeFileSync(join(container.rootfs, 'data/dir/file'), 'below\n', { mode: 0o640 });
  symlinkSync('dir/file', join(container.rootfs, 'data/link'));
  t.equal((await container.run()).stdout, 'below\n640\ndir/file\n');
  t.equal(container.read('data/new'), '', 'and what is written stays in the tmpfs');
});

test('a recursive read-only bind mount', async (t, box) => {
  const path = source(box);
  mkdirSync(join(path, 'below'));
  await box.command('mount', ['-t', 'tmpfs', 'none', join(path, 'below')]);
  box.atEnd(() => box.command('umount', [join(path, 'below')]));
  const text = await output(
    box,
    [{ destination: '/mnt', type: 'bind', source: path, options: ['rbind', 'rro'] }],
    'touch /mnt/below/x 2>&1 || true',
  );
  t.match(text, /Read-only/);
  t.notMatch(
    (await box.command('grep', [join(path, 'below'), '/proc/self/mountinfo'])).stdout,
    / ro,/,
    'the mount of the host stays as it was',
  );
});

test('a mount of a missing source, with its index and path in the message', async (t, box) => {
  const container = box.container((config) => {
    config.mounts.push({ destination: '/mnt', type: 'bind', source: box.path('not-there'), options: ['bind'] });
  });
  failed(t, await container.create(), /not-there/);
  t.same(await box.leftovers(), []);
});

test('a filesystem type that the kernel does not know', async (t, box) => {
  const container = box.container((config) => {
    config.mounts.push({ destination: '/mnt', type: 'nonsensefs', source: 'none' });
  });
  failed(t, await container.create());
  t.same(await box.leftovers(), []);
});

test('an unknown option goes to the filesystem, which refuses it', async (t, box) => {
  const container = box.container((config) => {
    config.mounts.push({ destination: '/mnt', type: 'tmpfs', source: 'tmpfs', options: ['nonsense'] });
  });
  failed(t, await container.create());
  t.same(await box.leftovers(), []);
});

test('a destination without a leading slash starts at the root', async (t, box) => {
  t.equal(await output(box, [{ destination: 'relative', type: 'tmpfs', source: 'tmpfs' }], 'stat -f -c %T /relative'), 'tmpfs\n');
});

test('mounts of the container do not reach the host', async (t, box) => {
  const container = box.container((config) => {
    config.mounts.push({ destination: '/inside', type: 'tmpfs', source: 'tmpfs' });
    config.process.args = ['sleep', '60'];
  });
  await container.up();
  t.notMatch((await box.command('cat', ['/proc/self/mountinfo'])).stdout, new RegExp(box.name));
  succeeded(t, await container.delete({ flags: ['--force'] }));
});
