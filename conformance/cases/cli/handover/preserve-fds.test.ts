// --preserve-fds and LISTEN_FDS: which descriptors the program sees.
import { openSync, writeFileSync } from 'node:fs';
import { failed, succeeded, test } from '../../../harness/case.js';
import { shell } from '../../../harness/config.js';
import { runtime } from '../../../harness/runtime.js';
import type { Box } from '../../../harness/box.js';

function opened(box: Box, count: number): number[] {
  return Array.from({ length: count }, (_value, index) => {
    writeFileSync(box.path(`fd${index + 3}`), `content ${index + 3}\n`);
    return openSync(box.path(`fd${index + 3}`), 'r');
  });
}

const list = shell('cd /proc/1/fd; for f in *; do echo -n "$f "; done; for f in 3 4 5; do cat <&$f; done 2> /dev/null; true');

test('without --preserve-fds only 0, 1 and 2 are open', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = ['ls', '/proc/self/fd'];
  });
  const result = await container.run({ extraFds: opened(box, 3) });
  t.equal(result.stdout, '0\n1\n2\n3\n', 'and the directory that ls itself has open');
});

test('--preserve-fds 2', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = list;
  });
  const created = await container.up({ extraFds: opened(box, 3), flags: ['--preserve-fds', '2'] });
  await container.waitFor('stopped');
  t.match(box.reread(created).stdout, /^0 1 2 3 4 (\d+ )?content 3\ncontent 4\n$/);
});

test(
  '--preserve-fds with a descriptor that is not open is an error',
  async (t, box) => {
    const container = box.container();
    failed(t, await container.create({ flags: ['--preserve-fds', '2'] }));
    t.same(await box.leftovers(), []);
  },
  {
    knownDifferences: { crun: 'leaves it out', runc: 'passes on descriptors that it has opened itself' },
    skip: runtime.isNodeHost ? "Node.js has descriptors of its own there, which cannot be told from the caller's" : false,
  },
);

test(
  "the caller's LISTEN_FDS: the sockets are passed on, with systemd's variables",
  async (t, box) => {
    const container = box.container((config) => {
      config.process.args = shell('echo $LISTEN_FDS $LISTEN_PID; cat <&3; cat <&4');
    });
    const call = `LISTEN_FDS=2 LISTEN_PID=$$ exec ${runtime.path} --root ${box.stateRoot} run --bundle ${container.bundle} ${container.id}`;
    const result = await box.command('sh', ['-c', call], { extraFds: opened(box, 2) });
    succeeded(t, result);
    t.equal(result.stdout, '2 1\ncontent 3\ncontent 4\n');
  },
  { knownDifferences: { crun: 'sets no LISTEN_PID' } },
);

const sockets = 'echo $LISTEN_FDS $LISTEN_PID; cat <&3; cat <&4';

/** `run` with LISTEN_FDS=2, two files behind it, and these assignments. */
async function listening(box: Box, assignments: string): Promise<string> {
  const container = box.container((config) => {
    config.process.args = shell(`${sockets} 2> /dev/null; true`);
  });
  const call = `${assignments} exec ${runtime.path} --root ${box.stateRoot} run --bundle ${container.bundle} ${container.id}`;
  return (await box.command('sh', ['-c', call], { extraFds: opened(box, 2) })).stdout;
}

test(
  'LISTEN_FDS without LISTEN_PID, or with the number that podman gives',
  async (t, box) => {
    t.equal(await listening(box, 'LISTEN_FDS=2'), '2 1\ncontent 3\ncontent 4\n');
    t.equal(await listening(box, 'LISTEN_FDS=2 LISTEN_PID=1'), '2 1\ncontent 3\ncontent 4\n');
  },
  { knownDifferences: { runc: 'expects its own pid in LISTEN_PID', crun: 'sets no LISTEN_PID' } },
);

test(
  'LISTEN_FDS for another process, or without the descriptors, is ignored',
  async (t, box) => {
    t.equal(await listening(box, 'LISTEN_FDS=2 LISTEN_PID=2'), '\n');
    t.equal(await listening(box, 'LISTEN_FDS=500 LISTEN_PID=$$'), '\n');
  },
  { knownDifferences: { crun: 'takes any', runc: 'fails if they do not exist' } },
);

for (const way of ['run', 'exec'] as const) {
  test(
    `--preserve-fds with a gap, ${way}: open descriptors keep their numbers, and the gap stays empty`,
    async (t, box) => {
      const args = shell('for fd in 3 4 5; do test -e /proc/$$/fd/$fd && echo -n "$fd "; done; cat <&5; cat <&3');
      const container = way === 'exec' ? await box.running() : box.container((config) => (config.process.args = args));
      const flags = ['--preserve-fds', '3'];
      const words =
        way === 'exec'
          ? ['exec', ...flags, container.id, ...args]
          : ['run', ...flags, '--bundle', container.bundle, container.id];
      const call = [runtime.path, '--root', box.stateRoot, ...words].map((word) => `'${word}'`).join(' ');
      const result = await box.command('sh', ['-c', `exec ${call} 4<&-`], { extraFds: opened(box, 3) });
      succeeded(t, result);
      t.equal(result.stdout, '3 5 content 5\ncontent 3\n');
    },
    {
      knownDifferences: { runc: 'passes on descriptors that it has opened itself' },
      skip: runtime.isNodeHost ? "Node.js has descriptors of its own there, which cannot be told from the caller's" : false,
    },
  );
}
