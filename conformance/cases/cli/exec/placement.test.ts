// exec: who the process is, and in which cgroup.
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { succeeded, test } from '../../../harness/case.js';
import { cgroupDirectory, layout } from '../../../harness/machine/cgroup.js';
import type { CommandResult } from '../../../harness/command.js';
import { shell } from '../../../harness/config.js';
import type { Container } from '../../../harness/container.js';

const exec = (container: Container, flags: readonly string[], ...program: string[]): Promise<CommandResult> =>
  container.box.runtime(['exec', ...flags, container.id, ...program]);

/** What is not a user's number must not become user 0 (CVE-2026-30892), and 4294967295 means "unchanged" to the kernel. */
const users: readonly (readonly [text: string, ids: string | null])[] = [
  ['1', '1 9'],
  ['01', '1 9'],
  ['1:2', '1 2'],
  ['0:0', '0 0'],
  ['2147483647', '2147483647 9'],
  ['', '8 9'],
  ['1:', null],
  [':5', null],
  [':', null],
  [' 1', null],
  ['0x1', null],
  ['1:2:3', null],
  ['-1', null],
  ['+1', null],
  ['1.0', null],
  ['root', null],
  ['4294967295', null],
  ['4294967296', null],
  ['1:4294967296', null],
  ['18446744073709551616', null],
];

test(
  '--user UID[:GID]: only numbers',
  async (t, box) => {
    const container = await box.running((config) => {
      config.process.user = { uid: 8, gid: 9 };
    });
    for (const [text, ids] of users) {
      const result = await exec(container, ['--user', text], 'sh', '-c', 'echo $(id -u) $(id -g)');
      if (ids === null) {
        t.equal(result.stdout, '', `${JSON.stringify(text)} runs nothing`);
        t.equal(result.code, 255);
      } else {
        t.equal(result.stdout, `${ids}\n`, JSON.stringify(text));
      }
    }
  },
  { knownDifferences: { runc: 'uses gid 0 if only a uid is given, and reads 4294967296 as 0', crun: 'has other words' } },
);

/** The cgroup of a process in one hierarchy. */
function cgroupOf(text: string, controller: string): string {
  const lines = text.split('\n').map((line) => line.split(':'));
  const line = lines.find(([, names]) => (layout === 'v2' ? names === '' : names?.split(',').includes(controller)));
  return line?.[2] ?? '';
}

test(
  "--cgroup: a cgroup below the container's",
  async (t, box) => {
    const container = await box.running();
    mkdirSync(`${cgroupDirectory('pids', container.cgroupsPath) ?? ''}/sub`);
    const flags = layout === 'v2' ? ['--cgroup', 'sub'] : ['--cgroup', 'pids:/sub'];
    const result = await exec(container, flags, 'cat', '/proc/self/cgroup');
    succeeded(t, result);
    t.equal(cgroupOf(result.stdout, 'pids'), `${container.cgroupsPath}/sub`);
    if (layout !== 'v2') t.equal(cgroupOf(result.stdout, 'freezer'), container.cgroupsPath, 'others stay');
    for (const bad of ['nothing', '../..', 'sub/../..', 'nocontroller:sub']) {
      const refused = await exec(container, ['--cgroup', bad], 'true');
      t.equal(refused.code, 255, bad);
    }
  },
  { knownDifferences: { crun: 'has no controllers in --cgroup' } },
);

test(
  'a container that has moved its processes below its own cgroup',
  async (t, box) => {
    const container = await box.running((config) => {
      config.linux.namespaces.push({ type: 'cgroup' });
      config.mounts.push({ destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['rw'] });
      config.process.args = shell(
        'cd /sys/fs/cgroup && mkdir leaf && echo 1 > leaf/cgroup.procs && echo +pids > cgroup.subtree_control && echo up > /up; sleep 60',
      );
    });
    await container.waitForFile('up');
    const result = await exec(container, [], 'cat', '/proc/self/cgroup');
    succeeded(t, result);
    t.equal(result.stdout, '0::/leaf\n');
  },
  { skip: layout === 'v2' ? false : 'only v2 forbids processes next to cgroups' },
);

test(
  'a container whose first process was moved, and whose own cgroup is gone',
  async (t, box) => {
    const container = await box.running();
    const { pid } = await container.state();
    const own = cgroupDirectory('pids', container.cgroupsPath) ?? '';
    const elsewhere = `${own}-elsewhere`;
    mkdirSync(elsewhere);
    box.atEnd(() => rmdirSync(elsewhere));
    writeFileSync(`${elsewhere}/cgroup.procs`, `${pid}`);
    rmdirSync(own);
    const result = await exec(container, [], 'cat', '/proc/1/cgroup', '/proc/self/cgroup');
    succeeded(t, result);
    const [first, second] = result.stdout.trim().split('\n');
    t.match(first, /-elsewhere$/);
    t.equal(second, first);
    succeeded(t, await container.delete({ flags: ['--force'] }));
  },
  { skip: layout === 'v2' ? false : 'on v1, runc does not look for it' },
);

test(
  "HOME is the user's, from the container's /etc/passwd",
  async (t, box) => {
    const container = box.container((config) => {
      config.process.args = ['sleep', '60'];
    });
    await box.command('sh', [
      '-c',
      `printf 'root:x:0:0::/root:/bin/sh\\nuser:x:5:5::/home/u:/bin/sh\\n' > ${container.rootfs}/etc/passwd`,
    ]);
    await container.up();
    t.equal((await exec(container, ['--user', '5:5'], 'sh', '-c', 'echo $HOME')).stdout, '/home/u\n');
    t.equal((await exec(container, ['--user', '5:5', '-e', 'HOME=/tmp'], 'sh', '-c', 'echo $HOME')).stdout, '/tmp\n');
  },
  { knownDifferences: { crun: 'leaves it empty if --env HOME is given' } },
);

test(
  'a container that ends during exec: an error, and nothing is left',
  async (t, box) => {
    const container = await box.running((config) => {
      config.process.args = ['sleep', '0.3'];
    });
    const results: CommandResult[] = [];
    do results.push(await exec(container, [], 'true'));
    while (results.at(-1)?.code !== 255 && results.length < 500);
    t.ok(
      results.every(({ code, timedOut }) => !timedOut && [0, 137, 255].includes(code)),
      JSON.stringify(results.map(({ code }) => code)),
    );
    t.equal(results.at(-1)?.code, 255);
  },
  { knownDifferences: { crun: 'exits with another code' } },
);

test('in the host pid namespace, delete --force ends exec', async (t, box) => {
  const container = await box.running((config) => {
    config.linux.namespaces = config.linux.namespaces.filter(({ type }) => type !== 'pid');
  });
  succeeded(t, await exec(container, ['-d', '--pid-file', box.path('pid')], 'sleep', '50'));
  t.match(readFileSync(`/proc/${readFileSync(box.path('pid'), 'utf8')}/cmdline`, 'utf8'), /^sleep/);
  succeeded(t, await container.delete({ flags: ['--force'] }));
  t.same(await box.leftovers(), []);
});
