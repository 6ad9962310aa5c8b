// runtime.md, "Lifecycle" and "Create", "Start": what a container goes through, and what each verb must not do yet.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { shell, toJson } from '../../harness/config.js';
import { failed, succeeded, test } from '../../harness/case.js';

test('a container goes from create to delete', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = shell('echo ran > /ran; sleep 60');
  });
  succeeded(t, await container.create());
  t.equal((await container.state()).status, 'created');
  t.equal(container.read('ran'), '', 'create does not run the program');
  succeeded(t, await container.start());
  t.equal(await container.waitForFile('ran'), 'ran\n', 'start does');
  t.equal((await container.state()).status, 'running');
  succeeded(t, await container.kill());
  await container.waitFor('stopped');
  succeeded(t, await container.delete());
  t.same(await box.leftovers(), []);
});

test('changes to config.json after create have no effect', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = shell('echo old > /which');
  });
  succeeded(t, await container.create());
  container.writeConfig(
    toJson({ ...container.config, process: { ...container.config.process, args: shell('echo new > /which') } }),
  );
  succeeded(t, await container.start());
  t.equal(await container.waitForFile('which'), 'old\n');
  await container.waitFor('stopped');
});

test('config.json may be gone after create', async (t, box) => {
  const container = box.container();
  succeeded(t, await container.create());
  container.writeConfig('{');
  succeeded(t, await container.start());
  await container.waitFor('stopped');
  succeeded(t, await container.delete());
});

test('an id can be used again after delete', async (t, box) => {
  const container = box.container();
  for (let round = 0; round < 3; round++) {
    await container.up();
    await container.waitFor('stopped');
    succeeded(t, await container.delete());
  }
});

test('an id in use is refused, and its container is unchanged', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = ['sleep', '60'];
  });
  succeeded(t, await container.create());
  const before = await container.state();
  failed(t, await container.create());
  t.same(await container.state(), before);
  succeeded(t, await container.start());
  failed(t, await container.create());
  t.equal((await container.state()).status, 'running');
});

test('start of a running or stopped container is refused', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = ['sleep', '60'];
  });
  await container.up();
  const { pid } = await container.state();
  failed(t, await container.start());
  t.equal((await container.state()).pid, pid, 'the program is still running');
  await container.kill();
  await container.waitFor('stopped');
  failed(t, await container.start());
});

test('start without process is refused', async (t, box) => {
  const container = box.container();
  container.writeConfig(toJson({ ...container.config, process: undefined }));
  const created = await container.create();
  if (created.code === 0) failed(t, await container.start());
  else failed(t, created);
});

test('create without id or bundle is refused', async (t, box) => {
  const container = box.container();
  failed(t, await box.runtime(['create', '--bundle', container.bundle]));
  failed(t, await box.runtime(['create', '--bundle', box.path('nowhere'), container.id]));
  t.same(await box.leftovers(), []);
});

test('the bundle is the working directory by default', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = shell('echo ran > /ran');
  });
  succeeded(t, await box.runtime(['run', container.id], { cwd: container.bundle }));
  t.equal(container.read('ran'), 'ran\n');
});

test('a bundle may be given relative to the working directory', async (t, box) => {
  const container = box.container();
  succeeded(t, await box.runtime(['create', '-b', 'bundle', container.id], { cwd: box.directory }));
  t.equal((await container.state()).bundle, container.bundle, 'and state reports it as absolute');
});

test('a program that ends by itself leaves a stopped container', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = ['false'];
  });
  await container.up();
  t.equal((await container.waitFor('stopped')).id, container.id);
  t.ok(existsSync(join(box.stateRoot, container.id)), 'whose state is kept until delete');
});

test('a container can share its root filesystem with another', async (t, box) => {
  const first = box.container((config) => {
    config.process.args = ['sleep', '60'];
  });
  const second = box.container((config) => {
    config.root.path = first.rootfs;
    config.process.args = shell('cat /marker; echo seen > /seen');
  });
  writeFileSync(join(first.rootfs, 'marker'), 'shared\n');
  await first.up();
  const ran = await second.run();
  t.equal(ran.stdout, 'shared\n');
  t.equal(first.read('seen'), 'seen\n');
});
