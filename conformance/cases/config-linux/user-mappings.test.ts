// config-linux.md, "User namespace mappings".
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Box } from '../../harness/box.js';
import { failed, succeeded, test } from '../../harness/case.js';
import { type Config, shell } from '../../harness/config.js';
import { runtime } from '../../harness/runtime.js';

const first = 100_000;
const map = [{ containerID: 0, hostID: first, size: 65_536 }];

function mapped(config: Config): void {
  config.linux.namespaces.push({ type: 'user' });
  config.linux.uidMappings = map;
  config.linux.gidMappings = map;
}

test('ids are mapped as the config says', async (t, box) => {
  const container = box.container((config) => {
    mapped(config);
    config.process.args = shell("sed 's/  */ /g' /proc/self/uid_map /proc/self/gid_map; id -u; id -g");
  });
  const result = await container.run();
  succeeded(t, result);
  t.equal(result.stdout, ` 0 ${first} 65536\n 0 ${first} 65536\n0\n0\n`);
});

test('seen from outside, the program has the mapped ids', async (t, box) => {
  const container = box.container((config) => {
    mapped(config);
    config.process.user = { uid: 5, gid: 6, additionalGids: [7] };
    config.process.args = ['sleep', '60'];
  });
  await container.up();
  const status = readFileSync(`/proc/${(await container.state()).pid}/status`, 'utf8');
  t.match(status, new RegExp(`Uid:\\s${first + 5}\\s`));
  t.match(status, new RegExp(`Gid:\\s${first + 6}\\s`));
  t.match(status, new RegExp(`Groups:\\s.*${first + 7}`));
});

test('several ranges', async (t, box) => {
  const ranges = [
    { containerID: 0, hostID: 200_000, size: 1 },
    { containerID: 1, hostID: 300_000, size: 1000 },
    { containerID: 5000, hostID: 400_000, size: 10 },
  ];
  const container = box.container((config) => {
    mapped(config);
    config.linux.uidMappings = ranges;
    config.linux.gidMappings = ranges;
    config.process.args = shell("sed 's/  */ /g' /proc/self/uid_map");
  });
  t.equal((await container.run()).stdout, ' 0 200000 1\n 1 300000 1000\n 5000 400000 10\n');
});

test('devices, /proc and a devpts work in a user namespace', async (t, box) => {
  const container = box.container((config) => {
    mapped(config);
    config.mounts.push({
      destination: '/dev/pts',
      type: 'devpts',
      source: 'devpts',
      options: ['newinstance', 'ptmxmode=0666', 'mode=0620'],
    });
    config.process.args = shell(
      'echo x > /dev/null && head -c 4 /dev/zero | wc -c && test -c /dev/urandom && test -d /proc/1 && test -e /dev/ptmx && echo fine',
    );
  });
  t.equal((await container.run()).stdout, '4\nfine\n');
});

test('the files of the root filesystem have the owners that the map gives them', async (t, box) => {
  const container = box.container((config) => {
    mapped(config);
    config.process.args = shell('stat -c %u /tmp; echo new > /tmp/new');
  });
  chownSync(`${container.rootfs}/tmp`, first + 42, first);
  const result = await container.run();
  t.equal(result.stdout, '42\n');
  t.equal((await box.command('stat', ['-c', '%u', `${container.rootfs}/tmp/new`])).stdout, `${first}\n`);
});

test('a user that is not mapped is refused', async (t, box) => {
  const container = box.container((config) => {
    mapped(config);
    config.process.user = { uid: 70_000, gid: 0 };
  });
  failed(t, await container.create());
  t.same(await box.leftovers(), []);
});

test(
  'a user namespace without mappings is refused',
  async (t, box) => {
    const container = box.container((config) => {
      config.linux.namespaces.push({ type: 'user' });
    });
    failed(t, await container.create());
    t.same(await box.leftovers(), []);
  },
  { knownDifferences: { crun: 'invents mappings' } },
);

test(
  'ten thousand mappings: a clear error, or all of them (CVE-2021-43784)',
  async (t, box) => {
    const many = Array.from({ length: 10_000 }, (_value, index) => ({ containerID: index, hostID: first + 2 * index, size: 1 }));
    const container = box.container((config) => {
      mapped(config);
      config.linux.uidMappings = many;
      config.linux.gidMappings = many;
      config.process.args = ['wc', '-l', '/proc/self/uid_map'];
    });
    const result = await container.run();
    if (result.code === 0) t.match(result.stdout, /^10000 /);
    else failed(t, result);
    t.same(await box.leftovers(), []);
  },
  { knownDifferences: { 'crun 1.8': 'leaves its cgroup' } },
);

/** The path of a user namespace in which nobody has id 0. */
async function withoutRoot(box: Box): Promise<string> {
  const holder = spawn('unshare', ['--user', 'sleep', '60'], { stdio: 'ignore' });
  box.atEnd(() => holder.kill('SIGKILL'));
  const path = `/proc/${holder.pid}/ns/user`;
  while (readlinkSync(path) === readlinkSync('/proc/self/ns/user')) await sleep(10);
  for (const map of ['uid_map', 'gid_map']) writeFileSync(`/proc/${holder.pid}/${map}`, '1 100000 1000\n');
  return path;
}

test('a joined user namespace without id 0 is refused, and the message says why', async (t, box) => {
  const path = await withoutRoot(box);
  const container = box.container((config) => {
    config.linux.namespaces.push({ type: 'user', path });
    config.process.user = { uid: 1, gid: 1 };
  });
  const result = await container.run();
  failed(t, result, /mapping/);
  t.equal(result.code, 1, 'it is not the runtime’s fault');
  if (runtime.isOurs) t.match(result.stderr, /\/linux\/namespaces\/\d+\/path(.|\n)*Map id 0/);
  t.same(await box.leftovers(), []);
});

test('a program inside has no power outside: it cannot signal', async (t, box) => {
  const container = box.container((config) => {
    mapped(config);
    config.linux.namespaces = config.linux.namespaces.filter((namespace) => namespace.type !== 'pid');
    // procfs cannot be mounted for a pid namespace that the user namespace does not own.
    config.mounts[0] = { destination: '/proc', type: 'bind', source: '/proc', options: ['rbind'] };
    config.process.args = shell(`kill -0 ${process.pid} 2>&1 || echo refused`);
  });
  const result = await container.run();
  succeeded(t, result);
  t.match(result.stdout, /not permitted\nrefused/);
});

test(
  'a joined user namespace that denies setgroups',
  async (t, box) => {
    const holder = spawn('unshare', ['--user', '--map-root-user', 'sh', '-c', 'echo; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    box.atEnd(() => holder.kill('SIGKILL'));
    await once(holder.stdout, 'data');
    const container = box.container((config) => {
      const others = config.linux.namespaces.filter(({ type }) => type !== 'user');
      config.linux.namespaces = [...others, { type: 'user', path: `/proc/${holder.pid}/ns/user` }];
      config.process.args = ['cat', '/proc/self/setgroups'];
    });
    const result = await container.run();
    succeeded(t, result);
    t.equal(result.stdout, 'deny\n');
  },
  { knownDifferences: { 'runc 1.1': 'requires mappings for a joined namespace' } },
);
