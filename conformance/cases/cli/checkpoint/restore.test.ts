// restore: which parts of a container come back, and what happens to what belongs to the machine.
import { existsSync, mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { failed, succeeded, test } from '../../../harness/case.js';
import { readCgroup } from '../../../harness/machine/cgroup.js';
import { checkpoint, count, counting, countsOn, noCriu, restore } from '../../../harness/topics/checkpoint.js';
import { type Config, shell } from '../../../harness/config.js';
import { waitForText } from '../../../harness/container.js';
import { Terminal } from '../../../harness/topics/terminal.js';
import { runtime } from '../../../harness/runtime.js';

const needsCriu = { skip: noCriu };
const devpts = { destination: '/dev/pts', type: 'devpts', source: 'devpts', options: ['newinstance', 'ptmxmode=0666'] };

test(
  'a restored container is like any other',
  async (t, box) => {
    const container = box.container(counting);
    await container.up();
    succeeded(t, await checkpoint(container, 'images'));
    succeeded(t, await restore(container, 'images', { flags: ['--pid-file', box.path('pid')] }));
    const { pid, status, bundle } = await container.state();
    t.same([status, bundle, readFileSync(box.path('pid'), 'utf8')], ['running', container.bundle, String(pid)]);
    const shown = await container.verb('exec', {}, ['sh', '-c', 'cat /proc/1/cmdline; hostname']);
    t.match(shown.stdout, /count/, 'exec sees its processes');
    failed(t, await container.delete(), /not stopped|running/);
    succeeded(t, await checkpoint(container, 'again'));
    succeeded(t, await restore(container, 'again'));
    await countsOn(container);
    succeeded(t, await container.kill());
    await container.waitFor('stopped');
    succeeded(t, await container.delete());
  },
  needsCriu,
);

test(
  'directories that absolute links lead to, as with containerd',
  async (t, box) => {
    for (const name of ['images', 'work']) {
      mkdirSync(box.path(`real-${name}`));
      symlinkSync(box.path(`real-${name}`), box.path(name));
    }
    const work = ['--work-path', box.path('work')];
    const container = box.container(counting);
    await container.up();
    succeeded(t, await checkpoint(container, 'images', work));
    t.ok(existsSync(box.path('real-work', 'dump.log')));
    succeeded(t, await restore(container, 'images', { flags: work }));
    await countsOn(container);
    t.ok(existsSync(box.path('real-work', 'restore.log')));
  },
  needsCriu,
);

test(
  "in the foreground, the exit code is the program's",
  async (t, box) => {
    const container = box.container((config) => {
      config.process.args = shell(
        'exec < /dev/null > /dev/null 2>&1; echo up > /state; while [ ! -e /go ]; do sleep 0.05; done; exit 7',
      );
    });
    await container.up();
    await container.waitForFile('/state');
    succeeded(t, await checkpoint(container, 'images'));
    writeFileSync(`${container.rootfs}/go`, '');
    const flags = ['--bundle', container.bundle, '--image-path', box.path('images')];
    t.equal((await container.verb('restore', { flags, timeout: 60_000 })).code, 7);
    failed(t, await container.verb('state'), /does not exist|not found/);
  },
  needsCriu,
);

test(
  'the foreground command passes signals on as soon as the program runs',
  async (t, box) => {
    const container = box.container((config) => {
      config.process.args = shell(
        'trap "exit 7" USR1; exec < /dev/null > /dev/null 2>&1; echo up > /state; while :; do sleep 0.05; done',
      );
    });
    await container.up();
    await container.waitForFile('/state');
    succeeded(t, await checkpoint(container, 'images'));
    let command = 0;
    const flags = ['--bundle', container.bundle, '--image-path', box.path('images')];
    const restored = container.verb('restore', { flags, timeout: 60_000, onSpawn: (pid) => (command = pid) });
    while (!(await container.verb('state')).stdout.includes('running')) await sleep(10);
    process.kill(command, 'SIGUSR1');
    t.equal((await restored).code, 7);
  },
  needsCriu,
);

test(
  'with a terminal, whose master comes through the console socket',
  async (t, box) => {
    const container = box.container((config) => {
      config.mounts.push(devpts);
      config.process.terminal = true;
      config.process.args = shell('echo ready; while read line; do echo "got $line"; done');
    });
    const first = await Terminal.listen(box);
    await container.up({ flags: ['--console-socket', first.socket] });
    await first.waitFor('ready');
    succeeded(t, await checkpoint(container, 'images'));
    failed(t, await restore(container, 'images'), /console/);
    const second = await Terminal.listen(box, 'second');
    succeeded(t, await restore(container, 'images', { flags: ['--console-socket', second.socket] }));
    t.equal((await second.facts()).isMaster, true);
    second.type('some words\n');
    await second.waitFor('got some words');
  },
  needsCriu,
);

test(
  'standard output to a pipe is the new one',
  async (t, box) => {
    const container = box.container((config) => {
      counting(config, 'exec < /dev/null 2> /dev/null;');
    });
    const piped = (name: string, args: string): Promise<unknown> =>
      box.command('/bin/sh', ['-c', `${runtime.path} --root ${box.stateRoot} ${args} | cat > ${box.path(name)}`], {
        timeout: 120_000,
      });
    const first = piped('first', `run --detach --bundle ${container.bundle} ${container.id}`);
    await waitForText(box.path('first'));
    succeeded(t, await checkpoint(container, 'images'));
    await first;
    const before = count(container);
    const flags = `--detach --bundle ${container.bundle} --image-path ${box.path('images')}`;
    const second = piped('second', `restore ${flags} ${container.id}`);
    const shown = Number((await waitForText(box.path('second'))).split('\n')[0]);
    t.ok(shown >= before, 'it continues in the new pipe', { before, shown });
    await container.kill();
    await second;
  },
  needsCriu,
);

test(
  'standard input and output in host files are the new ones',
  async (t, box) => {
    const container = box.container((config) => {
      counting(config, '');
    });
    const up = await container.up();
    await countsOn(container);
    succeeded(t, await checkpoint(container, 'images'));
    const before = box.reread(up).stdout.trim().split('\n').length;
    const restored = await restore(container, 'images');
    succeeded(t, restored);
    await countsOn(container);
    const [shown] = box.reread(restored).stdout.split('\n');
    t.ok(Number(shown) >= before, 'it continues in the new file', { before, shown });
  },
  {
    ...needsCriu,
    knownDifferences: { runc: 'supports only pipes as files outside the container' },
  },
);

test(
  'mounts: from the host, in memory, masked, cgroups; missing mount points are made',
  async (t, box) => {
    mkdirSync(box.path('shared'));
    writeFileSync(box.path('shared', 'word'), 'shared\n');
    writeFileSync(box.path('file'), 'file\n');
    const change = (config: Config): void => {
      config.process.args = shell('exec < /dev/null > /dev/null 2>&1; echo kept > /memory/word; while :; do sleep 0.05; done');
      config.linux.cgroupsPath = `/${box.name}`;
      config.linux.namespaces.push({ type: 'cgroup' });
      config.linux.maskedPaths = ['/proc/kcore', '/proc/acpi', '/sys/firmware'];
      config.linux.readonlyPaths = ['/proc/sys'];
      config.mounts.push(
        devpts,
        { destination: '/memory', type: 'tmpfs', source: 'tmpfs' },
        { destination: '/link/deep', type: 'bind', source: box.path('shared'), options: ['rbind', 'ro'] },
        { destination: '/etc/word', type: 'bind', source: box.path('file'), options: ['bind'] },
        { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['ro'] },
        { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['ro'] },
      );
    };
    const container = box.container(change);
    mkdirSync(`${container.rootfs}/real`);
    symlinkSync('/real', `${container.rootfs}/link`);
    await container.up();
    while ((await container.verb('exec', {}, ['cat', '/memory/word'])).stdout === '') await sleep(50);
    succeeded(t, await checkpoint(container, 'images'));
    const other = box.container(change);
    mkdirSync(`${other.rootfs}/real`);
    symlinkSync('/real', `${other.rootfs}/link`);
    succeeded(t, await restore(other, 'images'));
    const look =
      'cat /memory/word /real/deep/word /etc/word; touch /real/deep/new; wc -c < /proc/kcore; echo /proc/acpi/* /sys/fs/cgroup/*';
    const shown = await other.verb('exec', {}, ['sh', '-c', look]);
    t.match(shown.stdout, /^kept\nshared\nfile\n0\n\/proc\/acpi\/\* \/sys\/fs\/cgroup\/\w+/);
    t.match(shown.stderr, /Read-only/);
  },
  needsCriu,
);

test(
  'in the cgroup of the new config, with its limits',
  async (t, box) => {
    for (const mode of [[], ['--manage-cgroups-mode', 'ignore']]) {
      const container = box.container(counting);
      await container.up();
      succeeded(t, await checkpoint(container, 'images'));
      container.config.linux.cgroupsPath = `${container.cgroupsPath}-new`;
      container.config.linux.resources = { pids: { limit: 77 } };
      container.writeConfig();
      succeeded(t, await restore(container, 'images', { flags: mode }));
      const { pid } = await container.state();
      t.equal(readCgroup('pids', container.cgroupsPath, 'pids.max'), '77');
      t.equal(readCgroup('pids', container.cgroupsPath, 'cgroup.procs')?.split('\n').includes(String(pid)), true, mode.join(' '));
      await container.delete({ flags: ['--force'] });
    }
  },
  { ...needsCriu, knownDifferences: { 'runc 1.1': "restores the old config's cgroup, and leaves it behind" } },
);

test(
  'a new network namespace has its loopback device up',
  async (t, box) => {
    const container = box.container(counting);
    await container.up();
    succeeded(t, await checkpoint(container, 'images'));
    succeeded(t, await restore(container, 'images'));
    t.match((await container.verb('exec', {}, ['ip', 'addr', 'show', 'lo'])).stdout, /[<,]UP[,>][^]*127\.0\.0\.1/);
  },
  { ...needsCriu, knownDifferences: { runc: 'does not bring it up' } },
);

test(
  'prestart and createRuntime hooks run; if one fails, nothing is left',
  async (t, box) => {
    const container = box.container(counting);
    await container.up();
    succeeded(t, await checkpoint(container, 'images'));
    const hook = (kind: string, code: number): { path: string; args: string[] } => {
      return { path: '/bin/sh', args: ['sh', '-c', `cat > ${box.path(kind)}; exit ${code}`] };
    };
    container.config.hooks = {
      prestart: [hook('prestart', 0)],
      createRuntime: [hook('createRuntime', 1)],
      poststop: [hook('poststop', 0)],
    };
    container.writeConfig();
    failed(t, await restore(container, 'images'), runtime.isOurs ? /error running createRuntime hook #0/ : /./);
    t.match(JSON.parse(readFileSync(box.path('prestart'), 'utf8')), { id: container.id, pid: Number });
    t.same(await box.leftovers(), []);
    if (runtime.isOurs) t.ok(existsSync(box.path('poststop')), 'runtime.md, step 12');
    container.config.hooks.createRuntime = [hook('createRuntime', 0)];
    container.writeConfig();
    succeeded(t, await restore(container, 'images'));
    await countsOn(container);
  },
  needsCriu,
);

test(
  'images that are damaged or missing, or an id in use',
  async (t, box) => {
    const container = box.container(counting);
    await container.up();
    succeeded(t, await checkpoint(container, 'images', ['--leave-running']));
    failed(t, await restore(container, 'images'), /exists/);
    t.equal((await container.state()).status, 'running');
    succeeded(t, await container.delete({ flags: ['--force'] }));
    mkdirSync(box.path('empty'));
    failed(t, await restore(container, 'empty'));
    failed(t, await restore(container, 'none'));
    truncateSync(box.path('images', 'pstree.img'), 30);
    failed(
      t,
      await restore(container, 'images', { flags: ['--work-path', box.path('work')] }),
      runtime.isOurs ? /criu restore failed: / : /./,
    );
    t.same(await box.leftovers(), []);
    t.notOk(existsSync(`${container.bundle}/criu-root`));
  },
  needsCriu,
);
