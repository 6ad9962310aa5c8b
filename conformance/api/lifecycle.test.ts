// The library: each method against real containers, next to the command line.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { succeeded, test } from '../harness/case.js';
import { PockerError, rejection, runtimeOf, specOf } from './harness/api.js';

test('create, start, wait and delete, with a bundle and with an object', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = ['sh', '-c', 'echo out; echo err >&2; exit 7'];
  });
  const runtime = runtimeOf(box);
  for (const source of [{ bundle: container.bundle }, { bundle: container.bundle, config: specOf(container) }]) {
    const made = await runtime.create(container.id, { ...source, stdout: 'pipe', stderr: 'pipe' });
    t.equal((await made.state()).status, 'created');
    await made.start();
    t.equal(await made.stdout?.text(), 'out\n');
    t.equal(await made.stderr?.text(), 'err\n');
    t.same(await made.wait(), { code: 7, signal: null, oomKilled: false });
    t.same(await made.wait(), { code: 7, signal: null, oomKilled: false }, 'and again');
    t.equal((await made.state()).status, 'stopped');
    await made.delete();
    t.match(await rejection(made.state()), { name: 'PockerError', code: 'E_NO_CONTAINER' });
  }
});

test('run returns what the program wrote and how it ended', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = ['sh', '-c', 'cat; echo err >&2; kill -TERM $$'];
  });
  const runtime = runtimeOf(box);
  const result = await runtime.run(container.id, { bundle: container.bundle, stdout: 'pipe', stderr: 'pipe' });
  // The first process of a pid namespace gets no signals from within it.
  t.match(result, { stdout: '', stderr: 'err\n', timedOut: false, oomKilled: false });
  t.same(await runtime.list(), []);
});

test('run with a time limit kills the container', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = ['sleep', '60'];
  });
  const result = await runtimeOf(box).run(container.id, { bundle: container.bundle, stdout: 'null', timeout: 300 });
  t.match(result, { timedOut: true, code: null, signal: 'SIGKILL' });
});

test('API and command line on one container', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = ['sleep', '60'];
  });
  const runtime = runtimeOf(box);
  const made = await runtime.create(container.id, { bundle: container.bundle, stdout: 'null', stderr: 'null' });
  t.same(await made.state(), await container.state(), 'the same state');
  succeeded(t, await container.start());
  t.equal((await made.state()).status, 'running');
  t.same(JSON.parse((await box.runtime(['list', '--format', 'json'])).stdout), await runtime.list(), 'the same list');
  t.same(JSON.parse((await container.verb('ps', { flags: ['--format', 'json'] })).stdout), await made.processes());
  await made.pause();
  t.equal((await container.state()).status, 'paused');
  t.match(await rejection(made.exec({ args: ['true'] })), { message: /paused container \(use ignorePaused to override\)/ });
  succeeded(t, await container.verb('resume'));
  await made.kill('SIGKILL');
  t.match(await made.wait(), { code: null, signal: 'SIGKILL' });
  succeeded(t, await container.delete());

  succeeded(t, await container.create());
  const found = await runtime.get(container.id);
  t.equal(found.pid, (await container.state()).pid);
  await found.start();
  const end = found.wait();
  await found.kill('SIGKILL');
  await end;
  await found.delete();
  t.equal(existsSync(`${box.stateRoot}/${container.id}`), false);
});

test('how a container ended that was deleted while it ran, or could not be started', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = ['sleep', '60'];
  });
  const runtime = runtimeOf(box);
  const killed = { code: null, signal: 'SIGKILL', oomKilled: false };
  const made = await runtime.spawn(container.id, { bundle: container.bundle, stdout: 'null', stderr: 'null' });
  await made.delete({ force: true });
  t.same(await made.wait({ signal: AbortSignal.timeout(10_000) }), killed);

  const config = { ...specOf(container), hooks: { poststart: [{ path: '/bin/false' }] } };
  const failing = await runtime.create(container.id, { config, bundle: container.bundle, stdout: 'null', stderr: 'null' });
  t.match(await rejection(failing.start()), { code: 'E_HOOK' });
  t.same(await failing.wait({ signal: AbortSignal.timeout(10_000) }), killed);
});

test('how a container ended while this program was busy', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = ['sh', '-c', 'exit 7'];
  });
  const made = await runtimeOf(box).spawn(container.id, { bundle: container.bundle, stdout: 'null', stderr: 'null' });
  // Longer than its worker stays: what that has said waits to be read.
  execFileSync('sleep', ['2.5']);
  await made.delete();
  t.same(await made.wait(), { code: 7, signal: null, oomKilled: false });
});

test('how a container created by another process ended', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = ['sh', '-c', 'sleep 0.3; exit 9'];
  });
  succeeded(t, await container.create());
  const found = await runtimeOf(box).get(container.id);
  await found.start();
  const { code } = await found.wait();
  // Since Linux 6.15, anyone with a pidfd can see it.
  t.ok(code === 9 || code === null, `code ${code}`);
  await found.delete();
});

test('update, stats and events', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = ['sleep', '60'];
    config.linux.resources = { ...config.linux.resources, memory: { limit: 64 * 1024 * 1024 } };
  });
  const runtime = runtimeOf(box);
  const made = await runtime.create(container.id, { bundle: container.bundle, stdout: 'null', stderr: 'null' });
  await made.start();
  await made.update({ pids: { limit: 50 } });
  t.match(await made.stats(), { pids: { current: 1, limit: 50 }, memory: { usage: { limit: 64 * 1024 * 1024 } } });
  const line = JSON.parse((await container.verb('events', { flags: ['--stats'] })).stdout) as { data: object };
  t.same(Object.keys(await made.stats()), Object.keys(line.data), 'the fields of the command line');
  t.match(await rejection(made.update({ pids: { limit: 'many' as unknown as number } })), {
    code: 'E_CONFIG_SCHEMA',
    pointer: '/linux/resources/pids/limit',
  });
  let seen = 0;
  for await (const event of made.events({ interval: 20 })) {
    t.match(event, { type: 'stats', data: { pids: { current: 1, limit: 50 } } });
    if (++seen === 3) break;
  }
  const rest = made.events({ interval: 20 });
  t.equal((await rest.next()).done, false);
  await made.kill('SIGKILL');
  let over = false;
  for (let next = await rest.next(); !over; next = await rest.next()) over = next.done === true;
  t.ok(over, 'events end with the container');
  await made.delete({ force: true });
});

test('a container that runs out of memory', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = ['sh', '-c', 'x=a; while :; do x=$x$x; done'];
    config.linux.resources = { ...config.linux.resources, memory: { limit: 16 * 1024 * 1024, swap: 16 * 1024 * 1024 } };
  });
  const result = await runtimeOf(box).run(container.id, { bundle: container.bundle, stdout: 'null', stderr: 'null' });
  t.match(result, { oomKilled: true, signal: 'SIGKILL' });
});

test('a container whose child runs out of memory, and which goes on', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = ['sh', '-c', '(x=a; while :; do x=$x$x; done); echo $?; exit 3'];
    config.linux.resources = { ...config.linux.resources, memory: { limit: 16 * 1024 * 1024, swap: 16 * 1024 * 1024 } };
  });
  const result = await runtimeOf(box).run(container.id, { bundle: container.bundle, stdout: 'pipe', stderr: 'null' });
  t.match(result, { oomKilled: true, code: 3, signal: null, stdout: '137\n' });
});

test('plan, validate and features', async (t, box) => {
  const container = box.container();
  const runtime = runtimeOf(box);
  const plan = await runtime.plan({ bundle: container.bundle, id: container.id });
  const printed = JSON.parse(
    (await box.runtime(['plan', '--format', 'json', '--id', container.id, container.bundle])).stdout,
  ) as object;
  t.same(plan, printed);
  t.same(await runtime.features(), JSON.parse((await box.runtime(['features'])).stdout));
  t.same(await runtime.validate(container.bundle), []);
  container.writeConfig('{\n  "ociVersion": 1,\n  "root": { "path": 5 }\n}\n');
  t.match(await runtime.validate(container.bundle), [
    {
      code: 'E_CONFIG_SCHEMA',
      pointer: '/ociVersion',
      line: 2,
      column: 17,
      found: 'the number 1',
      expected: 'expected a string',
    },
    { code: 'E_CONFIG_SCHEMA', pointer: '/root/path', line: 3 },
  ]);
  container.writeConfig('{\n  "ociVersion": }');
  t.match(await runtime.validate(container.bundle), [{ code: 'E_CONFIG_JSON', line: 2, column: 17 }]);
  const wrong = { ...specOf(container), hostname: 3 } as unknown as Parameters<typeof runtime.validate>[0];
  t.match(await runtime.validate(wrong), [{ pointer: '/hostname', found: 'the number 3' }]);
});

test('errors are those of the command line, with all their details', async (t, box) => {
  const container = box.container((config) => {
    config.mounts = [...config.mounts, { destination: '/x', type: 'bind', source: '/no/such/source', options: ['bind'] }];
  });
  const caught = await rejection(
    runtimeOf(box).create(container.id, { bundle: container.bundle, stdout: 'null', stderr: 'null' }),
  );
  if (!(caught instanceof PockerError)) throw caught;
  t.match(caught, { code: 'E_MOUNT', path: '/no/such/source', errno: 2, pointer: /^\/mounts\/\d+/ });
  const log = box.path('log.json');
  await container.create({ globals: ['--log', log, '--log-format', 'json'] });
  const line = readFileSync(log, 'utf8').trim().split('\n').at(-1)!;
  t.match(JSON.parse(line), { code: caught.code, msg: caught.message, pointer: caught.pointer });
});

test('a wrong option is named, before anything is made', async (t, box) => {
  const container = box.container();
  const runtime = runtimeOf(box);
  const { id, bundle } = container;
  const rows: (readonly [object, RegExp])[] = [
    [{ bundle, stdout: 'pip' }, /^stdout: expected .*found pip/],
    [{ bundle, lifetime: 'program' }, /lifetime: expected 'container' or 'process', found "program"/],
    [{ bundle, timout: 3 }, /there is no option "timout"/],
    [{ bundle, pidFile: 3 }, /pidFile: expected a string, found 3/],
    [{ bundle, terminal: { columns: 0, rows: 3 } }, /terminal: columns: expected a positive integer, found 0/],
    [{ bundle, constructor: 1 }, /there is no option "constructor"/],
    [{ bundle, signal: 3 }, /signal: expected an AbortSignal/],
    [{}, /bundle or config is missing/],
    [{ config: { ociVersion: '1.2.0', root: { path: 'rootfs' } } }, /bundle is missing/],
  ];
  for (const [options, message] of rows)
    t.match(await rejection(runtime.create(id, options as never)), { code: 'E_USAGE', message }, String(message));
  t.match(await rejection(runtime.create(3 as never, { bundle })), { code: 'E_USAGE', message: /^id: expected a string/ });
  t.match(await rejection(runtime.create('a/b', { bundle })), { code: 'E_ID_INVALID' });
  t.throws(() => runtimeOf(box, { cgroupManager: 'v3' as never }), { code: 'E_USAGE' });
  t.same(await runtime.list({}).catch(() => []), []);
});

test('options that are no object are wrong options', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = ['sleep', '60'];
  });
  const { id, bundle } = container;
  const runtime = runtimeOf(box);
  const made = await runtime.spawn(id, { bundle, stdout: 'null', stderr: 'null' });
  const process = await made.exec({ args: ['true'], stdout: 'null', stderr: 'null' });
  for (const wrong of [null, 3, 'text'] as unknown as never[]) {
    const calls: Readonly<Record<string, () => Promise<unknown>>> = {
      create: () => runtime.create('other', wrong),
      spawn: () => runtime.spawn('other', wrong),
      run: () => runtime.run('other', wrong),
      restore: () => runtime.restore('other', wrong),
      get: () => runtime.get(id, wrong),
      list: () => runtime.list(wrong),
      plan: () => runtime.plan(wrong),
      validate: () => runtime.validate(bundle, wrong),
      features: () => runtime.features(wrong),
      start: () => made.start(wrong),
      state: () => made.state(wrong),
      wait: () => made.wait(wrong),
      kill: () => made.kill('SIGKILL', wrong),
      pause: () => made.pause(wrong),
      resume: () => made.resume(wrong),
      update: () => made.update({}, wrong),
      processes: () => made.processes(wrong),
      stats: () => made.stats(wrong),
      events: () => made.events(wrong).next(),
      addMounts: () => made.addMounts([], wrong),
      removeMounts: () => made.removeMounts([], wrong),
      checkpoint: () => made.checkpoint(wrong),
      exec: () => made.exec(wrong),
      delete: () => made.delete(wrong),
      'wait of a process': () => process.wait(wrong),
    };
    for (const [name, call] of Object.entries(calls))
      t.match(await rejection(call()), { code: 'E_USAGE' }, `${name}: ${JSON.stringify(wrong)}`);
  }
  t.equal((await made.state()).status, 'running', 'and nothing was done');
  t.match(await rejection(made.kill('SIGKILL', { signal: AbortSignal.abort() })), { name: 'AbortError' });
  await made.delete({ force: true });
});
