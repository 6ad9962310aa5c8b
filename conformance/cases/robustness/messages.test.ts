// The runtime's messages: nobody else can forge a line of them, and if standard error is full, the runtime waits without using
// CPU.
import { closeSync, constants, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { failed, test } from '../../harness/case.js';
import { patience } from '../../harness/command.js';
import { runtime } from '../../harness/runtime.js';

const escape = '\u001b';

test(
  'a hook’s output, or an argument, cannot forge a line or control a terminal',
  async (t, box) => {
    const container = box.container((config) => {
      const script = `printf 'first\\ntime=now level=error msg=forged\\n\\033[2Jlast'; exit 3`;
      config.hooks = { createRuntime: [{ path: '/bin/sh', args: ['sh', '-c', script] }] };
    });
    const log = box.path('log.txt');
    for (const globals of [[], ['--log', log, '--log-format', 'text']]) {
      const result = await container.create({ globals });
      failed(t, result, /first.*forged.*last/);
      const text = `${result.stderr}${globals.length > 0 ? readFileSync(log, 'utf8') : ''}`;
      t.notMatch(text, /^time=now/m);
      t.notOk(text.includes(escape));
    }
    const unknown = await box.runtime(['state', `no\npocker-runc: forged${escape}[2J`]);
    failed(t, unknown);
    t.notMatch(unknown.stderr, /^pocker-runc: forged/m);
    t.notOk(unknown.stderr.includes(escape));
  },
  { knownDifferences: { runc: "with --log, copies a hook's output to standard error unchanged" } },
);

/** Ticks of CPU time that a process has used. */
function ticks(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return Number(fields[11]) + Number(fields[12]);
}

test('the runtime waits for a full non-blocking standard error', async (t, box) => {
  const fifo = box.path('fifo');
  await box.command('mkfifo', [fifo]);
  const reader = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK);
  const block = Buffer.alloc(4096, 'x');
  t.throws(
    () => {
      for (;;) writeSync(writer, block);
    },
    { code: 'EAGAIN' },
  );
  // Node makes inherited descriptors block.
  const unblock = 'use Fcntl; fcntl(STDERR, F_SETFL, O_WRONLY | O_NONBLOCK) or die; delete $ENV{NODE_OPTIONS}; exec @ARGV';
  const call = [runtime.path, '--root', box.stateRoot, 'state', 'nobody'];
  const child = spawn('perl', ['-e', unblock, ...call], { stdio: ['ignore', 'ignore', writer] });
  box.atEnd(() => child.kill('SIGKILL'));
  const end = new Promise<number | null>((done) => child.once('exit', done));
  // All it has to do is say that there is no such container.
  await sleep(2000 * patience);
  const before = ticks(child.pid ?? 0);
  await sleep(1000);
  t.ok(ticks(child.pid ?? 0) - before < 20, 'it uses no CPU meanwhile');
  let said = '';
  const buffer = Buffer.alloc(65_536);
  for (let ended = false; !ended;) {
    ended = await Promise.race([end.then(() => true), sleep(10, false)]);
    try {
      for (;;) said += buffer.toString('utf8', 0, readSync(reader, buffer));
    } catch {
      // Nothing more for now.
    }
  }
  t.equal(await end, 1);
  t.match(said, 'does not exist');
  closeSync(reader);
  closeSync(writer);
});
