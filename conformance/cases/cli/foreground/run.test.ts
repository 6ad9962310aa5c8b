// `run`: create, start and delete in one, in the foreground or detached.
import { spawn } from 'node:child_process';
import { existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import type { Box } from '../../../harness/box.js';
import { failed, succeeded, test, type Tap } from '../../../harness/case.js';
import { type Config, shell } from '../../../harness/config.js';
import { runtime } from '../../../harness/runtime.js';

for (const code of [0, 1, 7, 255]) {
  test(`the exit code ${code} of the program is run's`, async (t, box) => {
    const container = box.container((config) => {
      config.process.args = shell(`exit ${code}`);
    });
    t.equal((await container.run()).code, code);
    t.same(await box.leftovers(), [], 'the container is deleted');
  });
}

test('a program ended by a signal: 128 + signal', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = shell('echo up > /up; sleep 60 & wait');
  });
  const running = container.run();
  await container.waitForFile('up');
  await container.kill('KILL');
  t.equal((await running).code, 137);
});

test('standard input reaches the program, and its output comes through', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = shell('cat; echo error >&2');
  });
  writeFileSync(box.path('input'), 'a\nb\n');
  const result = await container.run({ stdin: box.path('input') });
  t.equal(result.stdout, 'a\nb\n');
  t.equal(result.stderr, 'error\n');
});

// Node sends no real-time signals; 34 is the first one of the kernel and of glibc, but musl keeps it for itself.
for (const [signal, name] of [
  ['SIGTERM', 'TERM'],
  ['SIGINT', 'INT'],
  ['SIGHUP', 'HUP'],
  ['SIGUSR1', 'USR1'],
  ['34', '34'],
  ['64', '64'],
] as const) {
  const body = async (t: Tap, box: Box): Promise<void> => {
    const container = box.container((config) => {
      config.process.args = shell(`trap 'echo got ${name}; exit 9' ${name}; echo ready > /ready; while :; do sleep 0.02; done`);
    });
    let pid = 0;
    const running = container.run({
      onSpawn: (one) => {
        pid = one;
      },
    });
    await container.waitForFile('ready');
    succeeded(t, await box.command('/bin/kill', ['-s', name, String(pid)]));
    const result = await running;
    t.equal(result.code, 9);
    t.equal(result.stdout, `got ${name}\n`);
  };
  test(
    `${signal} to run is passed on to the program`,
    body,
    signal === '34' ? { knownDifferences: { runc: 'Go leaves this signal to the C library, which does not pass it on' } } : {},
  );
}

test('a signal that arrives before run supervises the program is not lost', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = shell("trap 'exit 9' TERM; echo ready > /ready; while :; do sleep 0.02; done");
    // The program is running by then, which is what run waits for.
    config.hooks = { poststart: [{ path: '/bin/sleep', args: ['sleep', '1'] }] };
  });
  let pid = 0;
  const running = container.run({
    onSpawn: (one) => {
      pid = one;
    },
  });
  await container.waitForFile('ready');
  process.kill(pid, 'SIGTERM');
  t.equal((await running).code, 9);
});

test('--detach returns while the program is running', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = ['sleep', '60'];
  });
  succeeded(t, await container.run({ flags: ['--detach', '--pid-file', box.path('pid')] }));
  const state = await container.state();
  t.equal(state.status, 'running');
  t.equal(readFileSync(box.path('pid'), 'utf8').trim(), String(state.pid));
});

test('-d', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = ['sleep', '60'];
  });
  succeeded(t, await container.run({ flags: ['-d'] }));
  t.equal((await container.state()).status, 'running');
});

test(
  '--keep leaves the stopped container',
  async (t, box) => {
    const container = box.container();
    succeeded(t, await container.run({ flags: ['--keep'] }));
    t.equal((await container.state()).status, 'stopped');
    succeeded(t, await container.delete());
  },
  { knownDifferences: { 'crun 1.8': 'is older than this flag' } },
);

test('--no-subreaper is accepted', async (t, box) => {
  succeeded(t, await box.container().run({ flags: ['--no-subreaper'] }));
});

test('a program that cannot be run fails run, and nothing is left', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = ['/no/such/program'];
  });
  failed(t, await container.run());
  t.same(await box.leftovers(), []);
});

test('an id in use', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = ['sleep', '60'];
  });
  await container.up();
  failed(t, await container.run());
  t.equal((await container.state()).status, 'running');
});

test('run ends with its program, although a child keeps the output open', async (t, box) => {
  const container = box.container((config: Config) => {
    config.process.args = shell('sleep 60 & exit 3');
  });
  t.equal((await container.run({ timeout: 10_000 })).code, 3);
});

test('the closing of standard input reaches the program', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = shell('cat > /input; echo end > /end');
  });
  const output = openSync(box.path('out'), 'w');
  const child = spawn(
    '/usr/bin/env',
    ['-u', 'NODE_OPTIONS', runtime.path, '--root', box.stateRoot, 'run', '--bundle', container.bundle, container.id],
    {
      stdio: ['pipe', output, output],
    },
  );
  child.stdin?.end('through a pipe\n');
  await new Promise((done) => child.once('exit', done));
  t.equal(container.read('input'), 'through a pipe\n');
  t.ok(existsSync(`${container.rootfs}/end`));
});
