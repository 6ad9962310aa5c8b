// runtime.md, "Delete": only stopped containers, and everything of them; --force deletes the others too.
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { failed, succeeded, test } from '../../harness/case.js';
import { cgroupDirectory, hierarchies } from '../../harness/machine/cgroup.js';
import { type Config, shell } from '../../harness/config.js';

const sleeping = (config: Config): void => {
  config.process.args = ['sleep', '60'];
};

test('a running container is not deleted', async (t, box) => {
  const container = box.container(sleeping);
  await container.up();
  const before = await container.state();
  failed(t, await container.delete());
  t.same(await container.state(), before);
});

test(
  'nor is a created one',
  async (t, box) => {
    const container = box.container(sleeping);
    succeeded(t, await container.create());
    const before = await container.state();
    failed(t, await container.delete());
    t.same(await container.state(), before);
  },
  { knownDifferences: { crun: 'kills and deletes a created container', runc: 'kills and deletes a created container' } },
);

test('--force deletes in every status', async (t, box) => {
  const container = box.container(sleeping);
  succeeded(t, await container.create());
  succeeded(t, await container.delete({ flags: ['--force'] }));
  t.same(await box.leftovers(), [], 'created');
  await container.up();
  succeeded(t, await container.delete({ flags: ['-f'] }));
  t.same(await box.leftovers(), [], 'running');
  await container.up();
  await container.kill();
  await container.waitFor('stopped');
  succeeded(t, await container.delete({ flags: ['--force'] }));
  t.same(await box.leftovers(), [], 'stopped');
});

test(
  'a container that does not exist: an error, but not with --force',
  async (t, box) => {
    failed(t, await box.runtime(['delete', box.name]), /does not exist/);
    succeeded(t, await box.runtime(['delete', '--force', box.name]));
    succeeded(t, await box.runtime(['delete', '-f', box.name]));
  },
  { knownDifferences: { crun: 'has other words' } },
);

test(
  'delete twice: the second says that there is no such container',
  async (t, box) => {
    const container = box.container();
    await container.up();
    await container.waitFor('stopped');
    succeeded(t, await container.delete());
    failed(t, await container.delete(), /does not exist/);
  },
  { knownDifferences: { crun: 'has other words' } },
);

test('cgroups that the container made below its own are removed, too', async (t, box) => {
  const container = box.container(sleeping);
  await container.up();
  const directory = cgroupDirectory('pids', container.cgroupsPath);
  if (directory === undefined) throw new Error('no pids controller');
  mkdirSync(join(directory, 'inner'));
  await container.kill();
  await container.waitFor('stopped');
  succeeded(t, await container.delete());
  t.notOk(existsSync(directory));
});

test('a cgroup that existed before stays', async (t, box) => {
  const parents = hierarchies.map((hierarchy) => join(hierarchy.path, `${box.name}-before`));
  for (const parent of parents) mkdirSync(parent);
  box.atEnd(() => {
    for (const parent of parents) rmdirSync(parent);
  });
  const container = box.container((config) => {
    config.linux.cgroupsPath = `/${box.name}-before/inner`;
  });
  await container.up();
  await container.waitFor('stopped');
  succeeded(t, await container.delete());
  for (const parent of parents) {
    t.ok(existsSync(parent), parent);
    t.notOk(existsSync(join(parent, 'inner')), "but not the container's in it");
  }
});

test('files in the bundle that create did not make stay', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = shell('echo kept > /kept');
  });
  await container.up();
  await container.waitFor('stopped');
  succeeded(t, await container.delete());
  t.equal(container.read('kept'), 'kept\n');
  t.ok(existsSync(join(container.bundle, 'config.json')));
});

test(
  'processes that outlive the first one are killed',
  async (t, box) => {
    const container = box.container((config) => {
      config.linux.namespaces = config.linux.namespaces.filter((namespace) => namespace.type !== 'pid');
      config.process.args = shell('sleep 60 & echo $! > /child');
    });
    await container.up();
    const child = (await container.waitForFile('child')).trim();
    await container.waitFor('stopped');
    t.ok(existsSync(`/proc/${child}`));
    succeeded(t, await container.delete({ flags: ['--force'] }));
    t.same(await box.leftovers(), []);
  },
  { knownDifferences: { 'runc 1.1': 'leaves them with cgroup v2' } },
);

test(
  'delete waits for a killed process that has not quite ended',
  async (t, box) => {
    const container = await box.running();
    const { pid = 0 } = await container.state();
    succeeded(t, await container.verb('pause'));
    // v1 keeps a frozen process from ending, however it is killed.
    process.kill(pid, 'SIGKILL');
    const deleting = container.delete();
    await sleep(300);
    const freezer = join(cgroupDirectory('freezer', container.cgroupsPath) ?? '', 'freezer.state');
    if (existsSync(freezer)) writeFileSync(freezer, 'THAWED');
    succeeded(t, await deleting);
    t.same(await box.leftovers(), []);
  },
  { knownDifferences: { runc: 'says that it is paused', crun: 'says that it is paused' } },
);

test(
  'kill and delete, one after the other',
  async (t, box) => {
    for (let round = 0; round < 5; round++) {
      const container = await box.running();
      succeeded(t, await container.kill());
      succeeded(t, await container.delete());
    }
    t.same(await box.leftovers(), []);
  },
  { knownDifferences: { runc: 'sometimes says that it is running', crun: 'sometimes says that it is running' } },
);

test('delete does not wait after a signal that ends nothing', async (t, box) => {
  const container = await box.running();
  succeeded(t, await container.kill('TERM'));
  failed(t, await container.delete());
  t.equal((await container.state()).status, 'running');
});
