// The sandbox over several commands: what a killed, aborted, out-of-memory or abandoned one means for the next.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from '../harness/case.js';
import type { Box } from '../harness/box.js';
import { rejection, runtimeOf } from './harness/api.js';
import { projectRoot } from '../harness/runtime.js';
import type * as SandboxApi from '../../src/sandbox.js';

const module = join(projectRoot, 'dist/node/sandbox.js');
const { sandbox, Sandbox } = (await import(module)) as typeof SandboxApi;

const created = async (box: Box, options: SandboxApi.SandboxOptions = {}): Promise<SandboxApi.Sandbox> => {
  const one = await Sandbox.create({ root: box.stateRoot, ...options });
  box.atEnd(() => one[Symbol.asyncDispose]());
  return one;
};

test('a filesystem mounted below a shown directory is read-only, too', async (t, box) => {
  const { rootfs } = box.container();
  const below = join(rootfs, 'data/sub');
  mkdirSync(below, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'mode=1777', 'tmpfs', below]);
  box.atEnd(() => execFileSync('umount', [below]));
  const script = 'grep " /data/sub " /proc/self/mountinfo; echo x > /data/sub/file';
  const result = await sandbox({ command: ['sh', '-c', script], rootfs, root: box.stateRoot });
  t.match(result.stdout, / ro,nosuid,nodev/);
  t.match(result, { code: /[^0]/, stderr: /Read-only file system/ });
});

test('commands that run out of time together: one sandbox takes the place of the one', async (t, box) => {
  const one = await created(box);
  const late = { command: ['sleep', '60'], timeout: 400 };
  const results = Promise.all([one.exec(late), one.exec(late), one.exec(late)]);
  await sleep(200);
  // Meanwhile the time of each runs out, so that they all kill it before they hear of each other.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
  for (const result of await results) t.equal(result.signal, 'SIGKILL');
  t.equal((await runtimeOf(box).list()).length, 1);
  t.match(await one.exec({ command: ['echo', 'next'] }), { code: 0, stdout: 'next\n' });
  await one[Symbol.asyncDispose]();
  t.same(await runtimeOf(box).list(), []);
  t.match(await rejection(one.exec({ command: ['true'] })), { code: 'E_USAGE', message: 'the sandbox is closed' });
});

test('after an aborted command, the sandbox starts afresh', async (t, box) => {
  const one = await created(box, { files: { first: 'state' } });
  const script = 'echo changed > first; sleep 60';
  const aborted = one.exec({ command: ['sh', '-c', script], signal: AbortSignal.timeout(300) });
  t.match(await rejection(aborted), { name: 'TimeoutError' });
  t.match(await one.exec({ command: ['cat', 'first'] }), { code: 0, stdout: 'state' });
});

test('out of memory is said only of the command that was', async (t, box) => {
  const one = await created(box, { memory: '32m' });
  const shell = (script: string) => one.exec({ command: ['sh', '-c', script] });
  t.match(await shell('x=a; while :; do x=$x$x; done'), { signal: 'SIGKILL', oomKilled: true });
  t.match(await shell('kill -KILL $$'), { signal: 'SIGKILL', oomKilled: false, timedOut: false });
});

test('a command that has ended is not late because of what it has left behind', async (t, box) => {
  const one = await created(box);
  await one.write('kept', 'text');
  const result = await one.exec({ command: ['sh', '-c', 'sleep 60 & echo done; exit 3'], timeout: 5000 });
  t.match(result, { code: 3, signal: null, stdout: 'done\n', timedOut: false });
  t.equal(await one.read('kept'), 'text', 'and the sandbox is the same');
});

test('whatever the program’s umask is', (t, box) => {
  const copied = box.path('copied');
  mkdirSync(join(copied, 'dir'), { recursive: true });
  writeFileSync(join(copied, 'dir/file'), 'of a directory');
  const path = box.path('program.mjs');
  writeFileSync(
    path,
    `import { sandbox } from ${JSON.stringify(module)};
     process.umask(0o077);
     const root = ${JSON.stringify(box.stateRoot)};
     for (const files of [undefined, { 'dir/file': 'text' }, ${JSON.stringify(copied)}]) {
       const command = ['sh', '-c', 'head -n 1 /etc/passwd | cut -d: -f1; test -e dir && cat dir/file; stat -c %a /usr /etc/hosts .'];
       const { stdout, stderr } = await sandbox({ command, files, root });
       console.log(stdout + stderr);
     }`,
  );
  const stdout = execFileSync(process.execPath, [path], { encoding: 'utf8', timeout: 30_000 });
  const modes = '755\n644\n755\n';
  t.equal(stdout, ['', 'text', 'of a directory'].map((text) => `root\n${text}${modes}\n`).join(''));
});
