// Who a program is, and what it may do, when the image or the command line tries to make it more.
import { readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { succeeded } from '../harness/case.js';
import { shell } from '../harness/config.js';
import { attack } from './attack.js';

attack("a user of the image whose name is a number does not lend it root's id (CVE-2016-3697)", async (t, box) => {
  const container = await box.running();
  writeFileSync(join(container.rootfs, 'etc/passwd'), '1000:x:0:0:root:/root:/bin/sh\n0:x:1000:1000::/:/bin/sh\n');
  const id = async (user: string): Promise<string> =>
    (await container.verb('exec', { flags: ['--user', user] }, ['/bin/sh', '-c', 'id -u; id -g'])).stdout;
  t.equal(await id('1000'), '1000\n0\n');
  t.equal(await id('1000:1000'), '1000\n1000\n');
  t.equal(await id('0'), '0\n0\n');
});

attack('capabilities of exec are not inheritable (CVE-2022-29162, CVE-2022-27650, CVE-2025-27612)', async (t, box) => {
  const container = await box.running((config) => {
    const own = ['CAP_CHOWN', 'CAP_KILL', 'CAP_NET_RAW'];
    config.process.capabilities = { bounding: own, effective: own, permitted: own };
  });
  for (const flags of [[], ['--cap', 'CAP_KILL'], ['--cap', 'CAP_SYS_ADMIN'], ['--user', '1000', '--cap', 'CAP_KILL']]) {
    const { stdout } = await container.verb('exec', { flags }, ['grep', '-E', 'CapInh|CapAmb', '/proc/self/status']);
    t.match(stdout, /^CapInh:\t0+\n/, flags.join(' '));
    t.match(stdout, /CapAmb:\t0+\n$/, flags.join(' '));
  }
});

attack('nor are those of create, unless the config says so (CVE-2022-24769)', async (t, box) => {
  const container = box.container((config) => {
    const own = ['CAP_CHOWN', 'CAP_SYS_ADMIN'];
    config.process.capabilities = { bounding: own, effective: own, permitted: own };
    config.process.args = ['grep', 'CapInh', '/proc/self/status'];
  });
  t.match((await container.run()).stdout, /^CapInh:\t0+\n/);
});

attack('programs of the image are not what the runtime runs on the host (CVE-2026-84042)', async (t, box) => {
  const container = await box.running((config) => {
    config.linux.namespaces.push({ type: 'user' });
    config.linux.uidMappings = config.linux.gidMappings = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
  });
  const marker = box.path('marker');
  for (const name of ['ps', 'criu', 'newuidmap', 'newgidmap', 'pocker-init', 'pocker-systemd']) {
    rmSync(join(container.rootfs, 'bin', name), { force: true });
    writeFileSync(join(container.rootfs, 'bin', name), `#!/bin/sh\necho ran >> ${marker}\n`, { mode: 0o755 });
  }
  const here = { cwd: join(container.rootfs, 'bin') };
  succeeded(t, await container.verb('ps', here));
  for (const verb of ['checkpoint', 'pause', 'resume', 'state']) await container.verb(verb, here);
  await container.verb('exec', here, ['true']);
  succeeded(t, await container.delete({ ...here, flags: ['--force'] }));
  succeeded(t, await container.run({ ...here, timeout: 5000, flags: ['--detach'] }));
  t.equal((await box.command('cat', [marker])).stdout, '');
});

attack('the environment of the caller reaches neither the container nor a hook (CVE-2025-23266)', async (t, box) => {
  const env = { ...process.env, SECRET: 'x', NODE_OPTIONS: '', OTHER: '3' };
  const file = box.path('environment');
  const show = 'cat /proc/self/environ';
  const container = box.container((config) => {
    const hook = { path: '/bin/sh', args: ['sh', '-c', `${show} >> ${file}`], env: ['PATH=/bin:/usr/bin'] };
    config.hooks = { createRuntime: [hook], createContainer: [hook], poststart: [hook], poststop: [hook] };
    config.process.args = shell(show);
  });
  const result = await container.run({ env });
  succeeded(t, result);
  t.match(result.stdout, 'PATH=/bin\0');
  const heard = result.stdout + readFileSync(file, 'utf8');
  t.notMatch(heard, /SECRET|OTHER|NODE_OPTIONS/);
});

// Some of them, such as /proc/kmsg, are emptied by whoever reads them, and the runtime may read more than the container.
attack(
  'an image whose passwd file is a link to a file of procfs',
  async (t, box) => {
    const container = box.container((config) => {
      config.domainname = 'root:x:0:0::/of/procfs:/bin/sh';
      config.process.args = shell('cat /etc/passwd; echo $HOME');
    });
    rmSync(join(container.rootfs, 'etc/passwd'), { force: true });
    symlinkSync('/proc/sys/kernel/domainname', join(container.rootfs, 'etc/passwd'));
    t.equal((await container.run()).stdout, 'root:x:0:0::/of/procfs:/bin/sh\n/\n');
  },
  { knownDifferences: { runc: 'reads it' } },
);
