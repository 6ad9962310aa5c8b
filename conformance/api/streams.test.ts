// The library: streams, terminals, other processes of a container, and aborted calls.
import { openSync, closeSync, readFileSync, readdirSync } from 'node:fs';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { succeeded, test } from '../harness/case.js';
import { rejection, runtimeOf } from './harness/api.js';

test('standard input, lines, and a file', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = ['sh', '-c', 'while read line; do echo "got $line"; done; echo end >&2'];
  });
  const path = box.path('error');
  const file = openSync(path, 'w');
  const runtime = runtimeOf(box);
  const made = await runtime.create(container.id, { bundle: container.bundle, stdin: 'pipe', stdout: 'pipe', stderr: file });
  closeSync(file);
  await made.start();
  made.stdin?.write('one\n');
  const lines = made.stdout!.lines();
  t.equal((await lines.next()).value, 'got one');
  made.stdin?.end('two\nthree');
  t.equal((await lines.next()).value, 'got two');
  for await (const line of lines) t.equal(line, 'never', 'three was incomplete');
  t.match(await made.wait(), { code: 0 });
  t.equal(readFileSync(path, 'utf8'), 'end\n');
  await made.delete();
});

test('a program waits while nobody reads what it writes', async (t, box) => {
  const size = 4 * 1024 * 1024;
  const container = box.container((config) => {
    config.process.args = ['sh', '-c', `head -c ${size} /dev/zero; echo done >&2`];
    config.mounts = [...config.mounts, { destination: '/dev', type: 'tmpfs', source: 'tmpfs' }];
  });
  const made = await runtimeOf(box).create(container.id, { bundle: container.bundle, stdout: 'pipe', stderr: 'pipe' });
  await made.start();
  await sleep(300);
  t.equal((await made.state()).status, 'running', 'it has not ended');
  let count = 0;
  for await (const chunk of made.stdout!) count += (chunk as Buffer).length;
  t.equal(count, size, 'all of it arrives');
  t.equal(await made.stderr!.text(), 'done\n');
  await made.wait();
  await made.delete();
});

const terminalMounts = [
  { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755'] },
  { destination: '/dev/pts', type: 'devpts', source: 'devpts', options: ['newinstance', 'ptmxmode=0666', 'mode=0620'] },
];

test('a terminal', async (t, box) => {
  const container = box.container((config) => {
    config.mounts = [...config.mounts, ...terminalMounts];
    config.process.terminal = true;
    config.process.args = ['sh', '-c', 'stty size; read line; echo "got $line"; stty size'];
  });
  const runtime = runtimeOf(box);
  const made = await runtime.create(container.id, { bundle: container.bundle, terminal: { columns: 77, rows: 33 } });
  let text = '';
  made.terminal!.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  await made.start();
  while (!text.includes('33 77')) await sleep(5);
  made.terminal!.resize({ columns: 100, rows: 50 });
  const end = once(made.terminal!, 'end');
  made.terminal!.write('hello\n');
  await end;
  t.match(text, /33 77\r?\nhello\r?\ngot hello\r?\n50 100\r?\n/);
  t.match(await made.wait(), { code: 0 });
  await made.delete();
});

test('exec: pipes, terminal, exit status, time limit', async (t, box) => {
  const container = await box.running((config) => {
    config.mounts = [...config.mounts, ...terminalMounts];
  });
  const made = await runtimeOf(box).get(container.id);
  const one = await made.exec({
    args: ['sh', '-c', 'cat; echo $NAME $PWD; exit 4'],
    env: { NAME: 'value' },
    cwd: '/tmp',
    ...{ stdin: 'pipe', stdout: 'pipe', stderr: 'null' },
  });
  one.stdin!.end('input\n');
  t.equal(await one.stdout!.text(), 'input\nvalue /tmp\n');
  t.same(await one.wait(), { code: 4, signal: null, timedOut: false });

  const slow = await made.exec({ args: ['sleep', '60'], timeout: 200, stdout: 'null', stderr: 'null' });
  t.same(await slow.wait(), { code: null, signal: 'SIGKILL', timedOut: true });

  const shown = await made.exec({ args: ['stty', 'size'], terminal: { columns: 90, rows: 20 } });
  let text = '';
  for await (const part of shown.terminal!.setEncoding('utf8')) text += part as string;
  t.match(text, /^20 90\r?\n$/);
  t.match(await shown.wait(), { code: 0 });

  const killed = await made.exec({ args: ['sleep', '60'], stdout: 'null', stderr: 'null' });
  t.ok((await made.processes()).includes(killed.pid));
  t.equal(await killed.kill('SIGTERM'), true);
  t.match(await killed.wait(), { signal: 'SIGTERM' });
  t.equal(await killed.kill(), false, 'it has ended');

  t.match(await rejection(made.exec({ args: ['/no/such/program'], stdout: 'null', stderr: 'null' })), { code: 'E_EXEC' });
  t.match(await rejection(made.exec({ args: [] })), { code: /E_/ });
  await made.delete({ force: true });
});

test('an aborted create leaves nothing', async (t, box) => {
  const pause = `60.${process.pid}`;
  const container = box.container((config) => {
    config.process.args = ['sleep', '60'];
    config.hooks = { createRuntime: [{ path: '/bin/sleep', args: ['sleep', pause] }] };
  });
  const runtime = runtimeOf(box);
  const options = { bundle: container.bundle, stdout: 'null', stderr: 'null' } as const;
  const reason = new Error('no longer wanted');
  const controller = new AbortController();
  const creating = rejection(runtime.create(container.id, { ...options, signal: controller.signal }));
  for (let status = ''; status !== 'creating';) {
    await sleep(5);
    status = (await runtime.list().catch(() => []))[0]?.status ?? '';
  }
  controller.abort(reason);
  t.equal(await creating, reason, 'rejected with the reason');
  t.same(await runtime.list(), [], 'nothing is left of it');
  t.same(await box.leftovers(), []);
  const sleeping = readdirSync('/proc').filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8') === `sleep\0${pause}\0`;
    } catch {
      return false;
    }
  });
  t.same(sleeping, [], 'nor is anything left of its hooks');
  t.match(await rejection(runtime.create(container.id, { ...options, signal: AbortSignal.timeout(100) })), {
    name: 'TimeoutError',
  });
  t.match(await rejection(runtime.create(container.id, { ...options, signal: AbortSignal.abort() })), { name: 'AbortError' });
});

test('an aborted exec does not resolve, and leaves no process', async (t, box) => {
  const container = await box.running();
  const made = await runtimeOf(box).get(container.id);
  const before = await made.processes();
  const reason = new Error('no longer wanted');
  for (let after = 0; after < 16; after++) {
    const controller = new AbortController();
    const { signal } = controller;
    const timer = setTimeout(() => {
      controller.abort(reason);
    }, after);
    const end = made.exec({ args: ['sleep', '60'], stdout: 'null', stderr: 'null', signal }).then(
      async (process) => {
        const late = signal.aborted;
        await process.wait();
        return late ? 'resolved although it was aborted' : reason;
      },
      (caught: unknown) => caught,
    );
    t.equal(await end, reason, `after ${after} ms`);
    clearTimeout(timer);
  }
  for (let tries = 100; tries > 0 && (await made.processes()).length > before.length; tries--) await sleep(20);
  t.same(await made.processes(), before);
});

test('an aborted create does not affect another container with that id', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = ['sleep', '60'];
  });
  succeeded(t, await container.create());
  const runtime = runtimeOf(box);
  for (let i = 0; i < 10; i++) {
    const controller = new AbortController();
    const creating = rejection(
      runtime.create(container.id, { bundle: container.bundle, stdout: 'null', stderr: 'null', signal: controller.signal }),
    );
    setTimeout(() => {
      controller.abort();
    }, i);
    await creating;
  }
  t.equal((await container.state()).status, 'created');
  succeeded(t, await container.delete({ flags: ['--force'] }));
});
