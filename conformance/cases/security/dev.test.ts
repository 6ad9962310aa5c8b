// A hostile /dev in the image: through it, nothing on the host is made, removed, written or given another owner.
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { failed, succeeded, test } from '../../harness/case.js';
import { type Config, type Mount, shell } from '../../harness/config.js';
import { Terminal } from '../../harness/topics/terminal.js';
import { runtime } from '../../harness/runtime.js';

const withoutDev = (config: Config): void => {
  config.mounts = config.mounts.filter((mount) => mount.destination !== '/dev');
};
const devpts: Mount = { destination: '/dev/pts', type: 'devpts', source: 'devpts', options: ['newinstance', 'ptmxmode=0666'] };

test(
  '/dev is a link to a directory of the host (CVE-2026-41579, CVE-2026-47766)',
  async (t, box) => {
    const victim = box.path('victim');
    mkdirSync(victim);
    writeFileSync(join(victim, 'ptmx'), 'mine\n');
    const container = box.container(withoutDev);
    rmSync(join(container.rootfs, 'dev'), { recursive: true });
    symlinkSync(victim, join(container.rootfs, 'dev'));
    await container.run();
    t.same(readdirSync(victim), ['ptmx']);
    t.equal(readFileSync(join(victim, 'ptmx'), 'utf8'), 'mine\n');
  },
  { knownDifferences: { 'crun 1.8': 'is older than the fix', 'runc 1.1': 'is older than the fix' } },
);

for (const name of ['null', 'console', 'full', 'tty', 'ptmx', 'fd', 'stdin']) {
  test(`/dev/${name} is a link to a file of the host (CVE-2026-88264, CVE-2026-88265)`, async (t, box) => {
    const victim = box.path('victim');
    writeFileSync(victim, 'mine\n', { mode: 0o600 });
    const container = box.container((config) => {
      withoutDev(config);
      config.mounts.push(devpts);
      config.process.terminal = true;
      config.process.user = { uid: 1000, gid: 1000 };
      config.process.args = shell('echo written > /dev/null; echo end');
    });
    symlinkSync(victim, join(container.rootfs, 'dev', name));
    const terminal = await Terminal.listen(box);
    const created = await container.create({ flags: ['--console-socket', terminal.socket] });
    // A default device replaces whatever the image has; the console is mounted on what is there.
    if (runtime.isOurs && name === 'console') failed(t, created, /\/dev\/console.*symbolic link/);
    else if (runtime.isOurs) succeeded(t, created);
    if (created.code === 0) {
      succeeded(t, await container.start());
      await container.waitFor('stopped');
    } else failed(t, created);
    t.equal(readFileSync(victim, 'utf8'), 'mine\n');
    const status = statSync(victim);
    t.same([status.uid, status.gid, status.mode & 0o777], [0, 0, 0o600]);
    t.equal(readFileSync('/proc/self/mountinfo', 'utf8').includes(victim), false);
  });
}

// The real attack targets kernel.core_pattern of the host. Here the target is a setting of the container's own network namespace:
// a runtime that falls for it shows so, without harming the machine.
test(
  '/dev/null is a link to a sysctl: masks stay masks (CVE-2025-31133, CVE-2025-62161)',
  async (t, box) => {
    const container = box.container((config) => {
      withoutDev(config);
      config.linux.maskedPaths = ['/secret'];
      config.process.args = shell('cat /secret; echo 77 > /secret; cat /proc/sys/net/ipv4/ip_default_ttl');
    });
    writeFileSync(join(container.rootfs, 'secret'), 'secret\n');
    symlinkSync('/proc/sys/net/ipv4/ip_default_ttl', join(container.rootfs, 'dev/null'));
    const result = await container.run();
    if (result.code === 0) t.equal(result.stdout, '64\n', 'the mask is empty and writes go nowhere');
    else failed(t, result);
  },
  { knownDifferences: { 'crun 1.8': 'is older than the fix', 'runc 1.1': 'is older than the fix' } },
);

test('/dev/null is an ordinary file of the image', async (t, box) => {
  const container = box.container((config) => {
    withoutDev(config);
    config.linux.maskedPaths = ['/secret'];
    config.process.args = shell('cat /secret');
  });
  writeFileSync(join(container.rootfs, 'secret'), 'secret\n');
  writeFileSync(join(container.rootfs, 'dev/null'), 'a file\n');
  const result = await container.run();
  if (runtime.isOurs) succeeded(t, result);
  t.equal(result.stdout, '', 'neither the secret nor what the image has');
});

test('/dev/pts is a link: the terminal is a real one', async (t, box) => {
  const victim = box.path('victim');
  mkdirSync(victim);
  const container = box.container((config) => {
    config.mounts.push(devpts);
    config.process.terminal = true;
    config.process.args = shell('stat -Lc %t /proc/self/fd/0; echo end');
  });
  symlinkSync(victim, join(container.rootfs, 'dev/pts'));
  const terminal = await Terminal.listen(box);
  const created = await container.create({ flags: ['--console-socket', terminal.socket] });
  if (created.code === 0) {
    succeeded(t, await container.start());
    await terminal.waitFor('end');
    t.equal(terminal.shown(), '88\nend\n', 'major 136');
  } else failed(t, created);
  t.same(readdirSync(victim), []);
});
