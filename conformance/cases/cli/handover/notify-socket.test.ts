// sd_notify(3): a service manager that sets NOTIFY_SOCKET learns when the container's program is ready.
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { succeeded, test } from '../../../harness/case.js';
import { shell } from '../../../harness/config.js';
import type { Container } from '../../../harness/container.js';
import { notifyProgram } from '../../../harness/helpers/programs.js';
import { serviceManager } from '../../../harness/topics/service-manager.js';
import type { Box } from '../../../harness/box.js';

function ready(box: Box, script: string, uid = 0): Container {
  const container = box.container((config) => {
    config.process.user = { uid, gid: uid };
    config.process.args = shell(script);
  });
  copyFileSync(notifyProgram(), join(container.rootfs, 'notify'));
  return container;
}

const env = (socket: string) => ({ ...process.env, NOTIFY_SOCKET: socket });

for (const uid of [0, 1000]) {
  test(
    `start waits for the program of uid ${uid}, then reports its pid`,
    async (t, box) => {
      const manager = await serviceManager(box);
      const container = ready(box, 'sleep 0.5; /notify "STATUS=not yet"; /notify READY=1; exec sleep 60', uid);
      succeeded(t, await container.create({ env: env(manager.socket) }));
      const { pid } = await container.state();
      const started = await container.start({ env: env(manager.socket) });
      succeeded(t, started);
      t.ok(started.milliseconds > 400, `${started.milliseconds} ms`);
      const messages = await manager.messages();
      t.match(messages, /^READY=1\n/);
      t.match(messages, new RegExp(`^MAINPID=${pid}$`, 'm'));
      t.notMatch(messages, /STATUS/, 'nothing else');
    },
    { knownDifferences: { crun: 'does not report the pid' } },
  );
}

test(
  'run -d waits as well',
  async (t, box) => {
    const manager = await serviceManager(box);
    const container = ready(box, '/notify READY=1; exec sleep 60');
    succeeded(t, await container.run({ env: env(manager.socket), flags: ['--detach'] }));
    const { pid } = await container.state();
    t.match(await manager.messages(), new RegExp(`^MAINPID=${pid}$`, 'm'));
  },
  { knownDifferences: { crun: 'does not report the pid' } },
);

test('a foreground run passes it on meanwhile', async (t, box) => {
  const manager = await serviceManager(box);
  const container = ready(box, '/notify READY=1; sleep 1; exit 5');
  const result = await container.run({ env: env(manager.socket) });
  t.equal(result.code, 5);
  t.match(await manager.messages(), /^READY=1\n/);
});

test(
  'start does not wait for a program that ends without a message',
  async (t, box) => {
    const manager = await serviceManager(box);
    const container = ready(box, 'exit 0');
    succeeded(t, await container.run({ env: env(manager.socket), flags: ['--detach'] }));
  },
  { knownDifferences: { runc: 'waits forever' } },
);

test('without NOTIFY_SOCKET, the container has none', async (t, box) => {
  const container = ready(box, 'echo "<$NOTIFY_SOCKET>"; ls /run/notify 2>&1');
  const { NOTIFY_SOCKET: _, ...without } = process.env;
  t.match((await container.run({ env: without })).stdout, /^<>\n.*No such file/);
});
