// The caller's signal settings: they neither reach the program nor affect the runtime.
import { readFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { succeeded, test } from '../../harness/case.js';
import type { Box } from '../../harness/box.js';
import type { CommandResult } from '../../harness/command.js';
import { type Config, shell } from '../../harness/config.js';
import { runtime } from '../../harness/runtime.js';

const ignored = 'PIPE,CHLD,TERM,USR1,XFSZ';
const mask = /^Sig(Ign|Blk):\s+(\w+)$/gm;

/** From a /proc/PID/status: the ignored and blocked signals. */
const masks = (status: string): string[] => [...status.matchAll(mask)].map(([, , value = '']) => value);
const none = ['0000000000000000', '0000000000000000'];

/** One call of the runtime by a caller that ignores signals. */
function ignoring(box: Box, args: readonly string[]): Promise<CommandResult> {
  return box.command('env', [`--ignore-signal=${ignored}`, runtime.path, '--root', box.stateRoot, ...args]);
}

test('signals that the caller ignores: the program ignores none of them, and its end is noticed', async (t, box) => {
  const container = box.container((config: Config) => {
    config.process.args = shell('cat /proc/self/status; exit 7');
  });
  const result = await ignoring(box, ['run', '--bundle', container.bundle, container.id]);
  t.equal(result.code, 7, result.stderr);
  t.same(masks(result.stdout), none);
});

test('the same with exec', async (t, box) => {
  const container = await box.running();
  const result = await ignoring(box, ['exec', container.id, 'sh', '-c', 'cat /proc/self/status; exit 7']);
  t.equal(result.code, 7, result.stderr);
  t.same(masks(result.stdout), none);
});

test('the same with hooks, whose end is noticed, too', async (t, box) => {
  const kinds = ['prestart', 'createRuntime', 'createContainer', 'startContainer', 'poststart', 'poststop'] as const;
  const container = box.container((config) => {
    const hook = (kind: string, path: string): object => ({
      path,
      args: ['sh', '-c', 'cat /proc/self/status > "$0"; true', kind],
    });
    const inside = ['startContainer'];
    config.hooks = Object.fromEntries(
      kinds.map((kind) => [kind, [hook(inside.includes(kind) ? `/${kind}` : box.path(kind), '/bin/sh')]]),
    );
  });
  succeeded(t, await ignoring(box, ['run', '--bundle', container.bundle, container.id]));
  for (const kind of kinds) {
    const path = kind === 'startContainer' ? `${container.rootfs}/${kind}` : box.path(kind);
    t.same(masks(readFileSync(path, 'utf8')), none, kind);
  }
});

test(
  'signals that the caller blocks are not blocked for the program, and are passed on to it',
  async (t, box) => {
    const container = box.container((config) => {
      const script = "trap 'exit 9' TERM; cat /proc/self/status; echo up > /up; while :; do sleep 0.02; done";
      config.process.args = shell(script);
    });
    const args = ['--block-signal=TERM,CHLD', runtime.path, '--root', box.stateRoot];
    let pid = 0;
    const running = box.command('env', [...args, 'run', '--bundle', container.bundle, container.id], {
      onSpawn: (one) => {
        pid = one;
      },
    });
    await container.waitForFile('up');
    process.kill(pid, 'SIGTERM');
    const { code, stdout } = await running;
    t.equal(code, 9);
    t.same(masks(stdout), none);
  },
  { knownDifferences: { runc: "leaves the program the caller's mask" } },
);

/** The runtime's standard error is a pipe that nobody reads. */
function unheard(box: Box, args: readonly string[]): Promise<number> {
  const all = ['-u', 'NODE_OPTIONS', runtime.path, '--root', box.stateRoot, ...args];
  const child = spawn('/usr/bin/env', all, { stdio: ['ignore', 'ignore', 'pipe'] });
  child.stderr.destroy();
  return new Promise((done) => child.once('exit', (code) => done(code ?? -1)));
}

test(
  'messages that nobody reads any more do not end create',
  async (t, box) => {
    const container = box.container((config) => {
      config.process.args = ['sleep', '60'];
    });
    t.equal(await unheard(box, ['--debug', 'create', '--bundle', container.bundle, container.id]), 0);
    t.equal((await container.state()).status, 'created');
  },
  { knownDifferences: { runc: 'is killed by SIGPIPE, and leaves what it has made' } },
);
