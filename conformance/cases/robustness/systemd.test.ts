// --systemd-cgroup when something goes wrong, or with many at once: no unit is left, and nobody else's is touched.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { failed, succeeded } from '../../harness/case.js';
import { patience } from '../../harness/command.js';
import { runtime } from '../../harness/runtime.js';
import { cgroupOf, check, driver, scoped, show, unitOf } from '../../harness/topics/scope.js';

check(
  'ten at once',
  async (t, box) => {
    const containers = Array.from({ length: 10 }, () => scoped(box));
    const created = await Promise.all(containers.map((container) => container.create(driver)));
    t.same(
      created.map(({ code, stderr }) => [code, stderr]),
      created.map(() => [0, '']),
    );
    for (const container of containers) t.equal(await cgroupOf(container), `/system.slice/${unitOf(container)}`);
    const deleted = await Promise.all(containers.map((container) => container.delete({ flags: ['--force'] })));
    t.same(
      deleted.map(({ code }) => code),
      deleted.map(() => 0),
    );
  },
  {
    knownDifferences: {
      'runc 1.1': 'warns of device rules for devices that the machine does not have',
      crun: 'puts its processes into a cgroup "container" below the scope',
    },
  },
);

check(
  'a create that fails leaves no unit',
  async (t, box) => {
    const noProgram = scoped(box, (config) => {
      config.process.args = ['/there/is/none'];
    });
    const hook = scoped(box, (config) => {
      config.hooks = { createRuntime: [{ path: '/bin/false' }] };
    });
    const property = scoped(box, (config) => {
      config.annotations = { 'org.systemd.property.NoSuchProperty': 'true' };
    });
    failed(t, await noProgram.create(driver));
    failed(t, await hook.create(driver));
    failed(t, await property.create(driver), /NoSuchProperty/);
    t.same(await box.leftovers(), []);
  },
  { knownDifferences: { crun: '1.8 is killed by a signal' } },
);

check(
  'many creates of one unit: one gets it, and keeps it',
  async (t, box) => {
    const containers = [scoped(box)];
    for (let count = 1; count < 5; count++)
      containers.push(
        scoped(box, (config) => {
          config.linux.cgroupsPath = containers[0]!.cgroupsPath;
        }),
      );
    const results = await Promise.all(containers.map((container) => container.create(driver)));
    const winners = containers.filter((_, index) => results[index]!.code === 0);
    t.equal(winners.length, 1, 'one succeeds', { results: results.map(({ code, stderr }) => ({ code, stderr })) });
    const winner = winners[0]!;
    succeeded(t, await winner.start());
    t.equal((await winner.state()).status, 'running');
    t.equal(await cgroupOf(winner), `/system.slice/${unitOf(winner)}`);
    succeeded(t, await winner.delete({ flags: ['--force'] }));
    t.same(await box.leftovers(), []);
  },
  { knownDifferences: { runc: 'accepts none or several', crun: 'accepts none or several' } },
);

check(
  'clearing up after a create that was killed before it had its unit, in the place of another',
  async (t, box) => {
    const winner = scoped(box);
    await winner.up(driver);
    const killed = scoped(box);
    const record = JSON.parse(readFileSync(`${box.stateRoot}/${winner.id}/state.json`, 'utf8')) as { unit: object };
    const remains = { id: killed.id, status: 'creating', init: null, creator: { pid: 4_194_303, startTime: 1 } };
    mkdirSync(`${box.stateRoot}/${killed.id}`);
    const text = JSON.stringify({ ...record, ...remains, unit: { ...record.unit, fresh: false } });
    writeFileSync(`${box.stateRoot}/${killed.id}/state.json`, text);
    succeeded(t, await killed.delete({ flags: ['--force'] }));
    t.equal((await winner.state()).status, 'running');
    t.equal(show(winner, 'ActiveState')['ActiveState'], 'active');
  },
  { oursOnly: true },
);

check(
  'an existing unit is left alone',
  async (t, box) => {
    const first = scoped(box);
    succeeded(t, await first.create(driver));
    const second = scoped(box, (config) => {
      config.linux.cgroupsPath = first.cgroupsPath;
    });
    failed(t, await second.create(driver));
    t.equal(show(first, 'ActiveState')['ActiveState'], 'active');
    t.equal((await first.state()).status, 'created');
  },
  { knownDifferences: { 'runc 1.1': 'uses it, with a warning' } },
);

check(
  'a cgroupsPath that names no unit is refused',
  async (t, box) => {
    for (const path of ['/a/b', 'system.slice:x', 'no-slice:p:n', 'a--b.slice:p:n', 'a/b.slice:p:n']) {
      const container = scoped(box, (config) => {
        config.linux.cgroupsPath = path;
      });
      failed(t, await container.create(driver), runtime.isOurs ? /linux\/cgroupsPath/ : /\S/);
    }
    t.same(await box.leftovers(), []);
  },
  { knownDifferences: { crun: 'accepts any name' } },
);

check(
  'a failed unit is forgotten at delete',
  async (t, box) => {
    const container = scoped(box, (config) => {
      config.annotations = { 'org.systemd.property.RuntimeMaxUSec': 'uint64 3000000' };
    });
    succeeded(t, await container.create(driver));
    await container.waitFor('stopped', 20_000);
    for (let tries = 0; tries < 100 && show(container, 'ActiveState')['ActiveState'] !== 'failed'; tries++) await sleep(100);
    t.equal(show(container, 'ActiveState')['ActiveState'], 'failed', 'systemd has ended it');
    succeeded(t, await container.delete());
    t.equal(show(container, 'LoadState')['LoadState'], 'not-found');
  },
  { knownDifferences: { 'runc 1.1': 'leaves it', crun: 'leaves it' } },
);

check(
  'after a create that was killed the id and the unit are free again',
  async (t, box) => {
    const container = scoped(box, (config) => {
      config.hooks = { createRuntime: [{ path: '/bin/sh', args: ['sh', '-c', `touch ${box.path('in-hook')}; sleep 5`] }] };
    });
    let killing: Promise<void> = Promise.resolve();
    const killInHook = async (pid: number): Promise<void> => {
      while (!existsSync(box.path('in-hook'))) await sleep(20);
      process.kill(pid, 'SIGKILL');
    };
    await container.create({
      ...driver,
      onSpawn: (pid) => {
        killing = killInHook(pid);
      },
    });
    await killing;
    container.config.hooks = {};
    container.writeConfig();
    succeeded(t, await container.create(driver));
    t.equal(await cgroupOf(container), `/system.slice/${unitOf(container)}`);
    succeeded(t, await container.delete({ flags: ['--force'] }));
  },
  { knownDifferences: { runc: 'finds the id in use', crun: 'finds the id in use' } },
);

check(
  'systemd that does not answer is an error in time, and the record stays until it does',
  async (t, box) => {
    const socket = box.path('deaf');
    const server = createServer();
    await new Promise<void>((done) => void server.listen(socket, done));
    box.atEnd(() => server.close());
    const container = scoped(box);
    const script = `mount --bind ${socket} /run/systemd/private && exec "$@"`;
    const words = [
      runtime.path,
      '--root',
      box.stateRoot,
      '--systemd-cgroup',
      'create',
      '--bundle',
      container.bundle,
      container.id,
    ];
    const result = await box.command('unshare', ['-m', 'sh', '-c', script, 'sh', ...words], { timeout: 60_000 });
    failed(t, result, /systemd did not answer within 30 s/);
    t.ok(result.milliseconds < 35_000 + 5_000 * patience, 'in time', { milliseconds: result.milliseconds });
    // Nobody knows whether the unit was started: delete asks again.
    t.same(await box.leftovers(), [`state ${container.id}`]);
    t.match(await container.state(), { status: 'stopped' });
    succeeded(t, await container.delete({ flags: ['--force'] }));
    t.same(await box.leftovers(), []);
  },
  { oursOnly: true },
);
