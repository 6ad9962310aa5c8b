// config-linux.md, "Default Filesystems": what engines list in every config works.
import { mkdirSync, readdirSync, readlinkSync } from 'node:fs';
import { succeeded, test } from '../../harness/case.js';
import { layout } from '../../harness/machine/cgroup.js';
import { type Mount, shell } from '../../harness/config.js';

const usual: Mount[] = [
  { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
  { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'] },
  {
    destination: '/dev/pts',
    type: 'devpts',
    source: 'devpts',
    options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
  },
  { destination: '/dev/shm', type: 'tmpfs', source: 'shm', options: ['nosuid', 'noexec', 'nodev', 'mode=1777', 'size=65536k'] },
  { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: ['nosuid', 'noexec', 'nodev'] },
  { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', 'ro'] },
  { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['nosuid', 'noexec', 'nodev', 'relatime', 'ro'] },
];

test('the usual list works', async (t, box) => {
  const container = box.container((config) => {
    config.mounts = usual;
    config.process.args = ['cat', '/proc/self/mountinfo'];
  });
  const result = await container.run();
  succeeded(t, result);
  const rows = result.stdout
    .trim()
    .split('\n')
    .map((line) => line.split(/ - | /));
  for (const mount of usual) {
    const row = rows.find((one) => one[4] === mount.destination);
    const cgroup = layout === 'v2' ? 'cgroup2' : 'tmpfs';
    const type = mount.type === 'cgroup' ? cgroup : mount.type;
    t.ok(row?.includes(type ?? ''), `${mount.destination} is a ${type ?? ''}`, { row });
    const options = row?.[5]?.split(',') ?? [];
    // On a v1 machine we fill the tmpfs; the hierarchies in it are read-only.
    for (const flag of ['nosuid', 'noexec', 'nodev', ...(type === 'tmpfs' && mount.type === 'cgroup' ? [] : ['ro'])]) {
      t.equal(options.includes(flag), mount.options?.includes(flag), `${mount.destination}: ${flag}`);
    }
  }
});

test("a cgroup mount shows only the container's cgroup, read-only", async (t, box) => {
  const container = box.container((config) => {
    config.mounts = usual;
    // Without a cgroup namespace, a v2 mount shows its whole tree.
    const script = layout === 'v2' ? 'mkdir /sys/fs/cgroup/new 2>&1' : 'head -1 cgroup.procs; mkdir new 2>&1';
    config.process.args = shell(`cd /sys/fs/cgroup/pids; ${script}`);
  });
  t.match((await container.run()).stdout, layout === 'v2' ? /Read-only file system/ : /^1\n.*Read-only file system/);
});

test('a cgroup mount together with a cgroup namespace', async (t, box) => {
  const container = box.container((config) => {
    config.mounts = usual;
    config.linux.namespaces.push({ type: 'cgroup' });
    const directory = layout === 'v2' ? '/sys/fs/cgroup' : '/sys/fs/cgroup/pids';
    config.process.args = shell(`head -1 ${directory}/cgroup.procs; grep ${directory} /proc/self/mountinfo | cut -d ' ' -f 4`);
  });
  t.match((await container.run()).stdout, /^1\n\/\n/);
});

test("/proc is the container's", async (t, box) => {
  const container = box.container((config) => {
    config.process.args = shell('set -- /proc/[0-9]*; echo $#');
  });
  t.equal((await container.run()).stdout.trim(), '1');
});

test('/dev/mqueue and /dev/shm are private', async (t, box) => {
  const container = box.container((config) => {
    config.mounts = usual;
    config.process.args = shell('touch /dev/shm/in-container; ls /dev/shm; readlink /proc/self/ns/ipc');
  });
  const [file, link] = (await container.run()).stdout.split('\n');
  t.equal(file, 'in-container');
  t.not(link, readlinkSync('/proc/self/ns/ipc'));
  t.not((await box.command('ls', ['/dev/shm/in-container'])).code, 0);
});

test('a /dev bound from the host: nothing is made in it', async (t, box) => {
  const devices = box.path('devices');
  mkdirSync(devices);
  await box.command('cp', ['-a', '/dev/null', '/dev/zero', devices]);
  const container = box.container((config) => {
    config.mounts[1] = { destination: '/dev', type: 'bind', source: devices, options: ['rbind'] };
    config.process.args = ['test', '-c', '/dev/null'];
  });
  succeeded(t, await container.run());
  t.same(readdirSync(devices).sort(), ['null', 'zero']);
});
