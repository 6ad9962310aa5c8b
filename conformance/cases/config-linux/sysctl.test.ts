// config-linux.md, "Sysctl": only those that belong to a namespace of the container.
import { readFileSync } from 'node:fs';
import { failed, succeeded, test } from '../../harness/case.js';
import { shell } from '../../harness/config.js';
import { runtime } from '../../harness/runtime.js';

test('sysctls of the network and ipc namespaces', async (t, box) => {
  const container = box.container((config) => {
    config.linux.sysctl = {
      'net.ipv4.ip_forward': '1',
      'net.ipv4.ping_group_range': '0 99',
      'kernel.msgmax': '12345',
      'fs.mqueue.msg_max': '33',
    };
    config.process.args = shell(
      'cd /proc/sys; cat net/ipv4/ip_forward net/ipv4/ping_group_range kernel/msgmax fs/mqueue/msg_max',
    );
  });
  const before = readFileSync('/proc/sys/kernel/msgmax', 'utf8');
  const result = await container.run();
  succeeded(t, result);
  t.equal(result.stdout, '1\n0\t99\n12345\n33\n');
  t.equal(readFileSync('/proc/sys/kernel/msgmax', 'utf8'), before, 'the host keeps its own');
});

test(
  'a sysctl of the user namespace',
  async (t, box) => {
    const container = box.container((config) => {
      config.linux.namespaces.push({ type: 'user' });
      config.linux.uidMappings = config.linux.gidMappings = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
      config.linux.sysctl = { 'user.max_mnt_namespaces': '77' };
      config.process.args = ['cat', '/proc/sys/user/max_mnt_namespaces'];
    });
    const before = readFileSync('/proc/sys/user/max_mnt_namespaces', 'utf8');
    const result = await container.run();
    succeeded(t, result);
    t.equal(result.stdout, '77\n');
    t.equal(readFileSync('/proc/sys/user/max_mnt_namespaces', 'utf8'), before, 'the host keeps its own');
  },
  {
    knownDifferences: {
      'crun 1.8': 'is older than sysctls of user namespaces',
      'runc 1.1': 'is older than sysctls of user namespaces',
    },
  },
);

test('of more numbers than a sysctl has, the kernel takes the first ones', async (t, box) => {
  const container = box.container((config) => {
    config.linux.sysctl = { 'net.core.somaxconn': '10 20', 'net.ipv4.ping_group_range': '0 99 7' };
    config.process.args = shell('cd /proc/sys; cat net/core/somaxconn net/ipv4/ping_group_range');
  });
  const result = await container.run();
  succeeded(t, result);
  t.equal(result.stdout, '10\n0\t99\n');
  if (!runtime.isOurs) return;
  for (const file of ['net/core/somaxconn', 'net/ipv4/ping_group_range'])
    t.match(result.stderr, `takes fewer values than given: the rest is ignored: /proc/sys/${file}`);
});

test('a sysctl of the uts namespace', async (t, box) => {
  const container = box.container((config) => {
    config.linux.sysctl = { 'kernel.domainname': 'example.net' };
    config.process.args = ['cat', '/proc/sys/kernel/domainname'];
  });
  t.equal((await container.run()).stdout, 'example.net\n');
});

test('a key with slashes', async (t, box) => {
  const container = box.container((config) => {
    config.linux.sysctl = { 'net/ipv4/ip_forward': '1' };
    config.process.args = ['cat', '/proc/sys/net/ipv4/ip_forward'];
  });
  t.equal((await container.run()).stdout, '1\n');
});

test('a sysctl of the whole machine is refused', async (t, box) => {
  const before = readFileSync('/proc/sys/vm/swappiness', 'utf8');
  const container = box.container((config) => {
    config.linux.sysctl = { 'vm.swappiness': before.trim() };
  });
  failed(t, await container.create(), /swappiness/);
  t.equal(readFileSync('/proc/sys/vm/swappiness', 'utf8'), before);
  t.same(await box.leftovers(), []);
});

for (const [key, type] of [
  ['net.ipv4.ip_forward', 'network'],
  ['kernel.msgmax', 'ipc'],
] as const) {
  test(`${key} without a ${type} namespace is refused`, async (t, box) => {
    const path = `/proc/sys/${key.replaceAll('.', '/')}`;
    const before = readFileSync(path, 'utf8');
    const container = box.container((config) => {
      config.linux.namespaces = config.linux.namespaces.filter((namespace) => namespace.type !== type);
      config.linux.sysctl = { [key]: before.trim() };
    });
    failed(t, await container.create());
    t.equal(readFileSync(path, 'utf8'), before);
    t.same(await box.leftovers(), []);
  });
}

test('a sysctl that does not exist', async (t, box) => {
  const container = box.container((config) => {
    config.linux.sysctl = { 'net.ipv4.no_such_key': '1' };
  });
  failed(t, await container.create(), /no_such_key/);
  t.same(await box.leftovers(), []);
});

test('a key that leads elsewhere', async (t, box) => {
  const before = readFileSync('/proc/sys/vm/swappiness', 'utf8');
  const container = box.container((config) => {
    config.linux.sysctl = { 'net/../vm/swappiness': before.trim() };
  });
  failed(t, await container.create());
  t.same(await box.leftovers(), []);
});

test('a value that the kernel refuses', async (t, box) => {
  const container = box.container((config) => {
    config.linux.sysctl = { 'net.ipv4.ip_forward': 'perhaps' };
  });
  failed(t, await container.create());
  t.same(await box.leftovers(), []);
});

test(
  'domainname together with its sysctl: the sysctl wins, and a warning says so',
  async (t, box) => {
    for (const [domainname, warned] of [
      ['other.net', runtime.isOurs],
      ['example.net', false],
    ] as const) {
      const container = box.container((config) => {
        config.domainname = domainname;
        config.linux.sysctl = { 'kernel.domainname': 'example.net' };
        config.process.args = ['cat', '/proc/sys/kernel/domainname'];
      });
      const result = await container.run();
      succeeded(t, result);
      t.equal(result.stdout, 'example.net\n');
      t.equal(result.stderr.includes('has no effect'), warned, 'said', { stderr: result.stderr });
    }
  },
  { knownDifferences: { crun: 'refuses the combination' } },
);
