// Containers of an ordinary user: a user namespace with only its own id, no cgroups, no privileges.
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { spawnSync } from 'node:child_process';
import { layout } from '../../harness/machine/cgroup.js';
import { test } from '../../harness/case.js';
import type { Box } from '../../harness/box.js';
import type { CommandResult } from '../../harness/command.js';
import { type Config, shell } from '../../harness/config.js';
import type { Container } from '../../harness/container.js';
import { runtime } from '../../harness/runtime.js';

const user = 65_534;
const become = [`--reuid=${user}`, `--regid=${user}`, '--clear-groups'];

const mayUseThem = spawnSync('setpriv', [...become, 'unshare', '--user', 'true']).status === 0;
const reachable = spawnSync('setpriv', [...become, runtime.path, '--version']).status === 0;
const skip = !mayUseThem
  ? 'ordinary users may not make user namespaces here'
  : runtime.isNodeHost && !reachable
    ? 'an ordinary user cannot reach the Node host where it lies'
    : false;

/** The static executable can be copied to a place that the user can reach. */
function program(box: Box): string {
  if (reachable) return runtime.path;
  copyFileSync(runtime.path, box.path('runtime'));
  chmodSync(box.path('runtime'), 0o755);
  return box.path('runtime');
}

function rootless(config: Config): void {
  const map = [{ containerID: 0, hostID: user, size: 1 }];
  config.linux.namespaces.push({ type: 'user' });
  config.linux.uidMappings = map;
  config.linux.gidMappings = map;
  delete config.linux.cgroupsPath;
  delete config.linux.resources;
}

/** The runtime as that user, with that umask and a state directory of the user's. */
async function masked(mask: string, box: Box, ...args: string[]): Promise<CommandResult> {
  mkdirSync(box.stateRoot, { recursive: true });
  await box.command('chown', ['-R', String(user), box.stateRoot]);
  const run = ['/bin/sh', '-c', `umask ${mask}; exec "$@"`, 'sh', program(box), '--root', box.stateRoot];
  return box.command('setpriv', [...become, ...run, ...args]);
}

const asUser = masked.bind(undefined, '022');
function owned(box: Box, change: (config: Config) => void): Container {
  const container = box.container((config) => {
    rootless(config);
    change(config);
  });
  spawnSync('chown', ['-R', String(user), container.bundle]);
  return container;
}

test(
  'run, as root in the container and nobody outside',
  async (t, box) => {
    const container = owned(box, (config) => {
      config.process.args = shell("id -u; sed 's/  */ /g' /proc/self/uid_map; cat /proc/self/setgroups; echo mine > /file");
    });
    const result = await asUser(box, 'run', '--bundle', container.bundle, container.id);
    t.equal(result.code, 0, 'run', { stderr: result.stderr });
    t.equal(result.stdout, `0\n 0 ${user} 1\ndeny\n`);
    t.equal(container.read('file'), 'mine\n');
    t.same(await box.leftovers(), []);
  },
  { skip },
);

test(
  'create, state, start, kill and delete',
  async (t, box) => {
    const container = owned(box, (config) => {
      config.process.args = ['sleep', '60'];
    });
    const created = await asUser(box, 'create', '--bundle', container.bundle, container.id);
    t.equal(created.code, 0, 'create', { stderr: created.stderr });
    t.match((await asUser(box, 'state', container.id)).stdout, /"status": ?"created"/);
    t.equal((await asUser(box, 'start', container.id)).code, 0, 'start');
    t.equal((await asUser(box, 'kill', container.id, 'KILL')).code, 0, 'kill');
    await container.waitFor('stopped');
    t.equal((await asUser(box, 'delete', container.id)).code, 0, 'delete');
    t.same(await box.leftovers(), []);
  },
  { skip },
);

for (const mask of ['0', '0777']) {
  test(
    `with umask ${mask} the user can access the state as usual`,
    async (t, box) => {
      const container = owned(box, (config) => {
        config.process.args = ['sleep', '60'];
      });
      const { id, bundle } = container;
      for (const args of [
        ['create', '--bundle', bundle, id],
        ['state', id],
        ['start', id],
        ['exec', id, 'true'],
      ]) {
        const result = await masked(mask, box, ...args);
        t.equal(result.code, 0, args.join(' '), { stderr: result.stderr });
      }
      t.equal((await masked(mask, box, 'delete', '--force', id)).code, 0, 'delete');
      t.same(await box.leftovers(), []);
    },
    { skip, knownDifferences: mask === '0' ? {} : { runc: 'cannot access its own directory' } },
  );
}

const limited = (config: Config): void => {
  config.linux.resources = { memory: { limit: 64 * 1024 * 1024 }, pids: { limit: 20 } };
  config.process.args = ['echo', 'ran'];
};

test(
  'limits that need a cgroup the user may not make: a warning for each, and with --strict an error',
  async (t, box) => {
    const container = owned(box, limited);
    const result = await asUser(box, 'run', '--bundle', container.bundle, container.id);
    t.equal(result.code, 0, 'run', { stderr: result.stderr });
    t.equal(result.stdout, 'ran\n');
    for (const key of ['memory', 'pids']) t.match(result.stderr, new RegExp(`/linux/resources/${key}`));
    const strict = await asUser(box, '--strict', 'run', '--bundle', container.bundle, container.id);
    t.not(strict.code, 0);
    t.match(strict.stderr, /linux\/resources/);
    t.equal(strict.stdout, '');
    t.same(await box.leftovers(), []);
  },
  { skip, oursOnly: true },
);

test(
  'exec, list and kill --all',
  async (t, box) => {
    const container = owned(box, (config) => {
      config.process.args = ['sleep', '60'];
    });
    t.equal((await asUser(box, 'run', '-d', '--bundle', container.bundle, container.id)).code, 0, 'run -d');
    const executed = await asUser(
      box,
      'exec',
      container.id,
      'sh',
      '-c',
      'id -u; readlink /proc/1/ns/pid; readlink /proc/self/ns/pid',
    );
    t.equal(executed.code, 0, 'exec', { stderr: executed.stderr });
    t.match(executed.stdout, /^0\n(pid:\[\d+\])\n\1\n$/);
    t.equal((await asUser(box, 'list', '-q')).stdout, `${container.id}\n`);
    t.equal((await asUser(box, 'kill', '--all', container.id, 'KILL')).code, 0, 'kill --all');
    await container.waitFor('stopped');
    t.equal((await asUser(box, 'delete', container.id)).code, 0, 'delete');
    t.same(await box.leftovers(), []);
  },
  { skip, knownDifferences: { crun: 'kill --all needs a cgroup', runc: 'kill --all needs a cgroup' } },
);

const helpers = spawnSync('sh', ['-c', 'command -v newuidmap newgidmap']).status === 0;

test(
  'more than one id, through newuidmap and newgidmap',
  async (t, box) => {
    const maps = [
      { containerID: 0, hostID: user, size: 1 },
      { containerID: 1, hostID: 300_000, size: 1000 },
    ];
    const container = owned(box, (config) => {
      config.linux.uidMappings = maps;
      config.linux.gidMappings = maps;
      config.process.user = { uid: 7, gid: 8, additionalGids: [9] };
      config.process.args = shell("id -u; id -G; sed 's/  */ /g' /proc/self/uid_map; cat /proc/self/setgroups");
    });
    // Only the test's own mount namespace says whom the helpers trust.
    writeFileSync(box.path('sub'), 'nobody:300000:1000\n');
    mkdirSync(box.stateRoot, { recursive: true });
    await box.command('chown', ['-R', String(user), box.stateRoot]);
    const words = [
      'setpriv',
      ...become,
      program(box),
      '--root',
      box.stateRoot,
      'run',
      '--bundle',
      container.bundle,
      container.id,
    ];
    const script = `touch /etc/subuid /etc/subgid; mount --bind ${box.path('sub')} /etc/subuid; mount --bind ${box.path('sub')} /etc/subgid; exec ${words.join(' ')}`;
    const result = await box.command('unshare', ['--mount', 'sh', '-c', script]);
    t.equal(result.code, 0, 'run', { stderr: result.stderr });
    t.equal(result.stdout, `7\n8 9\n 0 ${user} 1\n 1 300000 1000\nallow\n`);
    t.same(await box.leftovers(), []);
  },
  {
    skip: skip === false && !helpers ? 'newuidmap is not installed (Debian: uidmap)' : skip,
    knownDifferences: { runc: 'sets no additional groups for an ordinary user' },
  },
);

test(
  'ids that /etc/subuid does not grant: an error from newuidmap',
  async (t, box) => {
    const maps = [{ containerID: 0, hostID: 900_000, size: 10 }];
    const container = owned(box, (config) => {
      config.linux.uidMappings = maps;
      config.linux.gidMappings = maps;
    });
    const result = await asUser(box, 'run', '--bundle', container.bundle, container.id);
    t.not(result.code, 0);
    t.match(result.stderr, /newuidmap/);
    t.same(await box.leftovers(), []);
  },
  {
    skip: skip === false && !helpers ? 'newuidmap is not installed (Debian: uidmap)' : skip,
    knownDifferences: { crun: 'continues by itself', runc: 'fails before it calls the helper, because of its standard output' },
  },
);

/** The runtime as that user, in a v2 cgroup that belongs to the user and has only memory and pids. */
async function delegated(box: Box, ...args: string[]): Promise<CommandResult> {
  const outer = `/sys/fs/cgroup/${box.name}`;
  const top = `${outer}/user`;
  mkdirSync(box.stateRoot, { recursive: true });
  const words = ['setpriv', ...become, program(box), '--root', box.stateRoot, ...args];
  const script = [
    `chown -R ${user} ${box.stateRoot}`,
    'echo +memory +pids > /sys/fs/cgroup/cgroup.subtree_control',
    `mkdir -p ${top}/shell`,
    `echo +memory +pids > ${outer}/cgroup.subtree_control`,
    `echo $$ > ${top}/shell/cgroup.procs`,
    `chown ${user} ${top} ${top}/cgroup.procs ${top}/cgroup.subtree_control ${top}/cgroup.threads`,
    `chown ${user} ${top}/shell ${top}/shell/cgroup.procs`,
    `exec ${words.join(' ')}`,
  ].join(' && ');
  box.atEnd(async () => {
    await sleep(100);
    spawnSync('sh', ['-c', `rmdir ${top}/* ${top} ${outer}`]);
  });
  return box.command('sh', ['-c', script]);
}

test(
  'a user with a cgroup has limits',
  async (t, box) => {
    const container = owned(box, (config) => {
      limited(config);
      config.linux.cgroupsPath = `/${box.name}/user/container`;
      config.linux.namespaces.push({ type: 'cgroup' });
      config.mounts.push({ destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['ro'] });
      config.process.args = shell('cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/pids.max');
    });
    const result = await delegated(box, '--strict', 'run', '--bundle', container.bundle, container.id);
    t.equal(result.code, 0, 'run', { stderr: result.stderr });
    t.equal(result.stdout, `${64 * 1024 * 1024}\n20\n`);
  },
  { skip: skip === false && layout !== 'v2' ? 'a v2 cgroup can be delegated to a user, a v1 cgroup cannot' : skip },
);

test(
  'a controller that was not delegated to the user: a warning, and the rest is in force',
  async (t, box) => {
    const container = owned(box, (config) => {
      limited(config);
      config.linux.resources = { ...config.linux.resources, cpu: { shares: 512 } };
      config.linux.cgroupsPath = `/${box.name}/user/container`;
      config.linux.namespaces.push({ type: 'cgroup' });
      config.mounts.push({ destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['ro'] });
      config.process.args = shell('cat /sys/fs/cgroup/pids.max');
    });
    const result = await delegated(box, 'run', '--bundle', container.bundle, container.id);
    t.equal(result.code, 0, 'run', { stderr: result.stderr });
    t.equal(result.stdout, '20\n');
    t.match(result.stderr, /\/linux\/resources\/cpu/);
  },
  {
    skip: skip === false && layout !== 'v2' ? 'a v2 cgroup can be delegated to a user, a v1 cgroup cannot' : skip,
    oursOnly: true,
  },
);

test(
  'without a user namespace it is refused, with a hint',
  async (t, box) => {
    const container = owned(box, (config) => {
      config.linux.namespaces = config.linux.namespaces.filter(({ type }) => type !== 'user');
      delete config.linux.uidMappings;
      delete config.linux.gidMappings;
    });
    const result = await asUser(box, 'run', '--bundle', container.bundle, container.id);
    t.not(result.code, 0);
    t.match(result.stderr, /user namespace/);
  },
  { skip, knownDifferences: { crun: 'makes one of its own' } },
);
