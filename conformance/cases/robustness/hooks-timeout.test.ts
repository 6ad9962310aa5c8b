// A hook that hangs is killed at its timeout, with everything it started, and counts as failed.
import { failed, succeeded, test } from '../../harness/case.js';
import { type Hook } from '../../harness/config.js';
import type { Box } from '../../harness/box.js';

/** Hangs; the case's name in its arguments makes it visible as a leftover. */
const hanging = (box: Box): Hook => ({
  path: '/bin/sh',
  args: ['sh', '-c', 'sleep 50; true', box.name],
  env: ['PATH=/usr/bin:/bin'],
  timeout: 1,
});

for (const kind of ['prestart', 'createRuntime', 'createContainer'] as const) {
  test(
    kind,
    async (t, box) => {
      const container = box.container((config) => {
        config.hooks = { [kind]: [hanging(box)] };
      });
      const result = await container.create();
      failed(t, result);
      t.ok(result.milliseconds > 900 && result.milliseconds < 8_000, 'in time', { milliseconds: result.milliseconds });
      t.same(await box.leftovers(), []);
    },
    { knownDifferences: { runc: 'kills only the hook, and waits for what it has started' } },
  );
}

test(
  'startContainer',
  async (t, box) => {
    const container = box.container((config) => {
      config.hooks = { startContainer: [hanging(box)] };
    });
    succeeded(t, await container.create());
    failed(t, await container.start());
    t.same(await box.leftovers(), []);
  },
  { knownDifferences: { crun: 'start has returned by then', runc: 'start has returned by then' } },
);

test(
  'poststart',
  async (t, box) => {
    const container = box.container((config) => {
      config.hooks = { poststart: [hanging(box)] };
      config.process.args = ['sleep', '60'];
    });
    succeeded(t, await container.create());
    failed(t, await container.start());
    t.same(await box.leftovers(), []);
  },
  { knownDifferences: { 'crun 1.8': 'lets the container continue', runc: 'runs poststart hooks in create' } },
);

test(
  'poststop: delete continues',
  async (t, box) => {
    const container = box.container((config) => {
      config.hooks = { poststop: [hanging(box)] };
    });
    await container.up();
    await container.waitFor('stopped');
    const result = await container.delete();
    succeeded(t, result);
    t.ok(result.milliseconds < 8_000);
    t.same(await box.leftovers(), []);
  },
  { knownDifferences: { runc: 'kills only the hook, and waits for what it has started' } },
);

test('a hook that ignores TERM and reads no input', async (t, box) => {
  const container = box.container((config) => {
    const hook = hanging(box);
    hook.args = ['sh', '-c', "trap '' TERM INT HUP; while :; do sleep 1; done", box.name];
    config.hooks = { createRuntime: [hook] };
  });
  failed(t, await container.create());
  t.same(await box.leftovers(), []);
});

test(
  'a hook that floods its output',
  async (t, box) => {
    const container = box.container((config) => {
      config.hooks = {
        createRuntime: [
          {
            path: '/bin/sh',
            args: ['sh', '-c', 'head -c 3000000 /dev/zero | tr "\\0" x; exit 1'],
            env: ['PATH=/usr/bin:/bin'],
            timeout: 10,
          },
        ],
      };
    });
    failed(t, await container.create());
    t.same(await box.leftovers(), []);
  },
  { knownDifferences: { crun: 'exits with another code' } },
);

test('a hook that leaves a process behind with its output open does not hang create', async (t, box) => {
  const container = box.container((config) => {
    config.hooks = {
      createRuntime: [{ path: '/bin/sh', args: ['sh', '-c', 'sleep 4 & exit 0'], env: ['PATH=/usr/bin:/bin'], timeout: 10 }],
    };
  });
  const result = await container.create();
  succeeded(t, result);
});

for (const timeout of [0, -1]) {
  test(
    `a timeout of ${timeout} is refused`,
    async (t, box) => {
      const container = box.container((config) => {
        config.hooks = { createRuntime: [{ path: '/bin/true', timeout }] };
      });
      failed(t, await container.create(), /timeout/);
      t.same(await box.leftovers(), []);
    },
    { knownDifferences: { crun: 'takes it' } },
  );
}
