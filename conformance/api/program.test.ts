// The library and the program that uses it: many containers at once, the event loop, what belongs to the program, and what
// happens to containers when it ends.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { succeeded, test, type Tap } from '../harness/case.js';
import type { Box } from '../harness/box.js';
import { runtimeOf, specOf } from './harness/api.js';
import { projectRoot } from '../harness/runtime.js';

const api = join(projectRoot, 'dist/node/api.js');

/** A separate program that uses the library; `body` sees Runtime, config and id. */
function program(box: Box, body: string, name = 'program.mjs'): string {
  const container = box.containers[0]!;
  const path = box.path(name);
  const given = `const config = ${JSON.stringify(specOf(container))};
    const [bundle, id] = ${JSON.stringify([container.bundle, container.id])};
    const runtime = new Runtime({ root: ${JSON.stringify(box.stateRoot)} });`;
  writeFileSync(path, `import { Runtime } from ${JSON.stringify(api)};\n${given}\n${body}\n`);
  return path;
}

test('fifty containers at once: each gets its own output, complete', async (t, box) => {
  const container = box.container((config) => {
    delete config.linux.cgroupsPath;
  });
  const runtime = runtimeOf(box);
  const config = specOf(container);
  const count = 50;
  const runs = Array.from({ length: count }, (_, index) =>
    runtime.run(`${container.id}-${index}`, {
      bundle: container.bundle,
      config: {
        ...config,
        process: {
          ...config.process!,
          args: ['sh', '-c', `i=0; while [ $i -lt 200 ]; do echo ${index}-$i; i=$((i+1)); done; exit ${index}`],
        },
        linux: { ...config.linux, cgroupsPath: `/${box.name}-${index}` },
      },
      stdout: 'pipe',
      stderr: 'pipe',
    }),
  );
  const results = await Promise.all(runs);
  const wanted = (index: number) => Array.from({ length: 200 }, (_, line) => `${index}-${line}\n`).join('');
  t.same(
    results.map(({ code }) => code),
    results.map((_, index) => index),
  );
  t.same(
    results.filter(({ stdout, stderr }, index) => stdout !== wanted(index) || stderr !== '').length,
    0,
    'all that was written, and nothing else',
  );
  t.same(await runtime.list(), []);
});

function ownState(): object {
  const status = readFileSync('/proc/self/status', 'utf8');
  return {
    signals: /^Sig(Blk|Ign|Cgt):.*$/gm[Symbol.match](status),
    umask: /^Umask:.*$/m.exec(status)?.[0],
    directory: readlinkSync('/proc/self/cwd'),
    children: readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8'),
  };
}

test('nothing of the program’s is changed, and many rounds leave nothing behind', async (t, box) => {
  const container = box.container();
  const runtime = runtimeOf(box);
  const round = async (): Promise<void> => {
    await runtime.run(container.id, { bundle: container.bundle, stdout: 'pipe', stderr: 'pipe', stdin: 'pipe' });
  };
  const before = ownState();
  await round();
  t.same(ownState(), before, 'signals, umask, working directory, children');
  await sleep(50);
  const resources = (): number[] => [readdirSync('/proc/self/fd').length, readdirSync('/proc/self/task').length];
  const [fds, threads] = resources();
  for (let i = 0; i < 30; i++) await round();
  await sleep(50);
  t.same(resources(), [fds, threads], 'descriptors and threads');
});

test('only the program waits for its children', async (t, box) => {
  const container = box.container();
  const runtime = runtimeOf(box);
  const children = Array.from({ length: 10 }, (_, code) => {
    const child = spawn('/bin/sh', ['-c', `sleep 0.0${code}; exit ${code}`], { stdio: 'ignore' });
    return once(child, 'exit') as Promise<[number]>;
  });
  for (let i = 0; i < 5; i++) await runtime.run(container.id, { bundle: container.bundle, stdout: 'null', stderr: 'null' });
  t.same(
    (await Promise.all(children)).map(([code]) => code),
    children.map((_, code) => code),
  );
});

test('only descriptors that the program passes reach a container', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = ['ls', '/proc/self/fd'];
    config.mounts = [{ destination: '/proc', type: 'proc', source: 'proc' }];
  });
  const runtime = runtimeOf(box);
  const options = { bundle: container.bundle, stdout: 'pipe', stderr: 'pipe' } as const;
  // Without close-on-exec, as in a program that does not know better.
  const [first] = [execFileSync('true'), 0];
  t.ok(first);
  t.equal((await runtime.run(container.id, options)).stdout, '0\n1\n2\n3\n', '3 is the directory itself');
  t.equal((await runtime.run(container.id, { ...options, fds: [0, 1] })).stdout, '0\n1\n2\n3\n4\n5\n');
});

test('containers outlive the program, or end with it', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = ['sleep', '60'];
  });
  for (const [lifetime, status] of [
    ['container', 'running'],
    ['process', undefined],
  ] as const) {
    const path = program(
      box,
      `const made = await runtime.create(id, { bundle, lifetime: '${lifetime}', stdout: 'null', stderr: 'null' });
       await made.start();
       process.stdout.write('ready\\n');
       setInterval(() => undefined, 1000);`,
    );
    const child = spawn(process.execPath, [path], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    await settled(async () => (await runtimeOf(box).list())[0]?.status === status);
    t.equal((await runtimeOf(box).list())[0]?.status, status, `after SIGKILL of the program, lifetime ${lifetime}`);
    if (status !== undefined) await (await runtimeOf(box).get(container.id)).delete({ force: true });
  }
});

test('a hook that hangs at the end of the program', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = ['sleep', '60'];
    config.hooks = { poststart: [{ path: '/bin/sh', args: ['sh', '-c', `touch ${box.path('hook')}; sleep 60`] }] };
  });
  for (const [lifetime, status] of [
    ['container', 'running'],
    ['process', undefined],
  ] as const) {
    const path = program(
      box,
      `const made = await runtime.create(id, { bundle, lifetime: '${lifetime}', stdout: 'null', stderr: 'null' });
       await made.start();`,
    );
    const child = spawn(process.execPath, [path], { stdio: ['ignore', 'ignore', 'inherit'] });
    await settled(() => Promise.resolve(existsSync(box.path('hook'))));
    rmSync(box.path('hook'));
    child.kill('SIGKILL');
    await once(child, 'exit');
    await settled(async () => (await runtimeOf(box).list())[0]?.status === status);
    t.equal((await runtimeOf(box).list())[0]?.status, status, `lifetime ${lifetime}`);
    if (status !== undefined) await (await runtimeOf(box).get(container.id)).delete({ force: true });
  }
});

async function settled(condition: () => Promise<boolean>): Promise<void> {
  for (let left = 250; left > 0 && !(await condition()); left--) await sleep(20);
}

test('a program ends when there is nothing left to wait for, and waits for what it awaits', (t, box) => {
  box.container((config) => {
    config.process.args = ['sh', '-c', 'sleep 0.3; exit 5'];
  });
  const path = program(
    box,
    `const made = await runtime.create(id, { bundle, stdout: 'null', stderr: 'null' });
     await made.start();
     console.log((await made.wait()).code);
     await made.delete();`,
  );
  t.equal(execFileSync(process.execPath, [path], { encoding: 'utf8', timeout: 20_000 }), '5\n');
});

test('a worker thread that ends does not end containers', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = ['sleep', '60'];
  });
  const path = program(
    box,
    `import { parentPort } from 'node:worker_threads';
     const made = await runtime.create(id, { bundle, lifetime: 'process', stdout: 'null', stderr: 'null' });
     await made.start();
     parentPort.postMessage('ready');`,
  );
  const worker = new Worker(path);
  const [message] = (await once(worker, 'message')) as [string];
  t.equal(message, 'ready');
  await worker.terminate();
  await sleep(100);
  t.equal((await container.state()).status, 'running');
  const found = await runtimeOf(box).get(container.id);
  await found.delete({ force: true });
});

test('the event loop keeps turning while containers are made and deleted', async (t, box) => {
  const container = box.container();
  const runtime = runtimeOf(box);
  await runtime.features();
  const ballast = Array.from({ length: 500_000 }, (_, index) => ({ index }));
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const config = specOf(container);
  await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      runtime.run(`${container.id}-${index}`, {
        ...{ bundle: container.bundle, stdout: 'null', stderr: 'null' },
        config: { ...config, linux: { ...config.linux, cgroupsPath: `/${box.name}-${index}` } },
      }),
    ),
  );
  delay.disable();
  // How long that is depends on the machine; what matters is that the loop kept turning.
  t.comment(`longest delay ${(delay.max / 1e6).toFixed(1)} ms, mean ${(delay.mean / 1e6).toFixed(1)} ms`);
  t.ok(delay.count > 20, `${delay.count} turns`);
  t.equal(ballast.length, 500_000);
});

test('a killed fork server: its containers are reported, and the next request starts another', async (t: Tap, box: Box) => {
  const container = box.container((config) => {
    config.process.args = ['sleep', '60'];
  });
  const path = program(
    box,
    `import { readdirSync, readFileSync } from 'node:fs';
     const made = await runtime.create(id, { bundle, stdout: 'null', stderr: 'null' });
     await made.start();
     const parent = (pid) => Number(/^PPid:\\s+(\\d+)/m.exec(readFileSync('/proc/' + pid + '/status', 'utf8'))[1]);
     // The worker that made it, and the fork server.
     const worker = parent(made.pid);
     for (const pid of [parent(worker), worker]) process.kill(pid, 'SIGKILL');
     console.log((await made.state()).status);
     await made.kill('SIGKILL');
     await made.wait();
     console.log((await made.state()).status);
     await made.delete();`,
  );
  t.equal(execFileSync(process.execPath, [path], { encoding: 'utf8', timeout: 20_000 }), 'running\nstopped\n');
  succeeded(t, await container.delete({ flags: ['--force'] }));
});
