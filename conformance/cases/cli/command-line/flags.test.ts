// The command lines that engines write: where flags may stand, how they may be spelled, and what help says.
import { existsSync, mkdirSync } from 'node:fs';
import { basename } from 'node:path';
import { failed, succeeded, test } from '../../../harness/case.js';
import { runtime } from '../../../harness/runtime.js';

const commands = ['create', 'start', 'state', 'kill', 'delete', 'run', 'list', 'spec'];

test('--version has the lines that engines parse', async (t, box) => {
  const result = await box.command(runtime.path, ['--version']);
  succeeded(t, result);
  t.match(result.stdout, /^\S*(runc|crun) version \S+/);
  t.match(result.stdout, /^spec: 1\.\d+\.\d+/m);
  t.equal((await box.command(runtime.path, ['-v'])).stdout, result.stdout, '-v');
});

test(
  '--version has the commit',
  async (t, box) => {
    t.match((await box.command(runtime.path, ['--version'])).stdout, /^commit: /m);
  },
  { knownDifferences: { 'runc 1.5': 'does not know it when go install has built it' } },
);

test('--help, in general and for each command', async (t, box) => {
  const whole = await box.command(runtime.path, ['--help']);
  succeeded(t, whole);
  for (const name of commands) {
    t.match(whole.stdout, new RegExp(`\\b${name}\\b`), `names ${name}`);
    const one = await box.command(runtime.path, [name, '--help']);
    t.equal(one.code, 0, `${name} --help`);
    t.match(one.stdout, new RegExp(`(${basename(runtime.path)}|Usage:) ${name}\\b`), 'with its usage');
  }
});

test(
  'help of features and plan',
  async (t, box) => {
    for (const name of ['features', 'plan']) t.equal((await box.command(runtime.path, [name, '--help'])).code, 0, name);
  },
  { oursOnly: true },
);

test('unknown commands and flags are errors', async (t, box) => {
  for (const args of [['frobnicate'], ['--frobnicate', 'list'], ['list', '--frobnicate'], ['create', '--frobnicate', 'x']]) {
    const result = await box.command(runtime.path, ['--root', box.stateRoot, ...args]);
    t.not(result.code, 0, args.join(' '));
    t.match(result.stderr + result.stdout, /frobnicate/);
  }
});

test('if a flag is given twice, the last one counts', async (t, box) => {
  const container = box.container();
  succeeded(t, await container.verb('run', { flags: ['--bundle', box.path('nowhere'), '--bundle', container.bundle] }));
});

test('a missing id is an error', async (t, box) => {
  for (const name of ['create', 'start', 'state', 'kill', 'delete', 'run']) {
    const result = await box.runtime([name]);
    t.not(result.code, 0, name);
    t.match(result.stderr + result.stdout, /\S/);
  }
});

test('too many arguments are an error', async (t, box) => {
  const container = box.container();
  for (const args of [
    ['start', 'a', 'b'],
    ['state', 'a', 'b'],
    ['create', '--bundle', container.bundle, 'a', 'b'],
  ]) {
    const result = await box.runtime(args);
    t.not(result.code, 0, args.join(' '));
  }
  t.same(await box.leftovers(), []);
});

test(
  'flags with a space, an equals sign or one dash',
  async (t, box) => {
    for (const flags of [['--bundle', '@'], ['--bundle=@'], ['-b', '@'], ['-bundle', '@'], ['-bundle=@'], ['-b=@']]) {
      const container = box.containers[0] ?? box.container();
      const result = await box.runtime(['create', ...flags.map((flag) => flag.replace('@', container.bundle)), container.id]);
      t.equal(result.code, 0, flags.join(' '), { stderr: result.stderr });
      await container.delete({ flags: ['--force'] });
    }
  },
  { knownDifferences: { crun: 'does not accept long flags with one dash' } },
);

test(
  'global flags with one dash or an equals sign',
  async (t, box) => {
    mkdirSync(box.stateRoot);
    for (const flags of [['-root', box.stateRoot], [`--root=${box.stateRoot}`], [`-root=${box.stateRoot}`]]) {
      const result = await box.command(runtime.path, [...flags, 'list', '-q']);
      t.equal(result.code, 0, flags.join(' '), { stderr: result.stderr });
    }
  },
  { knownDifferences: { crun: 'does not accept long flags with one dash' } },
);

test(
  'the global flags of the engines are accepted',
  async (t, box) => {
    const container = box.container();
    const log = box.path('log.json');
    const globals = ['--log', log, '--log-format', 'json', '--debug', '--rootless', 'auto'];
    succeeded(t, await container.create({ globals, flags: ['--no-new-keyring', '--pid-file', box.path('pid')] }));
    succeeded(t, await container.start({ globals }));
    await container.waitFor('stopped');
    succeeded(t, await container.delete({ globals }));
  },
  { knownDifferences: { 'crun 1.8': 'takes the value of --rootless as its root' } },
);

test(
  '--cgroup-manager',
  async (t, box) => {
    const container = box.container();
    succeeded(t, await container.run({ globals: ['--cgroup-manager', 'cgroupfs'] }));
    succeeded(t, await container.run({ globals: ['--cgroup-manager=disabled'] }));
    t.not((await container.run({ globals: ['--cgroup-manager', 'nonsense'] })).code, 0);
  },
  { knownDifferences: { runc: 'a flag of crun, which podman passes' } },
);

test("the caller's environment changes nothing", async (t, box) => {
  const container = box.container((config) => {
    config.process.args = ['env'];
  });
  const env = { ...process.env, NODE_OPTIONS: '--require=/no/such/file', NODE_PATH: '/nowhere', LD_LIBRARY_PATH: '/nowhere' };
  const result = await container.run({ env });
  if (result.code !== 0 && result.stderr.includes('/no/such/file')) return; // Node itself reads NODE_OPTIONS before any of our code
  succeeded(t, result);
  t.notMatch(result.stdout, /NODE_|LD_/);
});

test('--root is made if it is missing, and closed to everybody else', async (t, box) => {
  const container = box.container();
  succeeded(t, await container.create());
  t.ok(existsSync(box.stateRoot));
  const mode = (await box.command('stat', ['-c', '%a', box.stateRoot])).stdout.trim();
  t.match(mode, /^[17]?7[01][01]$/);
});

test('a root that cannot be made', async (t, box) => {
  const container = box.container();
  failed(t, await box.command(runtime.path, ['--root', '/proc/nowhere', 'create', '--bundle', container.bundle, container.id]));
  t.same(await box.leftovers(), []);
});
