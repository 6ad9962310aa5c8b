// A create that fails and cannot undo everything keeps its record, so that delete or the next create with that id can finish.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { failed, succeeded, test } from '../../harness/case.js';
import type { Box } from '../../harness/box.js';
import { cgroupDirectory } from '../../harness/machine/cgroup.js';
import type { Container } from '../../harness/container.js';
import { runtime } from '../../harness/runtime.js';

/** Its createRuntime hook mounts something in its cgroup, which then cannot be removed, and fails. */
function stuck(box: Box): { container: Container; cgroup: string } {
  const container = box.container();
  const cgroup = cgroupDirectory('pids', container.cgroupsPath);
  if (cgroup === undefined) throw new Error('no pids controller');
  const inner = join(cgroup, 'inner');
  container.config.hooks = {
    createRuntime: [
      {
        path: '/bin/sh',
        args: ['sh', '-c', `mkdir ${inner} && mount --bind ${inner} ${inner}; exit 7`],
        env: ['PATH=/usr/sbin:/usr/bin:/sbin:/bin'],
      },
    ],
  };
  container.writeConfig();
  box.atEnd(() => spawnSync('umount', [inner]));
  return { container, cgroup };
}

test(
  'what is left after a failed undo is in the record: delete finishes it, and so does the next create',
  async (t, box) => {
    const [one, other] = [stuck(box), stuck(box)];
    const create = ({ container }: typeof one) => container.create({ timeout: 60_000 });
    for (const result of await Promise.all([create(one), create(other)])) {
      failed(t, result, /createRuntime hook/);
      if (runtime.isOurs) t.match(result.stderr, /while undoing: .*cgroup.*[Bb]usy/, 'what could not be undone is reported');
    }
    for (const { container, cgroup } of [one, other]) {
      t.ok(existsSync(cgroup), 'it is there');
      t.equal((await container.state()).status, 'stopped');
      spawnSync('umount', [join(cgroup, 'inner')]);
    }
    succeeded(t, await one.container.delete());
    t.notOk(existsSync(one.cgroup));
    delete other.container.config.hooks;
    other.container.writeConfig();
    succeeded(t, await other.container.create());
    succeeded(t, await other.container.start());
    await other.container.waitFor('stopped');
    succeeded(t, await other.container.delete());
    t.same(await box.leftovers(), []);
  },
  { knownDifferences: { runc: 'forgets it, and leaves the cgroup', crun: 'forgets it, and leaves the cgroup' } },
);

/** A mount in the container's cgroup, which keeps it from being removed until the case ends. */
const mountInCgroup = (box: Box, container: Container): { readonly script: string; readonly free: () => void } => {
  const inner = join(cgroupDirectory('pids', container.cgroupsPath) ?? '', 'inner');
  const free = (): void => void spawnSync('umount', [inner]);
  box.atEnd(free);
  return { script: `mkdir ${inner} && mount --bind ${inner} ${inner}`, free };
};

test(
  "run ends with its program's exit code, whatever could not be removed, and delete removes it",
  async (t, box) => {
    const container = box.container((config) => {
      config.process.args = ['/bin/sh', '-c', 'exit 5'];
    });
    const { script, free } = mountInCgroup(box, container);
    const env = ['PATH=/usr/sbin:/usr/bin:/sbin:/bin'];
    container.config.hooks = { createRuntime: [{ path: '/bin/sh', args: ['sh', '-c', script], env }] };
    container.writeConfig();
    const result = await container.run({ timeout: 60_000 });
    t.equal(result.code, 5);
    t.match(result.stderr, /[Bb]usy/, 'and says what is left');
    free();
    succeeded(t, await container.delete());
    t.same(await box.leftovers(), []);
  },
  { knownDifferences: { runc: 'does not say what is left', crun: 'does not say what is left' } },
);

test(
  "run's error is the failed poststart hook, not the cgroup that could not be removed after it",
  async (t, box) => {
    const container = box.container((config) => {
      config.process.args = ['sleep', '60'];
    });
    const { script, free } = mountInCgroup(box, container);
    const env = ['PATH=/usr/sbin:/usr/bin:/sbin:/bin'];
    container.config.hooks = { poststart: [{ path: '/bin/sh', args: ['sh', '-c', `${script}; exit 7`], env }] };
    container.writeConfig();
    const created = await container.create();
    succeeded(t, created);
    const started = await container.start({ timeout: 60_000 });
    failed(t, started, /poststart hook #0.*exit status 7/);
    t.match(started.stderr, /while cleaning up: .*[Bb]usy/, 'what could not be removed is a warning');
    free();
    succeeded(t, await container.delete({ flags: ['--force'] }));
    t.same(await box.leftovers(), []);
  },
  { oursOnly: true },
);

test('an earlier mount on the root filesystem stays if a container without a mount namespace fails before its own', async (t, box) => {
  const container = box.container((config) => {
    config.linux.namespaces = config.linux.namespaces.filter(({ type }) => type !== 'mount' && type !== 'network');
    config.linux.namespaces.push({ type: 'network', path: box.path('busybox') });
    config.mounts = [];
  });
  succeeded(t, await box.command('mount', ['--bind', container.rootfs, container.rootfs]));
  box.atEnd(() => box.command('umount', [container.rootfs]));
  failed(t, await container.create());
  const { stdout } = await box.command('grep', ['-c', ` ${container.rootfs} `, '/proc/self/mountinfo']);
  t.equal(stdout, '1\n');
});
