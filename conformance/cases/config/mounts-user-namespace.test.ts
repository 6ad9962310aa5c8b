// Mounts in a user namespace: what it may not mount is bound, and what a source must not lose is kept (mount_namespaces(7)).
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { failed, succeeded, test } from '../../harness/case.js';
import { type Config, type Mount, shell } from '../../harness/config.js';
import type { Box } from '../../harness/box.js';
import type { Container } from '../../harness/container.js';
import { runtime } from '../../harness/runtime.js';

const ids = [{ containerID: 0, hostID: 100_000, size: 65_536 }];

/** A container with its own user namespace, without the namespaces that it shares with the host. */
function inUser(box: Box, mounts: Mount[], script: string, shared: readonly string[] = []): Container {
  const container = box.container((config: Config) => {
    config.linux.namespaces = config.linux.namespaces.filter(({ type }) => !shared.includes(type));
    config.linux.namespaces.push({ type: 'user' });
    config.linux.uidMappings = config.linux.gidMappings = ids;
    config.mounts = config.mounts.filter(({ destination }) => !mounts.some((other) => other.destination === destination));
    config.mounts.push(...mounts);
    config.process.args = shell(script);
  });
  // A user namespace's root cannot make anything in a directory of the host's root.
  for (const { destination } of mounts) mkdirSync(join(container.rootfs, destination), { recursive: true });
  return container;
}

const lineOf = (target: string): string => `grep ' ${target} ' /proc/self/mountinfo | head -n 1`;

test(
  "without its own network namespace, the host's /sys is bound, with restrictions on the whole tree",
  async (t, box) => {
    const sys = { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', 'ro'] };
    const script = `${lineOf('/sys')}; ls /sys/class/net; grep ' /sys' /proc/self/mountinfo | grep -vc ' ro,'; true`;
    const result = await inUser(box, [sys], script, ['network']).run();
    succeeded(t, result);
    t.match(result.stdout, / \/sys ro,nosuid,nodev,noexec.* - sysfs /);
    t.match(result.stdout, /^lo$/m);
    t.match(result.stdout, /^0$/m, 'nothing below it is writable');
    if (runtime.isOurs) t.match(result.stderr, /sysfs.*\/sys/, 'and a warning says so');
  },
  { knownDifferences: { runc: 'it refuses', 'crun 1.8': 'does not restrict it' } },
);

test(
  "without its own pid namespace, the host's /proc is bound",
  async (t, box) => {
    const proc = { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'nodev'] };
    const result = await inUser(box, [proc], 'readlink /proc/self/ns/pid; test -d /proc/$$', ['pid']).run();
    succeeded(t, result);
    t.match(result.stdout, (await box.command('readlink', ['/proc/self/ns/pid'])).stdout);
  },
  { knownDifferences: { runc: 'it refuses', 'crun 1.8': 'refuses' } },
);

test('with its own namespaces, proc, sysfs, devpts and mqueue are its own', async (t, box) => {
  const mounts = [
    { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['ro'] },
    { destination: '/dev/pts', type: 'devpts', source: 'devpts', options: ['newinstance', 'ptmxmode=0666', 'mode=0620'] },
    { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue' },
  ];
  const result = await inUser(box, mounts, 'ls /proc | grep -c "^[0-9]"; ls /sys/class/net; stat -f -c %T /dev/pts').run();
  succeeded(t, result);
  t.equal(result.stderr, '');
  t.match(result.stdout, /^lo$/m);
});

/** A host tmpfs with these mount options. */
async function restricted(box: Box, options: string): Promise<string> {
  const path = box.path('source');
  mkdirSync(path);
  await box.command('mount', ['-t', 'tmpfs', '-o', options, 'none', path]);
  box.atEnd(() => box.command('umount', [path]));
  return path;
}

test(
  'a bind mount keeps the flags of its source',
  async (t, box) => {
    const source = await restricted(box, 'nosuid,nodev,noexec,noatime');
    for (const [options, seen] of [
      [['bind'], /^rw,nosuid,nodev,noexec,noatime/],
      [['rbind', 'rprivate'], /^rw,nosuid,nodev,noexec,noatime/],
      [['bind', 'ro'], /^ro,nosuid,nodev,noexec,noatime/],
      [['bind', 'rw', 'nosuid'], /^rw,nosuid,nodev,noexec,noatime/],
    ] as const) {
      const mount = { destination: '/mnt', source, options: [...options] };
      const result = await inUser(box, [mount], `${lineOf('/mnt')} | cut -d ' ' -f 6`).run();
      succeeded(t, result);
      t.match(result.stdout, seen, options.join());
    }
  },
  {
    knownDifferences: { 'runc 1.1': 'cannot change such a mount', 'crun 1.8': 'clears the others with "ro"' },
  },
);

test(
  'clearing one of them is an error',
  async (t, box) => {
    const source = await restricted(box, 'nosuid,nodev,noexec,noatime');
    for (const option of ['suid', 'dev', 'exec', 'atime', 'strictatime', 'rsuid']) {
      const bind = option === 'rsuid' ? 'rbind' : 'bind';
      const container = inUser(box, [{ destination: '/mnt', source, options: [bind, option] }], 'true');
      const result = await container.create();
      failed(t, result);
      if (runtime.isOurs) t.match(result.stderr, /\/mounts\/2/, option);
    }
  },
  { knownDifferences: { 'runc 1.1': 'ignores it silently', crun: 'it clears them' } },
);

test(
  'so is making a read-only one writable, even if the whole filesystem is read-only',
  async (t, box) => {
    const source = await restricted(box, 'ro');
    const mount = { destination: '/mnt', source, options: ['bind', 'rw'] };
    failed(t, await inUser(box, [mount], 'true').create());
    await box.command('mount', ['-o', 'remount,rw', source]);
    await box.command('mount', ['-o', 'remount,bind,ro', source]);
    failed(t, await inUser(box, [mount], 'true').create());
  },
  { knownDifferences: { 'runc 1.1': 'ignores it silently', crun: 'it makes it writable' } },
);

test(
  'nor may root in the container clear them later',
  async (t, box) => {
    const source = await restricted(box, 'nodev');
    await box.command('mount', ['-o', 'remount,bind,ro', source]);
    const script =
      'mount -o remount,bind,rw /mnt && echo writable; mount -o remount,bind,ro,dev /mnt && echo devices; echo tried';
    const container = inUser(box, [{ destination: '/mnt', source, options: ['bind'] }], script);
    const all = ['CAP_SYS_ADMIN'];
    container.config.process.capabilities = { bounding: all, effective: all, permitted: all };
    container.writeConfig();
    t.equal((await container.run()).stdout, 'tried\n');
  },
  { knownDifferences: { 'crun 1.8': 'does not lock them' } },
);

test('a file is bound in a directory that only root may enter', async (t, box) => {
  const directory = box.path('closed');
  mkdirSync(directory, { mode: 0o700 });
  writeFileSync(join(directory, 'file'), 'found\n', { mode: 0o644 });
  const mount = { destination: '/tmp', source: directory, options: ['bind'] };
  const container = inUser(box, [mount], 'true');
  writeFileSync(join(container.rootfs, 'etc/file'), '');
  container.config.mounts = container.config.mounts.filter(({ destination }) => destination !== '/tmp');
  container.config.mounts.push({ destination: '/etc/file', source: join(directory, 'file'), options: ['bind', 'ro'] });
  container.config.process.args = ['cat', '/etc/file'];
  container.writeConfig();
  t.equal((await container.run()).stdout, 'found\n');
});

/** Mounts in a peer group, as all are when systemd has made them. */
async function share(box: Box, path: string, what: readonly string[]): Promise<void> {
  await box.command('mount', [...what, path]);
  box.atEnd(() => box.command('umount', ['-l', path]));
  await box.command('mount', ['--make-shared', path]);
}

const [major = 0, minor = 0] = release().split('.').map(Number);
const tmpfsIdMaps = major * 100 + minor < 603 ? 'tmpfs can be id-mapped since Linux 6.3' : false;

const ofHost = (): string[] => readFileSync('/proc/self/mountinfo', 'utf8').split('\n');

test('the root filesystem is on a shared mount, and nothing mounted in it gets out', async (t, box) => {
  const container = inUser(box, [], 'sleep 60');
  await share(box, container.bundle, ['--bind', container.bundle]);
  await container.up();
  t.same(
    ofHost().filter((line) => line.includes(container.rootfs)),
    [],
  );
});

test(
  'so is a source with an id map: what the container mounts below it stays inside',
  async (t, box) => {
    const source = box.path('source');
    mkdirSync(source);
    await share(box, source, ['-t', 'tmpfs', 'none']);
    mkdirSync(join(source, 'inner'));
    const mounts = [
      { destination: '/mnt', source, options: ['bind', 'idmap'] },
      { destination: '/mnt/inner', type: 'tmpfs', source: 'tmpfs' },
    ];
    await inUser(box, mounts, 'sleep 60').up();
    t.same(
      ofHost().filter((line) => line.includes('/inner ')),
      [],
    );
  },
  { skip: tmpfsIdMaps, knownDifferences: { runc: 'version 1.1 has no id-mapped mounts' } },
);
