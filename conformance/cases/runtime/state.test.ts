// runtime.md, "State": what `state` says in each status.
import { existsSync, realpathSync, symlinkSync } from 'node:fs';
import { failed, succeeded, test } from '../../harness/case.js';
import { shell, toJson } from '../../harness/config.js';
import { runtime } from '../../harness/runtime.js';

test('state has the properties that the specification requires', async (t, box) => {
  const container = box.container((config) => {
    config.annotations = { 'org.example.key': 'value', empty: '' };
    config.process.args = ['sleep', '60'];
  });
  succeeded(t, await container.create());
  const created = await container.state();
  t.match(created.ociVersion, /^1\.\d+\.\d+/);
  t.equal(created.id, container.id);
  t.equal(created.status, 'created');
  t.equal(created.bundle, container.bundle);
  t.same(created.annotations, { 'org.example.key': 'value', empty: '' });
  t.ok((created.pid ?? 0) > 0 && existsSync(`/proc/${created.pid}`), 'the pid is a host pid');
  await container.start();
  const running = await container.state();
  t.equal(running.status, 'running');
  t.equal(running.pid, created.pid, 'the pid stays');
  await container.kill();
  const stopped = await container.waitFor('stopped');
  t.notOk(stopped.pid, 'a stopped container has no pid');
});

test(
  'state also prints what engines read',
  async (t, box) => {
    const container = box.container();
    succeeded(t, await container.create());
    const state = (await container.state()) as unknown as Record<string, string>;
    t.equal(state['rootfs'], realpathSync(container.rootfs));
    t.match(state['created'], /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/);
    t.equal(typeof state['owner'], 'string');
  },
  { knownDifferences: { crun: 'says rootfs as in the config' } },
);

test(
  'state of a container that does not exist is an error',
  async (t, box) => {
    failed(t, await box.runtime(['state', box.name]), /does not exist/);
  },
  { knownDifferences: { crun: 'has other words' } },
);

test('state without an id is an error', async (t, box) => {
  failed(t, await box.runtime(['state']));
});

test('the bundle in the state is absolute, without symbolic links of the working directory', async (t, box) => {
  const container = box.container();
  symlinkSync(container.bundle, box.path('link'));
  succeeded(t, await box.runtime(['create', '--bundle', './link/../bundle', container.id], { cwd: box.directory }));
  t.equal((await container.state()).bundle, container.bundle);
});

test(
  'containers of different roots do not see each other',
  async (t, box) => {
    const container = box.container();
    succeeded(t, await container.create());
    const other = await box.command(runtime.path, ['--root', box.path('other'), 'state', container.id]);
    failed(t, other, /does not exist/);
  },
  { knownDifferences: { crun: 'has other words' } },
);

// The pid is really reused: in a separate pid namespace, where the next pid can be chosen.
const recycle = `mount -t proc proc /proc
  "$1" --root "$2" create --bundle "$3" --pid-file "$2.pid" "$4" && "$1" --root "$2" start "$4" || exit 90
  pid=$(cat "$2.pid"); while [ -e /proc/$pid ]; do sleep 0.05; done
  for try in 1 2 3 4 5 6 7 8 9; do
    echo $((pid - 1)) > /proc/sys/kernel/ns_last_pid; sleep 40 & [ $! = $pid ] && break; kill $!
  done
  [ $! = $pid ] || exit 91
  "$1" --root "$2" state "$4" | grep status
  "$1" --root "$2" kill "$4" KILL 2> /dev/null || echo kill refused
  "$1" --root "$2" delete --force "$4"
  kill -0 $pid && echo still there`;

test('a reused pid is not mistaken for the container', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = shell('exit 0');
  });
  const args = [
    '--mount',
    '--pid',
    '--fork',
    'sh',
    '-c',
    recycle,
    'sh',
    runtime.path,
    box.stateRoot,
    container.bundle,
    container.id,
  ];
  const result = await box.command('unshare', args);
  t.match(result.stdout, /"status": "stopped"/);
  t.match(result.stdout, /kill refused\nstill there/, 'and the other process is left alone');
});

test(
  'a newer minor version of the specification is accepted',
  async (t, box) => {
    const container = box.container();
    container.writeConfig(toJson({ ...container.config, ociVersion: '1.9.0' }));
    succeeded(t, await container.create());
    t.equal((await container.state()).status, 'created');
  },
  { knownDifferences: { 'crun 1.8': 'refuses it' } },
);

test('unknown properties are ignored', async (t, box) => {
  const container = box.container();
  const linux = { ...container.config.linux, alsoNew: { a: [1] } };
  container.writeConfig(
    toJson({ ...container.config, linux, 'org.example.new': 1, process: { ...container.config.process, later: true } }),
  );
  succeeded(t, await container.create());
});
