// SIGKILL of the runtime at any moment: the next delete or create with that id recognises and cleans up what it left.
import { setTimeout as sleep } from 'node:timers/promises';
import { succeeded, test } from '../../harness/case.js';
import { type Config, shell } from '../../harness/config.js';
import type { Container, VerbOptions } from '../../harness/container.js';

const rounds = 40;
const longest = 30;

const busy = (config: Config): void => {
  config.process.args = ['sleep', '60'];
  config.linux.resources = { pids: { limit: 100 } };
  config.hooks = { createRuntime: [{ path: '/bin/true' }] };
};

/** Runs a command for the container and kills it after that many milliseconds. */
async function interrupted(
  container: Container,
  verb: 'create' | 'start' | 'delete',
  delay: number,
  options: VerbOptions = {},
): Promise<void> {
  const kill = async (pid: number): Promise<void> => {
    await sleep(delay);
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It was quicker.
    }
  };
  let killing: Promise<void> = Promise.resolve();
  const onSpawn = (pid: number): void => {
    killing = kill(pid);
  };
  await container[verb]({ ...options, onSpawn });
  await killing;
}

test(
  'create, then delete --force',
  async (t, box) => {
    const container = box.container(busy);
    let bad = 0;
    for (let round = 0; round < rounds; round++) {
      const delay = Math.random() * longest;
      await interrupted(container, 'create', delay);
      const deleted = await container.delete({ flags: ['--force'] });
      const left = await box.leftovers(1000);
      if (deleted.code === 0 && left.length === 0) continue;
      t.fail(`killed after ${delay.toFixed(1)} ms`, { code: deleted.code, stderr: deleted.stderr, left });
      if (++bad === 3) return;
      await container.delete({ flags: ['--force'] });
    }
    t.pass(`${rounds} times`);
  },
  {
    knownDifferences: {
      crun: 'leaves the cgroups of a killed create',
      runc: 'leaves the cgroups and the init of a killed create',
    },
  },
);

test(
  'create, then create again',
  async (t, box) => {
    const container = box.container(busy);
    for (let round = 0; round < rounds / 2; round++) {
      const delay = (longest * round) / (rounds / 2);
      await interrupted(container, 'create', delay);
      const status = await container.state().then(
        (state) => state.status,
        () => 'none',
      );
      if (status !== 'created') {
        const created = await container.create();
        if (created.code !== 0) {
          t.fail(`killed after ${delay} ms`, { status, stderr: created.stderr });
          return;
        }
      }
      succeeded(t, await container.start());
      succeeded(t, await container.delete({ flags: ['--force'] }));
      t.same(await box.leftovers(), [], `killed after ${delay} ms`);
    }
  },
  { knownDifferences: { crun: 'leaves the cgroups of a killed create', runc: 'is blocked by its own incomplete state' } },
);

test('start', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = shell('sleep 60');
  });
  for (let round = 0; round < 12; round++) {
    succeeded(t, await container.create());
    await interrupted(container, 'start', round * 2);
    succeeded(t, await container.delete({ flags: ['--force'] }));
    t.same(await box.leftovers(), [], `killed after ${round * 2} ms`);
  }
});

test(
  'delete',
  async (t, box) => {
    const container = box.container(busy);
    for (let round = 0; round < 12; round++) {
      succeeded(t, await container.create());
      await interrupted(container, 'delete', round * 2, { flags: ['--force'] });
      succeeded(t, await container.delete({ flags: ['--force'] }));
      t.same(await box.leftovers(), [], `killed after ${round * 2} ms`);
    }
  },
  { knownDifferences: { runc: 'forgets the cgroups if its state is gone first' } },
);
