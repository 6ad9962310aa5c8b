// What a hostile program can reach through descriptors and /proc: nothing on the host.
import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { failed, test } from '../../harness/case.js';
import { type Config, shell } from '../../harness/config.js';
import { runtime } from '../../harness/runtime.js';
import type { Box } from '../../harness/box.js';
import type { Container } from '../../harness/container.js';

const hash = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

test('a working directory in /proc/self/fd leads nowhere (CVE-2024-21626)', async (t, box) => {
  const container = box.container();
  for (let fd = 0; fd < 16; fd++) {
    container.config.process.cwd = `/proc/self/fd/${fd}`;
    container.writeConfig();
    const result = await container.run();
    t.not(result.code, 0, `/proc/self/fd/${fd}`);
  }
  t.same(await box.leftovers(), []);
});

test(
  'nor does it through a link of the image, or when the caller has directories open',
  async (t, box) => {
    const container = box.container((config) => {
      config.process.args = shell('ls /proc/self/cwd/../../../../../');
    });
    const extraFds = Array.from({ length: 6 }, () => openSync('/', 'r'));
    for (let fd = 3; fd < 9; fd++) {
      container.config.process.cwd = `/proc/self/fd/${fd}`;
      container.writeConfig();
      failed(t, await container.run({ extraFds }));
    }
    for (const fd of extraFds) closeSync(fd);
  },
  { knownDifferences: { 'crun 1.8': 'accepts any working directory' } },
);

test('the program has only descriptors 0, 1 and 2, whatever the caller has open', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = ['ls', '/proc/self/fd'];
  });
  const extraFds = Array.from({ length: 20 }, () => openSync('/', 'r'));
  t.equal((await container.run({ extraFds })).stdout, '0\n1\n2\n3\n');
  for (const fd of extraFds) closeSync(fd);
});

/** A container whose first process runs `script`, and a config change that lets others into its pid namespace. */
async function attacker(box: Box, script: string): Promise<(config: Config) => void> {
  const first = box.container((config) => {
    config.process.args = shell(script);
  });
  await first.up();
  const path = `/proc/${(await first.state()).pid}/ns/pid`;
  return (config) => {
    config.linux.namespaces = config.linux.namespaces.map((one) => (one.type === 'pid' ? { type: 'pid', path } : one));
  };
}

async function victims(box: Box, join_: (config: Config) => void, count: number): Promise<Container[]> {
  const containers = [];
  for (let index = 0; index < count; index++) {
    const one = box.container(join_);
    await one.run();
    containers.push(one);
  }
  return containers;
}

test('a process in a shared pid namespace cannot open the runtime for writing (CVE-2019-5736)', async (t, box) => {
  const before = hash(runtime.path);
  const script =
    'echo up > /found; while :; do for e in /proc/[0-9]*/exe; do (: >> $e) 2> /dev/null && readlink $e >> /found; done; done';
  const others = await attacker(box, script);
  await victims(box, others, 8);
  t.equal(box.containers[0]?.read('found'), 'up\n', 'no executable could be opened');
  t.equal(hash(runtime.path), before);
});

test('/proc/self/exe as the program is not the runtime', async (t, box) => {
  const before = hash(runtime.path);
  const container = box.container((config) => {
    config.process.args = ['/proc/self/exe', '--version'];
  });
  const result = await container.run({ timeout: 10_000 });
  t.equal(hash(runtime.path), before);
  t.equal(result.timedOut, false);
  const script = box.container((config) => {
    config.process.args = ['/bin/attack'];
  });
  writeFileSync(join(script.rootfs, 'bin/attack'), '#!/proc/self/exe\n', { mode: 0o755 });
  t.equal((await script.run({ timeout: 10_000 })).timedOut, false);
  t.equal(hash(runtime.path), before);
});

test(
  'a process in a shared pid namespace sees no descriptor or directory of the host (CVE-2016-9962)',
  async (t, box) => {
    const script = `echo up > /found; while :; do ls -l /proc/[0-9]*/fd /proc/[0-9]*/cwd /proc/[0-9]*/root 2> /dev/null | grep -E '${box.name}/(state|bundle)' >> /found; done`;
    const others = await attacker(box, script);
    await victims(box, others, 8);
    t.equal(box.containers[0]?.read('found'), 'up\n');
  },
  { knownDifferences: { runc: 'holds its exec.fifo without access, and its first process begins in the bundle' } },
);

test(
  'a parked container holds no descriptor of a host directory',
  async (t, box) => {
    mkdirSync(box.path('state'), { recursive: true });
    const container = box.container((config) => {
      config.process.args = ['sleep', '60'];
    });
    await container.create();
    const { pid } = await container.state();
    // What is open on a mount of the container's own namespace is the container's.
    const script = `for f in /proc/${pid}/fd/*; do test -d $f/ && sed -n 's/^mnt_id:\\s*//p' /proc/${pid}/fdinfo/\${f##*/}; done; true`;
    const open = (await box.command('sh', ['-c', script])).stdout.split('\n').filter((line) => line !== '');
    const mounted = readFileSync(`/proc/${pid}/mountinfo`, 'utf8')
      .split('\n')
      .map((line) => line.split(' ')[0]);
    t.same(
      open.filter((id) => !mounted.includes(id)),
      [],
    );
  },
  { knownDifferences: { 'runc 1.5': 'holds a procfs of its own that is in no mount table' } },
);
