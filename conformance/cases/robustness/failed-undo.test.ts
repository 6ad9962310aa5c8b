// A create that fails and cannot take everything back keeps its record, so that delete or the next create of that id can.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { failed, succeeded, test } from '../../harness/case.js';
import type { Box } from '../../harness/box.js';
import { cgroupDirectory } from '../../harness/cgroup.js';
import type { Container } from '../../harness/container.js';
import { runtime } from '../../harness/runtime.js';

/** Whose createRuntime hook makes a mount in its cgroup, which cannot be removed then, and fails. */
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
  'what is left after a failed undo is in its record: delete finishes it, and so does the next create',
  async (t, box) => {
    const [one, other] = [stuck(box), stuck(box)];
    const create = ({ container }: typeof one) => container.create({ timeout: 60_000 });
    for (const result of await Promise.all([create(one), create(other)])) {
      failed(t, result, /createRuntime hook/);
      if (runtime.isOurs) t.match(result.stderr, /while undoing: .*cgroup.*[Bb]usy/, 'what could not be undone is said');
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
