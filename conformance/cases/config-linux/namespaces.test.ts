// config-linux.md, "Namespaces": new ones, ones joined by path, and the runtime's own.
import { spawn } from 'node:child_process';
import { readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { failed, succeeded, test } from '../../harness/case.js';
import { shell } from '../../harness/config.js';
import { runtime } from '../../harness/runtime.js';
import type { Box } from '../../harness/box.js';

const files: Record<string, string> = {
  mount: 'mnt',
  pid: 'pid',
  network: 'net',
  ipc: 'ipc',
  uts: 'uts',
  cgroup: 'cgroup',
  user: 'user',
};
const host = (type: string): string => readlinkSync(`/proc/self/ns/${files[type] ?? type}`);
const print = (types: readonly string[]): string[] =>
  shell(types.map((type) => `readlink /proc/self/ns/${files[type] ?? type}`).join('; '));

/** A sleeping process in its own new namespaces; returns its pid. */
async function holder(box: Box, flags: readonly string[]): Promise<number> {
  const child = spawn('unshare', [...flags, 'sh', '-c', 'echo; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
  box.atEnd(() => child.kill('SIGKILL'));
  await new Promise((done) => child.stdout.once('data', done));
  return child.pid ?? 0;
}

test("listed namespaces are new, the others are the runtime's", async (t, box) => {
  const every = ['mount', 'pid', 'network', 'ipc', 'uts', 'cgroup', 'user'];
  const container = box.container((config) => {
    config.process.args = print(every);
  });
  const seen = (await container.run()).stdout.trim().split('\n');
  for (const [index, type] of every.entries()) {
    const isNew = container.config.linux.namespaces.some((namespace) => namespace.type === type);
    t.equal(seen[index] !== host(type), isNew, `${type} is ${isNew ? 'new' : 'shared'}`);
  }
});

for (const type of ['network', 'ipc', 'uts', 'pid']) {
  test(`without a ${type} namespace it is the runtime's`, async (t, box) => {
    const container = box.container((config) => {
      config.linux.namespaces = config.linux.namespaces.filter((namespace) => namespace.type !== type);
      config.process.args = print([type]);
    });
    t.equal((await container.run()).stdout.trim(), host(type));
  });
}

test("the root of a new cgroup namespace is the container's cgroup", async (t, box) => {
  const container = box.container((config) => {
    config.linux.namespaces.push({ type: 'cgroup' });
    config.process.args = shell('readlink /proc/self/ns/cgroup; cat /proc/self/cgroup');
  });
  const [link, ...lines] = (await container.run()).stdout.trim().split('\n');
  t.not(link, host('cgroup'));
  for (const line of lines) t.match(line, /:\/$/, line);
});

test(
  'a new time namespace has its offsets',
  async (t, box) => {
    const container = box.container((config) => {
      config.linux.namespaces.push({ type: 'time' });
      config.linux.timeOffsets = { boottime: { secs: 1_000_000 }, monotonic: { secs: 500_000, nanosecs: 7 } };
      config.process.args = shell('readlink /proc/self/ns/time; cat /proc/self/timens_offsets; cut -d . -f 1 /proc/uptime');
    });
    const result = await container.run();
    succeeded(t, result);
    const lines = result.stdout.trim().split('\n');
    t.not(lines[0], host('time'));
    t.match(lines[1], /^monotonic +500000 +7$/);
    t.match(lines[2], /^boottime +1000000 +0$/);
    t.ok(Number(lines[3]) > 1_000_000, 'the clock is ahead');
  },
  { knownDifferences: { 'crun 1.8': 'fails without a message', 'runc 1.1': 'is older than time namespaces' } },
);

test(
  "a new time namespace has its offsets, even in a user namespace without the caller's ids",
  async (t, box) => {
    const container = box.container((config) => {
      const map = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
      config.linux.namespaces.push({ type: 'time' }, { type: 'user' });
      config.linux.uidMappings = map;
      config.linux.gidMappings = map;
      config.linux.timeOffsets = { boottime: { secs: 1_000_000 } };
      config.process.args = shell('readlink /proc/self/ns/time; cat /proc/self/timens_offsets');
    });
    await box.command('chown', ['-R', '100000:100000', container.rootfs]);
    const result = await container.run();
    succeeded(t, result);
    const lines = result.stdout.trim().split('\n');
    t.not(lines[0], host('time'));
    t.match(lines[1], /^monotonic +0 +0$/);
    t.match(lines[2], /^boottime +1000000 +0$/);
  },
  { knownDifferences: { 'crun 1.8': 'fails without a message', 'runc 1.1': 'is older than time namespaces' } },
);

test('an offset that the kernel does not accept is refused with its place', async (t, box) => {
  const container = box.container((config) => {
    config.linux.namespaces.push({ type: 'time' });
    config.linux.timeOffsets = { boottime: { secs: -1_000_000_000_000 } };
  });
  const result = await container.run();
  t.not(result.code, 0);
  if (runtime.isOurs) t.match(result.stderr, /offsets of the time namespace: .*out of range/);
  t.same(await box.leftovers(), []);
});

test(
  'an offset of a clock that cannot have one is refused',
  async (t, box) => {
    const container = box.container((config) => {
      config.linux.namespaces.push({ type: 'time' });
      config.linux.timeOffsets = { realtime: { secs: 5 } };
    });
    failed(t, await container.run());
  },
  { knownDifferences: { 'runc 1.1': 'is older than time namespaces' } },
);

for (const [type, flag] of [
  ['network', '--net'],
  ['ipc', '--ipc'],
  ['uts', '--uts'],
] as const) {
  test(`a ${type} namespace is joined by its path`, async (t, box) => {
    const path = `/proc/${await holder(box, [flag])}/ns/${files[type] ?? ''}`;
    const container = box.container((config) => {
      config.linux.namespaces = config.linux.namespaces.map((namespace) =>
        namespace.type === type ? { type, path } : namespace,
      );
      config.process.args = print([type]);
    });
    t.equal((await container.run()).stdout.trim(), readlinkSync(path));
  });
}

test("a mount namespace is joined by its path: the root is the config's", async (t, box) => {
  const path = `/proc/${await holder(box, ['--mount'])}/ns/mnt`;
  const container = box.container((config) => {
    config.linux.namespaces = config.linux.namespaces.map((one) => (one.type === 'mount' ? { type: 'mount', path } : one));
    config.mounts = [{ destination: '/proc', type: 'proc', source: 'proc' }];
    config.process.args = shell('readlink /proc/self/ns/mnt; cat /marker');
  });
  writeFileSync(join(container.rootfs, 'marker'), 'mine\n');
  t.equal((await container.run()).stdout, `${readlinkSync(path)}\nmine\n`);
});

test("exec in a container with a joined mount namespace has the container's root", async (t, box) => {
  const path = `/proc/${await holder(box, ['--mount'])}/ns/mnt`;
  const container = await box.running((config) => {
    config.linux.namespaces = config.linux.namespaces.map((one) => (one.type === 'mount' ? { type: 'mount', path } : one));
    config.mounts = [{ destination: '/proc', type: 'proc', source: 'proc' }];
  });
  writeFileSync(join(container.rootfs, 'marker'), 'mine\n');
  const result = await box.runtime(['exec', container.id, 'sh', '-c', `cat /marker; ls -d ${box.directory} 2>&1`]);
  t.match(result.stdout, /^mine\nls: .*: No such file or directory\n$/);
  t.equal((await box.runtime(['exec', container.id, 'readlink', '/proc/self/ns/mnt'])).stdout.trim(), readlinkSync(path));
});

test('a cgroup namespace is joined by its path', async (t, box) => {
  const path = `/proc/${await holder(box, ['--cgroup'])}/ns/cgroup`;
  const container = box.container((config) => {
    config.linux.namespaces.push({ type: 'cgroup', path });
    config.process.args = print(['cgroup']);
  });
  t.equal((await container.run()).stdout.trim(), readlinkSync(path));
});

test(
  'a time namespace is joined by its path',
  async (t, box) => {
    const path = `/proc/${await holder(box, ['--time', '--boottime', '5000'])}/ns/time_for_children`;
    const container = box.container((config) => {
      config.linux.namespaces.push({ type: 'time', path });
      config.process.args = shell('readlink /proc/self/ns/time; grep boottime /proc/self/timens_offsets');
    });
    t.match((await container.run()).stdout, /^time:\[\d+\]\nboottime +5000 +0\n$/);
  },
  { knownDifferences: { 'crun 1.8': 'fails without a message', 'runc 1.1': 'is older than time namespaces' } },
);

test('a pid namespace is joined by its path', async (t, box) => {
  const first = box.container((config) => {
    config.process.args = ['sleep', '60'];
  });
  await first.up();
  const path = `/proc/${(await first.state()).pid}/ns/pid`;
  const second = box.container((config) => {
    config.linux.namespaces = config.linux.namespaces.map((one) => (one.type === 'pid' ? { type: 'pid', path } : one));
    config.process.args = shell('readlink /proc/self/ns/pid; cat /proc/1/cmdline | tr "\\0" " "; test $$ -ne 1 && echo second');
  });
  t.equal((await second.run()).stdout, `${readlinkSync(path)}\nsleep 60 second\n`);
  t.equal((await first.state()).status, 'running', 'the first one continues');
});

test(
  'a user namespace is joined by its path',
  async (t, box) => {
    const pid = await holder(box, ['--user']);
    for (const file of ['uid_map', 'gid_map']) writeFileSync(`/proc/${pid}/${file}`, '0 100000 65536');
    const path = `/proc/${pid}/ns/user`;
    const container = box.container((config) => {
      config.linux.namespaces.push({ type: 'user', path });
      config.process.args = shell('readlink /proc/self/ns/user; id -u');
    });
    t.equal((await container.run()).stdout, `${readlinkSync(path)}\n0\n`);
  },
  { knownDifferences: { 'runc 1.1': 'requires id mappings in addition to the path' } },
);

test(
  'a path that is not a namespace of that type, or does not exist',
  async (t, box) => {
    for (const path of ['/proc/self/ns/uts', box.path('not-there'), '/dev/null']) {
      const container = box.container((config) => {
        config.linux.namespaces = config.linux.namespaces.map((one) =>
          one.type === 'network' ? { type: 'network', path } : one,
        );
      });
      failed(t, await container.create());
    }
    t.same(await box.leftovers(), []);
  },
  { knownDifferences: { 'crun 1.8': 'leaves its cgroup' } },
);

test(
  'a namespace that is listed twice is refused',
  async (t, box) => {
    const container = box.container((config) => {
      config.linux.namespaces.push({ type: 'uts' });
    });
    failed(t, await container.create());
    t.same(await box.leftovers(), []);
  },
  { knownDifferences: { crun: 'takes it' } },
);

test(
  'an unknown type of namespace is refused',
  async (t, box) => {
    const container = box.container((config) => {
      config.linux.namespaces.push({ type: 'galaxy' });
    });
    failed(t, await container.create());
    t.same(await box.leftovers(), []);
  },
  { knownDifferences: { 'crun 1.8': 'leaves its cgroup' } },
);

test('a new network namespace has only a loopback interface, which is up', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = shell('grep -c : /proc/net/dev; ifconfig lo | grep -c UP');
  });
  t.equal((await container.run()).stdout, '1\n1\n');
});
