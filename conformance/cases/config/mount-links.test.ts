// Mount points on and below the image's symbolic links whose targets are missing: what is missing is made where the link leads,
// in the root filesystem, and the link stays.
import { mkdirSync, readdirSync, readlinkSync, rmdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { failed, succeeded, test } from '../../harness/case.js';
import { type Config, type Mount, shell } from '../../harness/config.js';
import type { Box } from '../../harness/box.js';
import type { Container } from '../../harness/container.js';

/** A container whose image has these links. */
function linked(box: Box, links: Readonly<Record<string, string>>, change: (config: Config) => void): Container {
  const container = box.container(change);
  for (const [name, target] of Object.entries(links)) {
    const path = join(container.rootfs, name);
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(target, path);
  }
  return container;
}

/** Links in the image, a destination, and where it leads. */
const links: readonly (readonly [what: string, links: Readonly<Record<string, string>>, destination: string, place: string])[] = [
  ['an absolute link', { 'var/run': '/run' }, '/var/run', '/run'],
  ['below an absolute link', { 'var/run': '/run' }, '/var/run/secrets/sa', '/run/secrets/sa'],
  ['a relative link', { 'opt/link': '../srv/deep/place' }, '/opt/link', '/srv/deep/place'],
  ['below a relative link', { 'opt/link': '../srv/deep/place' }, '/opt/link/x', '/srv/deep/place/x'],
  ['a link to a link to a link', { a: 'b', b: '/c', c: 'opt/../d' }, '/a/e', '/d/e'],
  ['more ".." than there are directories', { 'opt/link': '../../../../../srv' }, '/opt/link', '/srv'],
  ['".." at the root', { 'opt/link': '/../../srv' }, '/opt/link', '/srv'],
  ['".." after something that is missing', { link: '/missing/../srv/./x//' }, '/link', '/srv/x'],
  ['a link in what a link leads to', { link: '/usr/lib/x', 'usr/lib': '../lib' }, '/link/y', '/lib/x/y'],
];

for (const [what, made, destination, place] of links) {
  test(`a tmpfs on ${what}`, async (t, box) => {
    const container = linked(box, made, (config) => {
      config.mounts.push({ destination, type: 'tmpfs', source: 'tmpfs', options: ['size=64k'] });
      config.process.args = ['grep', '-c', ` ${place} `, '/proc/self/mountinfo'];
    });
    const result = await container.run();
    succeeded(t, result);
    t.equal(result.stdout, '1\n', `it is on ${place}`);
    for (const [name, target] of Object.entries(made)) t.equal(readlinkSync(join(container.rootfs, name)), target);
  });

  test(`a bind mount of a file on ${what}`, async (t, box) => {
    const source = box.path('file');
    writeFileSync(source, 'bound\n');
    const container = linked(box, made, (config) => {
      config.mounts.push({ destination, type: 'bind', source, options: ['bind'] });
      config.process.args = ['cat', place];
    });
    t.equal((await container.run()).stdout, 'bound\n');
    for (const [name, target] of Object.entries(made)) t.equal(readlinkSync(join(container.rootfs, name)), target);
    t.ok(statSync(join(container.rootfs, place)).isFile(), 'the mount point is a file where the link leads');
  });
}

test('a link in a volume to something that the next mount makes', async (t, box) => {
  const [volume, inner] = [box.path('volume'), box.path('inner')];
  mkdirSync(volume);
  mkdirSync(inner);
  writeFileSync(join(inner, 'data'), 'found\n');
  symlinkSync('does-not-exist', join(volume, 'link'));
  const container = box.container((config) => {
    config.mounts.push({ destination: '/volume', type: 'bind', source: volume, options: ['rbind'] });
    config.mounts.push({ destination: '/volume/link', type: 'bind', source: inner, options: ['rbind'] });
    config.process.args = ['cat', '/volume/does-not-exist/data'];
  });
  t.equal((await container.run()).stdout, 'found\n');
  t.same(readdirSync(volume).sort(), ['does-not-exist', 'link']);
});

test('a device below a dangling link', async (t, box) => {
  const container = linked(box, { 'opt/link': '/srv/devices' }, (config) => {
    config.linux.devices = [{ path: '/opt/link/null', type: 'c', major: 1, minor: 3, fileMode: 0o666 }];
    config.process.args = shell('test -c /srv/devices/null && readlink /opt/link');
  });
  t.equal((await container.run()).stdout, '/srv/devices\n');
});

test('a device on a dangling link', async (t, box) => {
  const container = linked(box, { 'opt/null': '/srv/devices/x' }, (config) => {
    config.linux.devices = [{ path: '/opt/null', type: 'c', major: 1, minor: 3, fileMode: 0o640 }];
    config.process.args = shell('stat -c "%F %a" /srv/devices/x && readlink /opt/null');
  });
  for (const round of [1, 2])
    t.equal((await container.run()).stdout, 'character special file 640\n/srv/devices/x\n', `round ${round}`);
});

test(
  'a device on a link to something else is refused',
  async (t, box) => {
    const container = linked(box, { 'opt/null': '/etc/file' }, (config) => {
      config.linux.devices = [{ path: '/opt/null', type: 'c', major: 1, minor: 3 }];
    });
    writeFileSync(join(container.rootfs, 'etc/file'), '');
    failed(t, await container.create(), /exists/);
  },
  { knownDifferences: { runc: 'leaves what is there' } },
);

test(
  'a working directory on, and below, a dangling link',
  async (t, box) => {
    for (const cwd of ['/opt/link', '/opt/link/below']) {
      const container = linked(box, { 'opt/link': '../srv/work' }, (config) => {
        config.process.cwd = cwd;
        config.process.args = ['pwd', '-P'];
      });
      const result = await container.run();
      succeeded(t, result);
      t.equal(result.stdout, `${cwd.replace('/opt/link', '/srv/work')}\n`);
    }
  },
  { knownDifferences: { runc: 'makes no directory where a link leads' } },
);

test(
  'sysfs below a link',
  async (t, box) => {
    const container = linked(box, { 'opt/link': '/srv/kernel' }, (config) => {
      config.mounts.push({ destination: '/opt/link/sys', type: 'sysfs', source: 'sysfs', options: ['ro'] });
      config.process.args = ['test', '-d', '/srv/kernel/sys/class'];
    });
    succeeded(t, await container.run());
  },
  { knownDifferences: { 'runc 1.1': 'follows no link whose target is missing' } },
);

test('masked and read-only paths on and below a dangling link need nothing', async (t, box) => {
  const container = linked(box, { 'opt/link': '/srv/missing' }, (config) => {
    config.linux.maskedPaths = ['/opt/link', '/opt/link/below'];
    config.linux.readonlyPaths = ['/opt/link', '/opt/link/below'];
  });
  succeeded(t, await container.run());
  t.notOk(readdirSync(container.rootfs).includes('srv'));
});

const refused: readonly (readonly [
  what: string,
  links: Readonly<Record<string, string>>,
  destination: string,
  message: RegExp,
])[] = [
  ['two links that lead to each other', { a: 'b', b: 'a' }, '/a', /too many levels of symbolic links/i],
  ['below two links that lead to each other', { a: 'b', b: 'a' }, '/a/x', /too many levels of symbolic links/i],
  ['a link that leads below itself', { a: 'a/b' }, '/a', /too many levels of symbolic links/i],
  ['below a link to a file', { a: 'bin/busybox' }, '/a/x', /not a directory/i],
  ['below a link that goes through a file', { a: 'bin/busybox/../x' }, '/a', /not a directory/i],
  ['below a missing name behind a file', { a: '/missing', missing: 'bin/busybox/x' }, '/a/y', /not a directory/i],
];

for (const [what, made, destination, message] of refused) {
  test(
    `refused: ${what}`,
    async (t, box) => {
      const mounts: Mount[] = [
        { destination, type: 'tmpfs', source: 'tmpfs' },
        { destination, type: 'bind', source: box.directory, options: ['bind'] },
      ];
      for (const mount of mounts) {
        const container = linked(box, made, (config) => {
          config.mounts.push(mount);
        });
        failed(t, await container.create(), message);
        t.same(await box.leftovers(), []);
      }
    },
    what.includes('through a file') ? { knownDifferences: { 'runc 1.1': 'resolves ".." by name only' } } : {},
  );
}

test(
  'a chain of more links than the kernel follows, ending in a dangling one',
  async (t, box) => {
    const chain = Object.fromEntries(Array.from({ length: 41 }, (_, index) => [`l${index}`, `l${index + 1}`]));
    const container = linked(box, chain, (config) => {
      config.mounts.push({ destination: '/l0/x', type: 'tmpfs', source: 'tmpfs' });
    });
    failed(t, await container.create(), /too many levels of symbolic links/i);
    const shorter = linked(box, chain, (config) => {
      config.mounts.push({ destination: '/l1/x', type: 'tmpfs', source: 'tmpfs' });
      config.process.args = ['test', '-d', '/l41/x'];
    });
    succeeded(t, await shorter.run());
  },
  { knownDifferences: { runc: 'follows up to 255' } },
);

test('links that are together longer than the longest possible path', async (t, box) => {
  const long = (digit: string): string => `${`${digit.repeat(100)}/`.repeat(30)}end`;
  const container = linked(box, { a: `b/${long('1')}`, b: long('2') }, (config) => {
    config.mounts.push({ destination: '/a', type: 'tmpfs', source: 'tmpfs' });
  });
  const before = readdirSync(container.rootfs);
  failed(t, await container.create(), /name too long/i);
  t.same(readdirSync(container.rootfs), before);
});

test('a destination longer than the longest possible path', async (t, box) => {
  const container = box.container((config) => {
    config.mounts.push({ destination: `/${'long/'.repeat(1000)}`, type: 'tmpfs', source: 'tmpfs' });
  });
  failed(t, await container.create(), /name too long/i);
  t.same(await box.leftovers(), []);
});

test('what cannot be made where a link leads, on a read-only filesystem', async (t, box) => {
  const container = linked(box, { link: '/fixed/missing' }, (config) => {
    config.mounts.push({ destination: '/fixed', type: 'bind', source: box.path('fixed'), options: ['bind', 'ro'] });
    config.mounts.push({ destination: '/link/x', type: 'tmpfs', source: 'tmpfs' });
  });
  mkdirSync(box.path('fixed'));
  failed(t, await container.create(), /read-only file system/i);
  t.same(readdirSync(box.path('fixed')), []);
  rmdirSync(box.path('fixed'));
});
