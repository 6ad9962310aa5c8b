// A process in the container watches what the runtime does in it, and reaches for descriptors, memory and directories of
// everything that is not the container's (CVE-2016-9962, CVE-2019-5736): exec, mounts and update, checkpoint and restore, and another
// container's create in its pid namespace.
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Box } from '../harness/box.js';
import { succeeded, type Tap } from '../harness/case.js';
import { checkpoint, noCriu, restore } from '../harness/topics/checkpoint.js';
import { patience } from '../harness/command.js';
import type { Config } from '../harness/config.js';
import type { Container } from '../harness/container.js';
import { spyProgram } from '../harness/helpers/programs.js';
import { change } from '../harness/topics/mounts.js';
import { attack, race } from './attack.js';

const powers = ['CAP_DAC_OVERRIDE', 'CAP_DAC_READ_SEARCH', 'CAP_KILL', 'CAP_CHOWN'];

/** Root in the container, who watches from the first moment, until the verdict. */
async function watched(box: Box, adjust: (config: Config) => void, mode: '' | 'kill' = ''): Promise<Container> {
  const container = box.container((config) => {
    config.process.capabilities = { bounding: powers, effective: powers, permitted: powers };
    // Descriptors 1 and 2 are the caller's, which criu cannot save.
    config.process.args = [
      '/bin/sh',
      '-c',
      `exec < /dev/null > /dev/null 2>&1; /bin/spy /out/stop ${mode} > /out/found; exec sleep 600`,
    ];
    adjust(config);
  });
  copyFileSync(spyProgram(), join(container.rootfs, 'bin/spy'));
  mkdirSync(join(container.rootfs, 'added'));
  mkdirSync(join(container.rootfs, 'out'));
  chmodSync(join(container.rootfs, 'out'), 0o777);
  await container.up();
  await container.waitForFile('out/found');
  return container;
}

/** Races until the time is over and the spy has noticed something, however slow the machine is. */
async function raceUnderWatch(container: Container, round: () => Promise<void>): Promise<void> {
  const end = performance.now() + 20_000 * patience;
  do await race(round);
  while (!container.read('out/found').includes('noticed') && performance.now() < end);
}

/** What the spy got. */
async function loot(t: Tap, container: Container): Promise<string[]> {
  writeFileSync(join(container.rootfs, 'out/stop'), '');
  const end = performance.now() + 20_000 * patience;
  while (!container.read('out/found').includes('seen') && performance.now() < end) await sleep(50);
  const [first, ...rest] = container.read('out/found').trimEnd().split('\n');
  t.equal(first, 'looking');
  t.match(rest.pop(), /^seen [1-9]/, 'there was something to look at');
  return rest.filter((line) => line !== 'noticed');
}

async function verdict(t: Tap, container: Container): Promise<void> {
  t.same((await loot(t, container)).slice(0, 5), [], 'and nothing to get');
}

const userNamespace = (config: Config): void => {
  config.linux.namespaces.push({ type: 'user' });
  config.linux.uidMappings = config.linux.gidMappings = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
};

attack('a spy gets what a process that hides nothing has', async (t, box) => {
  const container = await watched(box, () => undefined);
  copyFileSync(box.path('busybox'), join(container.rootfs, 'out/busybox'));
  await raceUnderWatch(container, async () =>
    succeeded(t, await container.verb('exec', {}, ['/out/busybox', 'usleep', '50000'])),
  );
  const found = await loot(t, container);
  for (const what of ['/cwd', '/root', '/exe', 'fd/1', 'mem', 'environ', 'ptrace'])
    t.ok(
      found.some((line) => line.startsWith(`${what} `) || line.includes(`/${what} of`)),
      what,
    );
});

for (const [where, adjust] of [
  ['', () => undefined],
  [' with a user namespace', userNamespace],
] as const) {
  attack(`a spy during exec${where}`, async (t, box) => {
    const container = await watched(box, adjust);
    await raceUnderWatch(container, async () => {
      const results = await Promise.all([1, 2].map(() => container.verb('exec', { cwd: '/' }, ['/bin/true'])));
      for (const result of results) succeeded(t, result);
      t.not((await container.verb('exec', {}, ['/bin/missing'])).code, 0);
    });
    await verdict(t, container);
  });
}

attack(
  'a spy during mounts and update',
  async (t, box) => {
    const container = await watched(box, () => undefined);
    await raceUnderWatch(container, async () => {
      const mounts = [{ destination: '/added', type: 'proc', source: 'proc' }];
      succeeded(t, await change(container, 'add', mounts));
      succeeded(t, await change(container, 'remove', mounts));
      succeeded(t, await container.verb('update', { flags: ['--pids-limit', '100'] }));
    });
    await verdict(t, container);
  },
  { oursOnly: true },
);

attack('a spy in the pid namespace that another container is made in', async (t, box) => {
  const container = await watched(box, () => undefined);
  const path = `/proc/${(await container.state()).pid}/ns/pid`;
  const other = box.container((config) => {
    config.linux.namespaces = config.linux.namespaces.map((one) => (one.type === 'pid' ? { type: 'pid', path } : one));
  });
  await raceUnderWatch(container, async () => succeeded(t, await other.run()));
  await verdict(t, container);
});

attack(
  'a spy who may trace all that is the container’s, and ends the runtime’s process to take what it leaves',
  async (t, box) => {
    const all = [...powers, 'CAP_SYS_PTRACE'];
    const adjust = (config: Config): void => {
      userNamespace(config);
      config.process.capabilities = { bounding: all, effective: all, permitted: all };
    };
    const container = await watched(box, adjust, 'kill');
    await raceUnderWatch(container, async () => {
      await Promise.all([1, 2, 3].map(() => container.verb('exec', {}, ['/bin/true'])));
    });
    await verdict(t, container);
  },
);

attack(
  'a spy during checkpoint and restore, who is part of what is saved',
  async (t, box) => {
    const container = await watched(box, () => undefined);
    succeeded(t, await checkpoint(container, 'running', ['--leave-running']));
    succeeded(t, await checkpoint(container, 'images'));
    succeeded(t, await restore(container, 'images'));
    // Without another process it would have nothing to look at.
    await raceUnderWatch(container, async () => succeeded(t, await container.verb('exec', {}, ['/bin/true'])));
    await verdict(t, container);
  },
  { skip: noCriu, oursOnly: true },
);
