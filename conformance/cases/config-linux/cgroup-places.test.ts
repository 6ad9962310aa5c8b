// Cgroups in special places: with other processes, frozen, below a threaded cgroup (cgroups(7)), or for the container to manage.
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { failed, succeeded, test } from '../../harness/case.js';
import type { Box } from '../../harness/box.js';
import { cgroupDirectory, layout, readCgroup } from '../../harness/machine/cgroup.js';
import { type Config, shell } from '../../harness/config.js';

const v2Only = { skip: layout === 'v2' ? (false as const) : 'cgroup v2 only' };

const sleeping = (config: Config): void => {
  config.process.args = ['sleep', '60'];
};

/** A cgroup of the case, in the controller's hierarchy; removed at the end. */
function makeCgroup(box: Box, controller: string, path = `/${box.name}`): string {
  const directory = cgroupDirectory(controller, path) ?? '';
  mkdirSync(directory);
  box.atEnd(() => {
    rmdirSync(directory);
  });
  return directory;
}

/** A process of ours in it, until the end of the case. */
async function occupy(box: Box, directory: string): Promise<void> {
  const child = spawn('sleep', ['100'], { stdio: 'ignore' });
  const ended = new Promise((done) => child.once('exit', done));
  box.atEnd(() => {
    child.kill('SIGKILL');
    return ended;
  });
  await new Promise((done) => child.once('spawn', done));
  writeFileSync(join(directory, 'cgroup.procs'), String(child.pid));
}

for (const controller of ['devices', 'pids']) {
  test(
    `a cgroup with other processes in it is refused, where they have ${controller}`,
    async (t, box) => {
      await occupy(box, makeCgroup(box, controller));
      failed(t, await box.container().create(), /not empty/);
    },
    {
      knownDifferences: {
        'runc 1.1': 'warns alone',
        ...(controller === 'pids' && layout !== 'v2' ? { 'runc 1.5': 'looks into the hierarchy of devices alone' } : {}),
        crun: 'joins them',
      },
    },
  );
}

test(
  'so is one that has them further down',
  async (t, box) => {
    makeCgroup(box, 'devices');
    makeCgroup(box, 'devices', `/${box.name}/a`);
    await occupy(box, makeCgroup(box, 'devices', `/${box.name}/a/b`));
    failed(t, await box.container().create(), /not empty/);
  },
  { knownDifferences: { 'runc 1.1': 'warns alone', crun: 'joins them' } },
);

test(
  'a cgroup that is frozen is refused, not waited for',
  async (t, box) => {
    const directory = makeCgroup(box, 'freezer');
    const [file, value] = layout === 'v2' ? ['cgroup.freeze', '1'] : ['freezer.state', 'FROZEN'];
    writeFileSync(join(directory, file), value);
    failed(t, await box.container().create(), /frozen/);
    t.match(readFileSync(join(directory, file), 'utf8'), value, 'and is unchanged');
  },
  { knownDifferences: { crun: 'waits forever' } },
);

test('an existing empty one is used, and its limits are set', async (t, box) => {
  const directory = makeCgroup(box, 'pids', `/${box.name}-there`);
  const container = box.container((config) => {
    config.linux.cgroupsPath = `/${box.name}-there`;
    config.linux.resources = { pids: { limit: 33 } };
  });
  succeeded(t, await container.create());
  t.equal(readFileSync(join(directory, 'pids.max'), 'utf8').trim(), '33');
  succeeded(t, await container.delete({ flags: ['--force'] }));
  if (!existsSync(directory)) mkdirSync(directory);
});

test(
  'below processes, a container without domain limits',
  async (t, box) => {
    await occupy(box, makeCgroup(box, ''));
    const container = box.container((config) => {
      sleeping(config);
      config.linux.cgroupsPath = `/${box.name}/inside`;
    });
    await container.up();
    const { pid } = await container.state();
    t.equal(readFileSync(`/proc/${pid}/cgroup`, 'utf8').trim(), `0::/${box.name}/inside`);
    succeeded(t, await container.delete({ flags: ['--force'] }));
  },
  { ...v2Only, knownDifferences: { crun: 'moves the processes into a cgroup of their own' } },
);

test(
  'below processes, a memory limit is impossible, and the error says what to look for',
  async (t, box) => {
    await occupy(box, makeCgroup(box, ''));
    const container = box.container((config) => {
      config.linux.cgroupsPath = `/${box.name}/inside`;
      config.linux.resources = { memory: { limit: 64 * 1024 * 1024 } };
    });
    failed(t, await container.create(), /memory/);
  },
  { ...v2Only, knownDifferences: { crun: 'moves the processes into a cgroup of their own' } },
);

/** A cgroup whose children are threaded: pids are counted there, memory is not. */
function makeThreaded(box: Box): void {
  const directory = makeCgroup(box, '');
  const child = makeCgroup(box, '', `/${box.name}/threads`);
  writeFileSync(join(child, 'cgroup.type'), 'threaded');
  writeFileSync(join(directory, 'cgroup.subtree_control'), '+pids');
}

test(
  'below a threaded cgroup a container is threaded, too, with limits that threads can have',
  async (t, box) => {
    makeThreaded(box);
    const container = box.container((config) => {
      sleeping(config);
      config.linux.cgroupsPath = `/${box.name}/threads/one`;
      config.linux.resources = { pids: { limit: 44 } };
    });
    await container.up();
    t.equal(readCgroup('', container.cgroupsPath, 'cgroup.type'), 'threaded');
    t.equal(readCgroup('', container.cgroupsPath, 'pids.max'), '44');
    succeeded(t, await container.delete({ flags: ['--force'] }));
  },
  { ...v2Only, knownDifferences: { crun: 'does not set +pids in the cgroup above', runc: 'does not enable +pids in time' } },
);

test(
  'below a threaded cgroup a memory limit is refused',
  async (t, box) => {
    makeThreaded(box);
    const container = box.container((config) => {
      config.linux.cgroupsPath = `/${box.name}/threads/one`;
      config.linux.resources = { memory: { limit: 64 * 1024 * 1024 } };
    });
    failed(t, await container.create(), /memory/);
  },
  { ...v2Only, knownDifferences: { 'crun 1.8': 'leaves its cgroup' } },
);

/** A user namespace, a cgroup namespace, and write access to its own cgroup. */
function owning(config: Config, options: string[]): void {
  config.linux.namespaces.push({ type: 'user' }, { type: 'cgroup' });
  const mappings = [{ containerID: 0, hostID: 500_000, size: 65_536 }];
  config.linux.uidMappings = mappings;
  config.linux.gidMappings = mappings;
  config.mounts.push(
    { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['ro'] },
    { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options },
  );
  config.process.args = shell(
    'cd /sys/fs/cgroup && mkdir own inner && echo $$ > inner/cgroup.procs && echo +pids > cgroup.subtree_control && echo 5 > own/pids.max && cat own/pids.max',
  );
}

test(
  'a container with a cgroup to write in is its owner',
  async (t, box) => {
    const container = box.container((config) => owning(config, ['rw', 'nosuid', 'nodev', 'noexec']));
    const result = await container.run();
    succeeded(t, result);
    t.equal(result.stdout, '5\n');
  },
  v2Only,
);

test(
  'a container whose cgroup is mounted read-only is not',
  async (t, box) => {
    const container = box.container((config) => {
      owning(config, ['ro']);
      sleeping(config);
    });
    await container.up();
    const owner = await box.command('stat', ['-c', '%u', cgroupDirectory('', container.cgroupsPath) ?? '']);
    t.equal(owner.stdout, '0\n');
  },
  { ...v2Only, knownDifferences: { 'crun 1.8': 'changes its owner anyway' } },
);
