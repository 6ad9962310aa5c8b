// The library when something goes wrong around a request: what its callers still get, and that the program goes on.
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { succeeded, test } from '../harness/case.js';
import type { Box } from '../harness/box.js';
import { rejection, runtimeOf, type Api } from './harness/api.js';
import { projectRoot } from '../harness/runtime.js';

const quiet = { stdout: 'null', stderr: 'null' } as const;

/** Runs a separate program that uses the library; `body` sees runtime, bundle and id. */
function output(box: Box, body: string): string {
  const { id, bundle } = box.containers[0]!;
  const path = box.path('program.mjs');
  const imports = `import { Runtime } from ${JSON.stringify(join(projectRoot, 'dist/node/api.js'))};
    import { readdirSync, readFileSync } from 'node:fs';
    import { setTimeout as sleep } from 'node:timers/promises';`;
  const given = `const [bundle, id, mark] = ${JSON.stringify([bundle, id, box.name])};
    const runtime = new Runtime({ root: ${JSON.stringify(box.stateRoot)} });`;
  writeFileSync(path, `${imports}\n${given}\n${body}\n`);
  const env = { ...process.env, MARK: box.name };
  return execFileSync(process.execPath, [path], { encoding: 'utf8', timeout: 20_000, env });
}

test('annotations that look like a marked integer', async (t, box) => {
  const runtime = runtimeOf(box);
  for (const value of ['x', '5']) {
    const container = box.container((config) => {
      config.annotations = { $bigint: value };
    });
    const made = await runtime.create(container.id, { bundle: container.bundle, ...quiet });
    t.same((await made.state()).annotations, { $bigint: value });
    await made.delete({ force: true });
  }
});

test('an integer beyond 2^53 arrives exactly', async (t, box) => {
  const container = await box.running();
  const stats = (await (await runtimeOf(box).get(container.id)).stats()) as { memory: { usage: { limit: unknown } } };
  // How large "no limit" is depends on the version of cgroups.
  t.ok(stats.memory.usage.limit === 2n ** 64n - 1n || stats.memory.usage.limit === 2n ** 63n - 4096n, 'no limit', stats.memory);
});

test('an onWarning that throws does not cost the result', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = ['true'];
    config.linux.resources = { ...config.linux.resources, memory: { limit: 64 * 1024 * 1024, kernel: 64 * 1024 * 1024 } };
  });
  let warnings = 0;
  const onWarning = (): void => {
    warnings++;
    throw new Error('of the caller');
  };
  const result = await runtimeOf(box, { onWarning }).run(container.id, { bundle: container.bundle, ...quiet });
  t.match(result, { code: 0 });
  t.ok(warnings > 0, 'there was a warning');
});

test('an aborted wait on a container that was found does not keep the program alive', async (t, box) => {
  const container = await box.running();
  const body = `const found = await runtime.get(id);
    await found.wait({ signal: AbortSignal.timeout(100) }).catch((caught) => console.log(caught.name));`;
  t.equal(output(box, body), 'TimeoutError\n');
  succeeded(t, await container.delete({ flags: ['--force'] }));
});

test('fork servers that are killed while nobody waits', (t, box) => {
  box.container((config) => {
    config.process.args = ['sleep', '60'];
  });
  // A worker has its fork server's command line, and would go on without it.
  const body = `const read = (pid, name) => { try { return readFileSync('/proc/' + pid + '/' + name, 'utf8'); } catch { return ''; } };
    const servers = () => readdirSync('/proc').filter((pid) => read(pid, 'cmdline').split('\\0')[1] === '--fork-server' &&
      read(pid, 'environ').includes('MARK=' + mark));
    const made = await runtime.create(id, { bundle, stdout: 'null', stderr: 'null' });
    await made.start();
    const other = await made.exec({ args: ['sleep', '60'], stdout: 'null', stderr: 'null' });
    let killed = 0;
    for (let turns = 0; turns < 50 && killed < 6; turns++) {
      const pids = servers();
      for (const pid of pids) { try { process.kill(Number(pid), 'SIGKILL'); } catch {} } // one may just have ended
      if (pids.length > 0) { killed++; turns = 0; }
      await sleep(10);
    }
    await made.kill('SIGKILL');
    await made.wait();
    await other.wait();
    console.log((await made.state()).status, killed > 2);
    await made.delete();`;
  t.equal(output(box, body), 'stopped true\n');
});

test('a delete whose worker is killed midway is not carried out twice', async (t, box) => {
  const [ran, quick] = [box.path('ran'), box.path('quick')];
  const container = box.container((config) => {
    const script = `echo ran >> ${ran}; test -e ${quick} || sleep 2`;
    config.hooks = { poststop: [{ path: '/bin/sh', args: ['sh', '-c', script] }] };
  });
  for (const signal of ['', ', signal: new AbortController().signal']) {
    // With a signal, it is the work of a worker of its own.
    writeFileSync(ran, '');
    const body = `const read = (pid, name) => { try { return readFileSync('/proc/' + pid + '/' + name, 'utf8'); } catch { return ''; } };
      const servers = () => readdirSync('/proc').filter((pid) => read(pid, 'cmdline').split('\\0')[1] === '--fork-server' &&
        read(pid, 'environ').includes('MARK=' + mark));
      const made = await runtime.create(id, { bundle, stdout: 'null', stderr: 'null' });
      const deleting = made.delete({ force: true${signal} }).then(() => 'deleted', (caught) => caught.code);
      while (readFileSync(${JSON.stringify(ran)}, 'utf8') === '') await sleep(10);
      for (const pid of servers()) process.kill(pid, 'SIGKILL');
      console.log(await deleting);`;
    t.equal(output(box, body), 'E_INTERNAL\n');
    t.equal(readFileSync(ran, 'utf8'), 'ran\n');
    writeFileSync(quick, '');
    succeeded(t, await container.delete({ flags: ['--force'] }));
    rmSync(quick);
  }
  await sleep(2500);
});

test('a clean-up that fails does not hide why it was needed', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = ['sleep', '60'];
  });
  const warnings: string[] = [];
  const runtime = runtimeOf(box, { onWarning: ({ message }) => warnings.push(message) });
  const started = (made: Api.Container): void => {
    Object.defineProperty(made, 'delete', { value: () => Promise.reject(new Error('the second')) });
    throw new Error('the first');
  };
  t.match(await rejection(runtime.run(container.id, { bundle: container.bundle, ...quiet, started })), {
    message: 'the first',
  });
  t.same(warnings, ['while cleaning up: the second']);
  succeeded(t, await container.delete({ flags: ['--force'] }));
});

test('values that are no descriptors are named', async (t, box) => {
  const container = await box.running();
  const runtime = runtimeOf(box);
  const made = await runtime.get(container.id);
  const rows: (readonly [object, RegExp])[] = [
    [{ fds: ['x'] }, /fds: expected an array of descriptors, found \["x"\]/],
    [{ fds: [-1] }, /fds: expected an array of descriptors, found \[-1\]/],
    [{ fds: [0, 1.5] }, /fds: expected an array of descriptors/],
    [{ stdin: -1 }, /^stdin: expected .*found -1/],
    [{ stdin: 987 }, /^stdin: descriptor 987 is not open/],
    [{ fds: [0, 987] }, /^fds: descriptor 987 is not open/],
  ];
  for (const [options, message] of rows) {
    const wrong = { code: 'E_USAGE', message };
    t.match(await rejection(made.exec({ args: ['true'], ...quiet, ...options })), wrong, `exec: ${String(message)}`);
    const creating = runtime.create(`${container.id}-x`, { bundle: container.bundle, ...quiet, ...options });
    t.match(await rejection(creating), wrong, `create: ${String(message)}`);
  }
});

test('without descriptors for pipes, nothing is left open', (t, box) => {
  box.container((config) => {
    config.process.args = ['sleep', '60'];
  });
  // Room for one pipe and a half.
  const body = `const pipes = { stdin: 'pipe', stdout: 'pipe', stderr: 'pipe' };
    const made = await runtime.create(id, { bundle, stdout: 'null', stderr: 'null' });
    await made.start();
    const { execFileSync } = await import('node:child_process');
    const { closeSync, openSync } = await import('node:fs');
    execFileSync('prlimit', ['--pid', String(process.pid), '--nofile=200:1024']);
    const taken = [];
    try { for (;;) taken.push(openSync('/dev/null')); } catch {} // until there are no more
    for (const fd of taken.splice(0, 3)) closeSync(fd);
    const failed = (promise) => promise.then(() => 'done', ({ code, message }) => code + ' ' + message);
    const answers = new Set();
    for (let i = 0; i < 3; i++) {
      answers.add(await failed(runtime.create(id + '-x', { bundle, ...pipes })));
      answers.add(await failed(made.exec({ args: ['true'], ...pipes })));
    }
    for (let i = 0; i < 3; i++) taken.push(openSync('/dev/null')); // what was free still is
    for (const fd of taken) closeSync(fd);
    console.log([...answers].join());
    await made.delete({ force: true });`;
  t.equal(output(box, body), 'E_HOST pipe2: too many open files\n');
});

test('an addon for another machine or C library: the error says what is needed', async (t, box) => {
  const addon = readFileSync(join(projectRoot, 'dist/pocker.node'));
  const otherMachine = Buffer.from(addon);
  otherMachine.writeUInt16LE(0xf3, 18); // e_machine: RISC-V
  const otherLibrary = Buffer.from(addon.toString('latin1').replaceAll('libc.so.6', 'libc.so.9'), 'latin1');
  for (const [index, [content, message]] of (
    [
      [otherMachine, /cannot load the native addon of pocker-runc: .*pocker\.node/],
      [otherLibrary, /libc\.so\.9: cannot open shared object file/],
      [null, /Cannot find module '\.\.\/pocker\.node'/],
    ] as const
  ).entries()) {
    const directory = box.path(`package-${index}`);
    cpSync(join(projectRoot, 'dist/node'), join(directory, 'node'), { recursive: true });
    writeFileSync(join(directory, 'package.json'), '{ "type": "module" }');
    if (content !== null) writeFileSync(join(directory, 'pocker.node'), content);
    const api = (await import(join(directory, 'node/api.js'))) as typeof Api;
    const hint = new RegExp(`^Build it for ${process.arch} and glibc: run "npm run build" in .*, then "npm pack"$`);
    t.match(await rejection(new api.Runtime().features()), { code: 'E_HOST', message, hint });
  }
});
