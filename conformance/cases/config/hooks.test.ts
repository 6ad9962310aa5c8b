// config.md, "POSIX-platform Hooks": when each kind runs, where, with what, and what a failure means.
import { existsSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { failed, succeeded, test } from '../../harness/case.js';
import { type Config, type HookKind, type Hook, shell } from '../../harness/config.js';
import type { Box } from '../../harness/box.js';

const kinds: HookKind[] = ['prestart', 'createRuntime', 'createContainer', 'startContainer', 'poststart', 'poststop'];
const inRuntime: HookKind[] = ['prestart', 'createRuntime', 'poststart', 'poststop'];

/** A hook that runs a shell script; PATH is the only variable in its environment. */
const hook = (script: string, more: Partial<Hook> = {}): Hook => ({
  path: '/bin/sh',
  args: ['sh', '-c', script],
  env: ['PATH=/usr/bin:/bin'],
  ...more,
});

/** Binds the case's directory into the container at the same path, so that all kinds write to one place. */
function shareDirectory(config: Config, box: Box): void {
  config.mounts.push({ destination: box.directory, type: 'bind', source: box.directory, options: ['bind'] });
}

function read(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

test(
  'all kinds run, in order, each at its time',
  async (t, box) => {
    const log = box.path('log.txt');
    const container = box.container((config) => {
      shareDirectory(config, box);
      config.hooks = Object.fromEntries(
        kinds.map((kind) => [kind, [hook(`echo ${kind} 1 >> ${log}`), hook(`echo ${kind} 2 >> ${log}`)]]),
      );
      config.process.args = shell(`echo program >> ${log}; sleep 60`);
    });
    succeeded(t, await container.create());
    t.equal(read(log), 'prestart 1\nprestart 2\ncreateRuntime 1\ncreateRuntime 2\ncreateContainer 1\ncreateContainer 2\n');
    succeeded(t, await container.start());
    await container.waitFor('running');
    while (!read(log).includes('program')) await sleep(20);
    const lines = read(log).trim().split('\n').slice(6);
    t.same(lines.slice(0, 2), ['startContainer 1', 'startContainer 2']);
    t.ok(lines.includes('poststart 1') && lines.includes('poststart 2'), 'start returns after poststart');
    await container.kill();
    await container.waitFor('stopped');
    t.notMatch(read(log), /poststop/);
    succeeded(t, await container.delete());
    t.match(read(log), /program/);
    t.match(read(log), /poststop 1\npoststop 2\n$/);
  },
  { knownDifferences: { crun: 'runs poststart hooks in another order', runc: 'runs poststart hooks in create' } },
);

test(
  'every hook gets the current state on its standard input',
  async (t, box) => {
    const container = box.container((config) => {
      shareDirectory(config, box);
      config.annotations = { key: 'value' };
      config.hooks = Object.fromEntries(kinds.map((kind) => [kind, [hook(`cat > ${box.path(kind)}`)]]));
      config.process.args = ['sleep', '60'];
    });
    succeeded(t, await container.create());
    const { pid } = await container.state();
    succeeded(t, await container.start());
    await container.delete({ flags: ['--force'] });
    const expected: Record<HookKind, [status: RegExp, pid: unknown]> = {
      prestart: [/^creat(ing|ed)$/, pid],
      createRuntime: [/^creat(ing|ed)$/, pid],
      createContainer: [/^creat(ing|ed)$/, 1],
      startContainer: [/^created$/, 1],
      poststart: [/^running$/, pid],
      poststop: [/^stopped$/, undefined],
    };
    for (const kind of kinds) {
      const state = JSON.parse(read(box.path(kind))) as Record<string, unknown>;
      t.match(state['ociVersion'], /^1\./, kind);
      t.equal(state['id'], container.id);
      t.equal(state['bundle'], container.bundle);
      t.same(state['annotations'], { key: 'value' });
      t.match(state['status'], expected[kind][0], `${kind}: status`);
      const seen = [expected[kind][1], ...(kind === 'poststop' ? [0] : [])];
      t.ok(seen.includes(state['pid']), `${kind}: pid`, { found: state['pid'], wanted: seen });
    }
  },
  {
    knownDifferences: {
      crun: 'says the pid and the status of another moment',
      runc: 'runs poststart hooks in create, with the status created',
    },
  },
);

test('a hook gets the arguments of the config', async (t, box) => {
  const container = box.container((config) => {
    const script = `printf '<%s>' "$0" "$@" > ${box.path('args')}`;
    config.hooks = { createRuntime: [hook('', { args: ['sh', '-c', script, 'zero', '', 'two words', '$HOME'] })] };
  });
  succeeded(t, await container.run());
  t.equal(read(box.path('args')), '<zero><><two words><$HOME>');
});

test("a hook gets exactly the config's environment, even an empty one", async (t, box) => {
  const container = box.container((config) => {
    shareDirectory(config, box);
    config.hooks = Object.fromEntries(
      inRuntime.map((kind) => [
        kind,
        [
          {
            path: '/usr/bin/env',
            args: ['env', '-u', 'nothing', 'sh', '-c', `tr '\\0' '\\n' < /proc/self/environ > ${box.path(kind)}`],
            env: ['PATH=/usr/bin:/bin', 'ONE=1'],
          },
          { path: '/bin/sh', args: ['sh', '-c', `/bin/cat /proc/$$/environ > ${box.path(`${kind}.none`)}`], env: [] },
        ],
      ]),
    );
  });
  succeeded(t, await container.run({ env: { ...process.env, SECRET_OF_CALLER: 'x', LD_LIBRARY_PATH: '/nowhere' } }));
  for (const kind of inRuntime) {
    t.same(
      read(box.path(kind))
        .trim()
        .split('\n')
        .filter((line) => !/^(PWD|OLDPWD|SHLVL|_)=/.test(line))
        .sort(),
      ['ONE=1', 'PATH=/usr/bin:/bin'],
      kind,
    );
    t.equal(read(box.path(`${kind}.none`)), '', `${kind} with an empty env`);
  }
});

test('hooks in the runtime namespace start in the bundle', async (t, box) => {
  const container = box.container((config) => {
    config.hooks = Object.fromEntries(inRuntime.map((kind) => [kind, [hook(`pwd > ${box.path(kind)}`)]]));
  });
  succeeded(t, await container.run());
  for (const kind of inRuntime.slice(0, 2)) t.equal(read(box.path(kind)).trim(), realpathSync(container.bundle), kind);
});

test('createRuntime runs outside, createContainer and startContainer inside', async (t, box) => {
  const script = (file: string): string => `for n in mnt uts net; do readlink /proc/self/ns/$n; done > ${file}`;
  const container = box.container((config) => {
    shareDirectory(config, box);
    config.hooks = Object.fromEntries(kinds.map((kind) => [kind, [hook(script(box.path(kind)))]]));
    config.process.args = shell(script(box.path('program')));
  });
  succeeded(t, await container.run());
  const host = (await box.command('sh', ['-c', 'for n in mnt uts net; do readlink /proc/self/ns/$n; done'])).stdout;
  for (const kind of inRuntime) t.equal(read(box.path(kind)), host, `${kind} in the namespaces of the runtime`);
  const inside = read(box.path('program'));
  t.not(inside, host);
  for (const kind of ['createContainer', 'startContainer']) t.equal(read(box.path(kind)), inside, `${kind} in the container's`);
});

test("the path of createContainer is resolved in the runtime's namespace, that of startContainer in the container", async (t, box) => {
  const outside = box.path('outside.sh');
  writeFileSync(outside, `#!/bin/sh\necho createContainer > ${box.path('bundle', 'rootfs', 'outside')}\n`, { mode: 0o755 });
  const container = box.container((config) => {
    config.hooks = { createContainer: [{ path: outside }], startContainer: [{ path: '/inside.sh', env: ['PATH=/bin'] }] };
  });
  writeFileSync(`${container.rootfs}/inside.sh`, '#!/bin/sh\necho startContainer > /inside\n', { mode: 0o755 });
  succeeded(t, await container.run());
  t.equal(container.read('outside'), 'createContainer\n');
  t.equal(container.read('inside'), 'startContainer\n');
});

for (const kind of ['prestart', 'createRuntime', 'createContainer'] as const) {
  test(
    `a failing ${kind} hook fails create, and poststop hooks run`,
    async (t, box) => {
      const container = box.container((config) => {
        config.hooks = {
          [kind]: [hook('echo said this >&2; exit 7'), hook(`touch ${box.path('second')}`)],
          poststop: [hook(`touch ${box.path('poststop')}`)],
        };
      });
      failed(t, await container.create(), /said this/);
      t.notOk(existsSync(box.path('second')), 'hooks after it do not run');
      t.ok(existsSync(box.path('poststop')), 'poststop hooks do');
      t.same(await box.leftovers(), []);
      failed(t, await box.runtime(['state', container.id]), /does not exist/);
    },
    { knownDifferences: { 'crun 1.8': 'does not run poststop hooks' } },
  );
}

test(
  'a failing startContainer hook fails start, the program does not run',
  async (t, box) => {
    const container = box.container((config) => {
      shareDirectory(config, box);
      config.hooks = { startContainer: [hook('exit 7')], poststop: [hook(`touch ${box.path('poststop')}`)] };
      config.process.args = shell('echo ran > /ran');
    });
    succeeded(t, await container.create());
    failed(t, await container.start());
    t.equal(container.read('ran'), '');
    t.ok(existsSync(box.path('poststop')), 'the lifecycle continues with poststop');
    t.same(await box.leftovers(), [], 'the container is destroyed');
  },
  { knownDifferences: { crun: 'start has returned by then', runc: 'start has returned before the hook fails' } },
);

test(
  'a failing poststart hook fails start and stops the container',
  async (t, box) => {
    const container = box.container((config) => {
      config.hooks = { poststart: [hook('exit 7')], poststop: [hook(`touch ${box.path('poststop')}`)] };
      config.process.args = ['sleep', '60'];
    });
    succeeded(t, await container.create());
    failed(t, await container.start());
    t.ok(existsSync(box.path('poststop')), 'the lifecycle continues with poststop');
    t.same(await box.leftovers(), [], 'the container is destroyed');
  },
  {
    knownDifferences: {
      'crun 1.8': 'lets the container continue',
      runc: 'runs the hook in create, and leaves its state (runtime-spec 1.3.0 changed this)',
    },
  },
);

test(
  'a failing poststop hook is a warning: the next hook and delete continue',
  async (t, box) => {
    const container = box.container((config) => {
      config.hooks = { poststop: [hook('exit 7'), hook(`touch ${box.path('second')}`)] };
    });
    await container.up();
    await container.waitFor('stopped');
    succeeded(t, await container.delete());
    t.ok(existsSync(box.path('second')));
    t.same(await box.leftovers(), []);
  },
  {
    knownDifferences: {
      'crun 1.8': 'is killed by SIGPIPE if a hook has not read its state',
      runc: 'stops at the first failing poststop hook',
    },
  },
);

for (const kind of kinds.slice(0, 3)) {
  test(
    `a ${kind} hook with a path that does not exist fails create`,
    async (t, box) => {
      const container = box.container((config) => {
        config.hooks = { [kind]: [{ path: '/no/such/hook' }] };
      });
      failed(t, await container.create(), /no such file or directory/i);
      t.same(await box.leftovers(), []);
    },
    { knownDifferences: { crun: 'has other words' } },
  );
}

test(
  'a relative path of a hook is refused',
  async (t, box) => {
    const container = box.container((config) => {
      config.hooks = { createRuntime: [{ path: 'bin/sh' }] };
    });
    failed(t, await container.create());
    t.same(await box.leftovers(), []);
  },
  { knownDifferences: { crun: 'exits with another code' } },
);

test(
  "the message names the hook's kind and number, and what it said",
  async (t, box) => {
    for (const kind of ['prestart', 'createRuntime', 'createContainer'] as const) {
      const container = box.container((config) => {
        config.hooks = { [kind]: [hook('true'), hook('echo the reason >&2; exit 3')] };
      });
      failed(t, await container.create(), new RegExp(`${kind} hook #1[^]*the reason`));
    }
  },
  { oursOnly: true },
);
