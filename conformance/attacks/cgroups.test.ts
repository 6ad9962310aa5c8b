// A container that may make cgroups below its own nests them deeper than the longest possible path, freezes them, or never stops
// making more. Every command still works, and delete leaves none.
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Box } from '../harness/box.js';
import { failed, succeeded } from '../harness/case.js';
import { cgroupDirectory, layout } from '../harness/machine/cgroup.js';
import { shell } from '../harness/config.js';
import type { Container } from '../harness/container.js';
import { cgroupTreeProgram } from '../harness/helpers/programs.js';
import { attack as test } from './attack.js';

const v2 = layout === 'v2';
/** Where the container finds its own. */
const own = v2 ? '/sys/fs/cgroup' : '/sys/fs/cgroup/freezer';

/** It runs `script` with its cgroups writable; `make` in it is cgroup_tree's. */
async function maker(box: Box, script: string): Promise<Container> {
  const container = box.container((config) => {
    config.mounts.push({ destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['ro'] });
    config.mounts.push({ destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup' });
    if (v2) config.linux.namespaces.push({ type: 'cgroup' });
    config.process.args = shell(`make() { exec /cgroup_tree make ${own} "$@" > /ready; }; ${script}`);
  });
  copyFileSync(cgroupTreeProgram(), join(container.rootfs, 'cgroup_tree'));
  // What a runtime could not remove, a harness that only knows paths cannot remove either.
  const directory = cgroupDirectory('freezer', container.cgroupsPath) ?? '';
  box.atEnd(() => box.command(cgroupTreeProgram(), ['remove', directory]));
  box.atEnd(() => container.delete({ flags: ['--force'] }));
  await container.up();
  return container;
}

const byPath = { runc: 'knows cgroups by their paths alone', crun: 'knows cgroups by their paths alone' };

test(
  'deeper than a path may be long, by a name that is no UTF-8, and with a process in the last one',
  async (t, box) => {
    const container = await maker(box, 'make 40 & wait');
    t.equal(await container.waitForFile('ready'), 'made\n');
    const pids = async (): Promise<number> =>
      (JSON.parse((await container.verb('ps', { flags: ['--format', 'json'] })).stdout) as number[]).length;
    t.equal(await pids(), 2);
    for (const verb of ['pause', 'resume']) succeeded(t, await container.verb(verb));
    succeeded(t, await container.verb('exec', {}, ['true']));
    succeeded(t, await container.verb('kill', { flags: ['--all'] }, ['KILL']));
    await container.waitFor('stopped');
    succeeded(t, await container.delete());
    t.same(await box.leftovers(), []);
  },
  { knownDifferences: byPath },
);

test(
  'where its processes freeze themselves, which SIGKILL does not end in v1',
  async (t, box) => {
    const [file, text] = v2 ? ['cgroup.freeze', '1'] : ['freezer.state', 'FROZEN'];
    const container = await maker(box, `make 1 ${file} ${text} & wait`);
    t.equal(await container.waitForFile('ready'), 'made\n');
    succeeded(t, await container.delete({ flags: ['--force'] }));
    t.same(await box.leftovers(), []);
  },
  { knownDifferences: byPath },
);

test('more and more of them meanwhile, in a pid namespace that others are in as well', async (t, box) => {
  // Not without end: thousands more than this, and the kernel is at work on them for minutes.
  const script = `cd ${own} && while [ $((i+=1)) -lt 200 ]; do mkdir -p $1$i/x/y; done`;
  const container = box.container((config) => {
    config.linux.namespaces = config.linux.namespaces.filter(({ type }) => type !== 'pid');
    config.mounts.push({ destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['ro'] });
    config.mounts.push({ destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup' });
    if (v2) config.linux.namespaces.push({ type: 'cgroup' });
    config.process.args = shell(`for n in a b c d; do (set -- $n; ${script}) & done; echo up > /ready; exec sleep 60`);
  });
  await container.up();
  await container.waitForFile('ready');
  succeeded(t, await container.delete({ flags: ['--force'], timeout: 60_000 }));
  t.same(await box.leftovers(), []);
});

// kernfs remembers a position in a directory as a hash of the name, which is the same everywhere.
test('with names that have equal hashes, so that a position in the directory leads to another name', async (t, box) => {
  const names = 'aai al ba alal alba baal baba';
  const script = `cd ${own} && mkdir ${names} && for n in ${names}; do (sleep 60 & echo $! > $n/cgroup.procs); done; echo up > /ready; exec sleep 60`;
  const container = box.container((config) => {
    config.mounts.push({ destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['ro'] });
    config.mounts.push({ destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup' });
    if (v2) config.linux.namespaces.push({ type: 'cgroup' });
    config.process.args = shell(script);
  });
  await container.up();
  await container.waitForFile('ready');
  const { stdout } = await container.verb('ps', { flags: ['--format', 'json'] });
  t.equal((JSON.parse(stdout) as number[]).length, 8);
  for (const verb of ['pause', 'resume']) succeeded(t, await container.verb(verb));
  succeeded(t, await container.verb('kill', { flags: ['--all'] }, ['KILL']));
  await container.waitFor('stopped');
  succeeded(t, await container.delete());
  t.same(await box.leftovers(), []);
});

test(
  "the runtime's own cgroup, and those above it, cannot become a container's",
  async (t, box) => {
    for (const cgroupsPath of ['.', './', './/.', '..', '../..', '/', '//', '/.', '/..', 'a/../..']) {
      const container = box.container((config) => {
        config.linux.cgroupsPath = cgroupsPath;
        config.linux.resources = { pids: { limit: 1_000_000 } };
      });
      failed(t, await container.create(), /cgroup/);
    }
  },
  { knownDifferences: { 'runc 1.1': 'puts the container there', crun: 'puts the container there' } },
);
