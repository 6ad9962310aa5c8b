// What a container mounts and unmounts stays in it, on a host whose mounts are shared, whatever propagation the config asks for.
// The host's mount table is the same before, while it runs, and (as in every case) after it.
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Box } from '../harness/box.js';
import { succeeded, test, type CaseOptions } from '../harness/case.js';
import { type Config, shell } from '../harness/config.js';
import { MountTable } from '../harness/machine/mount-table.js';
import { change, knownDifferences } from '../harness/topics/mounts.js';

const userNamespace = (config: Config): void => {
  const map = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
  config.linux.namespaces.push({ type: 'user' });
  config.linux.uidMappings = config.linux.gidMappings = map;
};

/** A host directory on its own mount, which is shared as all are. */
async function mounted(box: Box, name: string): Promise<string> {
  const path = box.path(name);
  mkdirSync(join(path), { recursive: true });
  await box.command('mount', ['-t', 'tmpfs', 'none', path]);
  box.atEnd(() => box.command('umount', ['-l', path]));
  mkdirSync(join(path, 'inner'));
  return path;
}

/** The program may mount. */
function administrator(config: Config): void {
  const all = ['CAP_SYS_ADMIN', 'CAP_SYS_CHROOT', 'CAP_DAC_OVERRIDE'];
  config.process.capabilities = { bounding: all, effective: all, permitted: all };
}

/** Everything that a runtime mounts; the program continues with that once it runs. */
function busy(config: Config, source: string): void {
  administrator(config);
  const options = ['rbind'];
  config.mounts.push({ destination: '/bound', type: 'bind', source, options });
  config.mounts.push({ destination: '/bound/inner', type: 'tmpfs', source: 'tmpfs' });
  config.mounts.push({ destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['ro'] });
  config.mounts.push({ destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['ro'] });
  config.linux.maskedPaths = ['/proc/keys', '/tmp'];
  config.linux.readonlyPaths = ['/proc/sys'];
  config.process.args = shell('mount -t tmpfs none /own && mount -t tmpfs none /bound && echo done > /ready; exec sleep 60');
}

const reaching = "what it mounts in a bind mount appears on the host as well: the host's mounts are its peers";
const reaches: CaseOptions = { knownDifferences: { runc: reaching, crun: reaching } };
const vulnerable: Readonly<Record<string, CaseOptions>> = {
  slave: reaches,
  private: reaches,
  rshared: reaches,
  shared: reaches,
  unbindable: reaches,
  runbindable: { knownDifferences: { runc: 'cannot make its own mounts in it', crun: 'cannot make its own mounts in it' } },
};

for (const propagation of ['', 'rslave', 'slave', 'rprivate', 'private', 'rshared', 'shared', 'unbindable', 'runbindable']) {
  for (const pivot of [true, false]) {
    // "private" is refused without pivot_root.
    if (!pivot && propagation.endsWith('private')) continue;
    test(
      `rootfsPropagation "${propagation}"${pivot ? '' : ' with --no-pivot'}`,
      async (t, box) => {
        const source = await mounted(box, 'source');
        const table = new MountTable();
        const container = box.container((config) => {
          if (propagation !== '') config.linux.rootfsPropagation = propagation;
          busy(config, source);
        });
        mkdirSync(join(container.rootfs, 'own'));
        succeeded(t, await container.create({ flags: pivot ? [] : ['--no-pivot'] }));
        t.same(table.changes(), [], 'created');
        succeeded(t, await container.start());
        await container.waitForFile('ready');
        t.same(table.changes(), [], 'and running');
        await container.delete({ flags: ['--force'] });
        t.same(table.changes(), [], 'and gone');
      },
      vulnerable[propagation] ?? {},
    );
  }
}

for (const propagation of ['shared', 'rshared']) {
  test(
    `mounts add to a container with a user namespace and rootfsPropagation "${propagation}"`,
    async (t, box) => {
      const source = await mounted(box, 'source');
      const table = new MountTable();
      const container = await box.running((config) => {
        userNamespace(config);
        config.linux.rootfsPropagation = propagation;
      });
      for (const name of ['added', 'empty']) mkdirSync(join(container.rootfs, name));
      const mounts = [
        { destination: '/added', type: 'bind', source, options: ['rbind'] },
        { destination: '/empty', type: 'tmpfs', source: 'tmpfs' },
      ];
      succeeded(t, await change(container, 'add', mounts));
      t.same(table.changes(), []);
    },
    { knownDifferences },
  );
}

test('a bind mount that asks to be shared with the host is, in both directions', async (t, box) => {
  const source = await mounted(box, 'source');
  mkdirSync(join(source, 'other'));
  const container = box.container((config) => {
    administrator(config);
    config.linux.rootfsPropagation = 'rshared';
    config.mounts.push({ destination: '/bound', type: 'bind', source, options: ['rbind', 'rshared'] });
    config.process.args = shell(
      'mount -t tmpfs none /bound/inner; echo up > /bound/inner/file; echo done > /ready; while ! test -e /bound/other/file; do sleep .05; done; echo seen > /seen; umount /bound/inner',
    );
  });
  await container.up();
  await container.waitForFile('ready');
  t.match((await box.command('cat', [join(source, 'inner/file')])).stdout, 'up\n', 'from the container to the host');
  await box.command('mount', ['-t', 'tmpfs', 'none', join(source, 'other')]);
  box.atEnd(() => box.command('umount', [join(source, 'other')]));
  writeFileSync(join(source, 'other/file'), 'x');
  await container.waitForFile('seen');
  await container.waitFor('stopped');
});

test('a joined mount namespace whose mounts are peers of the host', async (t, box) => {
  const child = spawn('unshare', ['--mount', '--propagation', 'unchanged', 'sh', '-c', 'echo; exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  box.atEnd(() => child.kill('SIGKILL'));
  await new Promise((done) => child.stdout.once('data', done));
  const table = new MountTable();
  const container = await box.running((config) => {
    config.linux.namespaces = config.linux.namespaces.map((one) =>
      one.type === 'mount' ? { type: 'mount', path: `/proc/${child.pid}/ns/mnt` } : one,
    );
  });
  t.same(table.changes(), []);
  await container.delete({ flags: ['--force'] });
  t.same(table.changes(), []);
});

test(
  'a container without a mount namespace does not change how the host mounts are shared',
  async (t, box) => {
    const table = new MountTable();
    const container = box.container((config) => {
      config.linux.namespaces = config.linux.namespaces.filter(({ type }) => type !== 'mount');
      config.mounts = [];
    });
    await container.run();
    t.same(table.changes(), []);
  },
  { knownDifferences: { runc: "makes the root filesystem's mount private", crun: 'makes all host mounts slaves' } },
);

// What the kernel lets a user namespace mount depends on similar mounts in the mount namespace.
const elsewhere: [type: string, probe: string][] = [
  ['proc', 'cat /tmp/keys'],
  ['sysfs', 'ls /tmp/kernel'],
];
for (const [type, probe] of elsewhere) {
  test(
    `--no-pivot leaves no ${type} of the host behind`,
    async (t, box) => {
      for (const name of ['second', 'third']) {
        mkdirSync(box.path(name));
        await box.command('mount', ['-t', type, type, box.path(name)]);
        box.atEnd(() => box.command('umount', ['-l', box.path(name)]));
      }
      // One of them is below another mount.
      await box.command('mount', ['-t', 'tmpfs', 'none', box.path('third')]);
      box.atEnd(() => box.command('umount', ['-l', box.path('third')]));
      const container = box.container((config) => {
        if (type === 'sysfs') config.mounts.push({ destination: '/sys', type: 'sysfs', source: 'sysfs' });
        config.linux.namespaces = config.linux.namespaces.filter((one) => one.type !== 'network' || type === 'sysfs');
        config.linux.maskedPaths = ['/proc/keys', '/proc/sys', '/sys/kernel', '/sys/firmware'];
        const spaces = type === 'proc' ? '-p -f' : '-n';
        config.process.args = shell(`unshare -U -r -m ${spaces} sh -c 'mount -t ${type} ${type} /tmp && ${probe}' 2>&1; echo $?`);
      });
      const result = await container.run({ flags: ['--no-pivot'] });
      succeeded(t, result);
      t.match(result.stdout, /(not permitted|denied)[^]*\n[1-9]\d*\n$/, 'none without masks can be mounted');
    },
    { knownDifferences: { 'runc 1.5': 'leaves the one below another mount' } },
  );
}
