// The texts and exit codes that engines act on.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { failed, succeeded, test } from '../../../harness/case.js';

test(
  'a command that is not in PATH',
  async (t, box) => {
    const container = box.container((config) => {
      config.process.args = ['no-such-program'];
    });
    const result = await container.create();
    failed(t, result, /executable file not found in/);
    t.match(result.stderr, /no-such-program/, 'names the program');
    t.equal(result.code, 1);
    t.same(await box.leftovers(), []);
  },
  { knownDifferences: { crun: 'has other words' } },
);

test(
  'a path that does not exist',
  async (t, box) => {
    const container = box.container((config) => {
      config.process.args = ['/no/such/program'];
    });
    const result = await container.create();
    failed(t, result, /no such file or directory/);
    t.match(result.stderr, /\/no\/such\/program/);
    t.same(await box.leftovers(), []);
  },
  { knownDifferences: { crun: 'has other words' } },
);

test(
  'a file without the x bit',
  async (t, box) => {
    const container = box.container((config) => {
      config.process.args = ['/etc/text'];
    });
    writeFileSync(join(container.rootfs, 'etc/text'), 'text\n', { mode: 0o644 });
    const result = await container.create();
    failed(t, result, /permission denied/);
    t.match(result.stderr, /\/etc\/text/);
    t.same(await box.leftovers(), []);
  },
  { knownDifferences: { crun: 'has other words' } },
);

test('a file without the x bit for this user', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = ['/etc/tool'];
    config.process.user = { uid: 1000, gid: 1000 };
  });
  writeFileSync(join(container.rootfs, 'etc/tool'), '#!/bin/sh\n', { mode: 0o700 });
  const created = await container.create();
  const result = created.code === 0 ? await container.start() : created;
  t.match(result.stderr + box.reread(created).stderr, /permission denied/i);
});

test(
  'a directory',
  async (t, box) => {
    const container = box.container((config) => {
      config.process.args = ['/bin'];
    });
    failed(t, await container.create(), /is a directory|permission denied/);
    t.same(await box.leftovers(), []);
  },
  { knownDifferences: { crun: 'has other words' } },
);

test(
  'a path through a file',
  async (t, box) => {
    const container = box.container((config) => {
      config.process.args = ['/bin/busybox/sh'];
    });
    failed(t, await container.create(), /not a directory/);
    t.same(await box.leftovers(), []);
  },
  { knownDifferences: { crun: 'has other words' } },
);

test(
  'a file in a format that the kernel does not know: start says so',
  async (t, box) => {
    const container = box.container((config) => {
      config.process.args = ['/bin/nonsense'];
    });
    writeFileSync(join(container.rootfs, 'bin/nonsense'), 'neither script nor program', { mode: 0o755 });
    succeeded(t, await container.create());
    failed(t, await container.start(), /exec format error/);
    succeeded(t, await container.delete());
    t.same(await box.leftovers(), []);
  },
  { knownDifferences: { crun: 'start has returned by then', runc: 'start has returned by then' } },
);

test(
  'a missing interpreter: start names the file',
  async (t, box) => {
    const container = box.container((config) => {
      config.process.args = ['/bin/script'];
    });
    writeFileSync(join(container.rootfs, 'bin/script'), '#!/no/such/interpreter\n', { mode: 0o755 });
    succeeded(t, await container.create());
    failed(t, await container.start(), /no such file or directory/);
  },
  { knownDifferences: { crun: 'start has returned by then', runc: 'start has returned by then' } },
);

test(
  'a program that is gone since create: start says so',
  async (t, box) => {
    const container = box.container((config) => {
      config.process.args = ['/opt/tool'];
    });
    mkdirSync(join(container.rootfs, 'opt'));
    writeFileSync(join(container.rootfs, 'opt/tool'), '#!/bin/sh\n', { mode: 0o755 });
    succeeded(t, await container.create());
    await box.command('rm', [join(container.rootfs, 'opt/tool')]);
    failed(t, await container.start(), /no such file or directory/);
  },
  { knownDifferences: { crun: 'start has returned by then', runc: 'start has returned by then' } },
);

for (const [verb, after] of [
  ['state', []],
  ['start', []],
  ['kill', ['9']],
  ['delete', []],
] as const) {
  test(
    `${verb} of a container that does not exist`,
    async (t, box) => {
      const result = await box.runtime([verb, 'nobody', ...after]);
      failed(t, result, /does not exist/);
      t.equal(result.code, 1);
    },
    { knownDifferences: { crun: 'has other words' } },
  );
}

test('kill of a stopped container', async (t, box) => {
  const container = box.container();
  await container.up();
  await container.waitFor('stopped');
  const result = await container.kill();
  failed(t, result, /container not running|process already finished|no such process/i);
  t.equal(result.code, 1);
});

test('usage errors have exit codes below 126', async (t, box) => {
  for (const args of [['create'], ['start', '--no-such-flag', 'x'], ['kill']]) {
    const { code } = await box.runtime(args);
    t.ok(code > 0 && code < 126, args.join(' '), { code });
  }
});
