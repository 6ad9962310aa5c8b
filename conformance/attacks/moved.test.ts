// What the runtime writes to /proc and takes from /dev while others move these directories and put their own in place: labels,
// sysctls and terminals must still be the kernel's (CVE-2025-52881, CVE-2025-62596, CVE-2025-52565, CVE-2025-31133).
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { succeeded } from '../harness/case.js';
import { type Mount, shell } from '../harness/config.js';
import { exchange } from '../harness/topics/exchange.js';
import { Terminal } from '../harness/topics/terminal.js';
import { attack, race } from './attack.js';

const ttl = 'sys/net/ipv4/ip_default_ttl';

/** A fake procfs made of files; its settings are links to where the attacker wants the runtime to write. */
function fakeProc(directory: string, victim: string): void {
  for (const name of ['sys/net/ipv4', 'self/attr/apparmor', 'self/task', 'thread-self/attr', 'self/fd'])
    mkdirSync(join(directory, name), { recursive: true });
  symlinkSync(victim, join(directory, ttl));
  for (const name of [
    'self/attr/exec',
    'self/attr/apparmor/exec',
    'thread-self/attr/exec',
    'self/oom_score_adj',
    'self/setgroups',
  ])
    symlinkSync(victim, join(directory, name));
}

attack('/proc is another directory by the time that sysctls and labels are written', async (t, box) => {
  const victim = box.path('victim');
  writeFileSync(victim, 'mine\n');
  const container = box.container((config) => {
    config.linux.sysctl = { 'net.ipv4.ip_default_ttl': '77' };
    config.process.oomScoreAdj = 321;
    config.process.args = shell(`cat /moved/${ttl} /moved/self/oom_score_adj`);
    const swap = 'cd "$1" && mv proc moved && mv fake proc';
    const args = ['sh', '-c', swap, 'sh', join(box.path('bundle'), 'rootfs')];
    config.hooks = { createRuntime: [{ path: '/bin/sh', args, env: ['PATH=/bin:/usr/bin'] }] };
  });
  fakeProc(join(container.rootfs, 'fake'), victim);
  const result = await container.run();
  if (result.code === 0) t.equal(result.stdout, '77\n321\n');
  t.equal(readFileSync(victim, 'utf8'), 'mine\n');
});

attack('the same as a race', async (t, box) => {
  const victim = box.path('victim');
  writeFileSync(victim, 'mine\n');
  const container = box.container((config) => {
    config.linux.sysctl = { 'net.ipv4.ip_default_ttl': '77' };
    config.process.args = shell(`cat /proc/${ttl} /fake/${ttl}`);
  });
  fakeProc(join(container.rootfs, 'fake'), victim);
  mkdirSync(join(container.rootfs, 'proc'), { recursive: true });
  exchange(box, join(container.rootfs, 'proc'), join(container.rootfs, 'fake'));
  await race(async () => {
    await container.run();
  });
  t.equal(readFileSync(victim, 'utf8'), 'mine\n');
});

/** /dev comes from the image, so a container that shares it can change it. */
const devpts: Mount = { destination: '/dev/pts', type: 'devpts', source: 'devpts', options: ['newinstance', 'ptmxmode=0666'] };

for (const name of ['console', 'pts', 'null', 'ptmx']) {
  attack(`/dev/${name} takes turns with a link to the host while terminals are made`, async (t, box) => {
    const outside = box.path('outside');
    mkdirSync(outside);
    for (const file of ['ptmx', '0', 'file']) writeFileSync(join(outside, file), 'mine\n', { mode: 0o600 });
    const container = box.container((config) => {
      config.mounts = config.mounts.filter(({ destination }) => destination !== '/dev');
      config.mounts.push(devpts);
      config.process.terminal = true;
      config.process.user = { uid: 1000, gid: 1000 };
      config.linux.maskedPaths = ['/secret'];
      config.process.args = shell('echo x > /dev/console; echo x > /dev/null');
    });
    writeFileSync(join(container.rootfs, 'secret'), 'x');
    const dev = join(container.rootfs, 'dev');
    mkdirSync(join(dev, 'pts'), { recursive: true });
    if (name !== 'pts') writeFileSync(join(dev, name), '');
    symlinkSync(name === 'pts' ? outside : join(outside, 'file'), join(dev, 'link'));
    exchange(box, join(dev, name), join(dev, 'link'));
    const terminal = await Terminal.listen(box);
    await race(async () => {
      await container.create({ flags: ['--console-socket', terminal.socket] });
      await container.start();
      await container.delete({ flags: ['--force'] });
    });
    for (const file of ['ptmx', '0', 'file']) {
      t.equal(readFileSync(join(outside, file), 'utf8'), 'mine\n');
      t.equal((await box.command('stat', ['-c', '%u %a', join(outside, file)])).stdout, '0 600\n');
    }
    succeeded(t, await box.command('ls', [outside]));
  });
}
