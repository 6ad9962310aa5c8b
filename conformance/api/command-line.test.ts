// The library next to the command line: the same results and errors for the same input, and both on one container.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { succeeded, test } from '../harness/case.js';
import type { Box } from '../harness/box.js';
import type { Container } from '../harness/container.js';
import { PockerError, rejection, runtimeOf, type Api } from './harness/api.js';

const quiet = { stdout: 'null', stderr: 'null' } as const;

const sleeper = (box: Box): Container =>
  box.container((config) => {
    config.process.args = ['sleep', '60'];
  });

/**
 * "done", or the error's code and text without names and numbers. The command begins with what has failed, as runc's does; the
 * library has options instead of flags.
 */
const outcome = (code: string, message: string, { id }: Container): string =>
  `${code} ${message
    .replace(/^exec failed: /, '')
    .replace('--ignore-paused', 'ignorePaused')
    .replaceAll(id, 'ID')
    .replaceAll(/\d{2,}/g, 'N')}`;

async function ofCommand(box: Box, container: Container, args: readonly string[]): Promise<string> {
  const log = box.path('log.json');
  rmSync(log, { force: true });
  const { code } = await box.runtime(['--log', log, '--log-format', 'json', ...args]);
  const records = code === 0 ? [] : readFileSync(log, 'utf8').trim().split('\n');
  const last = records.map((line) => JSON.parse(line) as { level: string; code: string; msg: string }).at(-1);
  return last === undefined ? 'done' : outcome(last.code, last.msg, container);
}

async function ofCall(container: Container, call: () => Promise<unknown>): Promise<string> {
  try {
    await call();
    return 'done';
  } catch (caught) {
    if (!(caught instanceof PockerError)) throw caught;
    return outcome(caught.code, caught.message, container);
  }
}

interface Verb {
  readonly args: (box: Box, id: string) => readonly string[];
  readonly call: (made: Api.Container) => Promise<unknown>;
}

const mount = { destination: '/added', type: 'tmpfs', source: 'tmpfs' };

function mountsFile(box: Box): string {
  const path = box.path('mounts.json');
  writeFileSync(path, JSON.stringify([mount]));
  return path;
}

const verbs: Readonly<Record<string, Verb>> = {
  start: { args: (_, id) => ['start', id], call: (made) => made.start() },
  state: { args: (_, id) => ['state', id], call: (made) => made.state() },
  kill: { args: (_, id) => ['kill', id, 'WINCH'], call: (made) => made.kill('SIGWINCH') },
  'kill all': { args: (_, id) => ['kill', '--all', id, 'WINCH'], call: (made) => made.kill('SIGWINCH', { all: true }) },
  pause: { args: (_, id) => ['pause', id], call: (made) => made.pause() },
  resume: { args: (_, id) => ['resume', id], call: (made) => made.resume() },
  update: { args: (_, id) => ['update', '--pids-limit', '20', id], call: (made) => made.update({ pids: { limit: 20 } }) },
  processes: { args: (_, id) => ['ps', '--format', 'json', id], call: (made) => made.processes() },
  stats: { args: (_, id) => ['events', '--stats', id], call: (made) => made.stats() },
  mounts: { args: (box, id) => ['mounts', 'add', id, mountsFile(box)], call: (made) => made.addMounts([mount]) },
  exec: {
    args: (_, id) => ['exec', id, 'true'],
    call: async (made) => (await made.exec({ args: ['true'], ...quiet })).wait(),
  },
  delete: { args: (_, id) => ['delete', id], call: (made) => made.delete() },
  'delete by force': { args: (_, id) => ['delete', '--force', id], call: (made) => made.delete({ force: true }) },
};

/** How a created container gets into each state. */
const states: Readonly<Record<string, (made: Api.Container) => Promise<void>>> = {
  created: () => Promise.resolve(),
  running: (made) => made.start(),
  paused: async (made) => {
    await made.start();
    await made.pause();
  },
  stopped: async (made) => {
    await made.kill('SIGKILL');
    await made.wait();
  },
  deleted: async (made) => {
    await made.delete({ force: true });
  },
};

for (const [state, reach] of Object.entries(states)) {
  test(`each verb on a container that is ${state}: the same outcome, and the same state afterwards`, async (t, box) => {
    const runtime = runtimeOf(box);
    for (const [name, { args, call }] of Object.entries(verbs)) {
      const results: string[][] = [];
      for (const way of ['command', 'call'] as const) {
        const container = sleeper(box);
        const made = await runtime.create(container.id, { bundle: container.bundle, ...quiet });
        await reach(made);
        const result =
          way === 'command'
            ? await ofCommand(box, container, args(box, container.id))
            : await ofCall(container, () => call(made));
        const status = await made.state().then(
          (found) => found.status,
          (caught: unknown) => (caught as Api.PockerError).code,
        );
        results.push([result, status]);
        await made.delete({ force: true });
      }
      t.same(results[1], results[0], `${name}: ${results[0]!.join(', ')}`);
    }
  });
}

/** Integers beyond 2^53 as JSON.parse gives them. */
const rounded = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, member: unknown) => (typeof member === 'bigint' ? Number(member) : member)));

test('questions have the same answers', async (t, box) => {
  const container = sleeper(box);
  const runtime = runtimeOf(box);
  const made = await runtime.spawn(container.id, { bundle: container.bundle, ...quiet });
  await made.pause();
  const asked = async (...args: string[]): Promise<unknown> => JSON.parse((await box.runtime(args)).stdout) as unknown;
  t.same(await made.state(), await asked('state', container.id), 'state');
  t.same(await (await runtime.get(container.id)).state(), await asked('state', container.id), 'state of one that was found');
  t.same(await runtime.list(), await asked('list', '--format', 'json'), 'list');
  t.same(await made.processes(), await asked('ps', '--format', 'json', container.id), 'processes');
  const { data } = (await asked('events', '--stats', container.id)) as { data: object };
  t.same(rounded(await made.stats()), data, 'stats');
  await made.delete({ force: true });
});

test('programs that exec runs: the same output, end and errors', async (t, box) => {
  const container = sleeper(box);
  const made = await runtimeOf(box).spawn(container.id, { bundle: container.bundle, ...quiet });
  const rows: readonly (readonly [string, readonly string[], Partial<Api.ExecOptions>, readonly string[]])[] = [
    ['output and exit code', [], {}, ['sh', '-c', 'echo out; echo err >&2; exit 3']],
    ['a signal', [], {}, ['sh', '-c', 'kill -9 $$']],
    ['a directory', ['--cwd', '/bin'], { cwd: '/bin' }, ['pwd']],
    ['variables', ['--env', 'A=1', '--env', 'B=2'], { env: { A: '1', B: '2' } }, ['sh', '-c', 'echo $A $B $PATH']],
    ['a user', ['--user', '1000:2000'], { user: { uid: 1000, gid: 2000 } }, ['id']],
    ['no such program', [], {}, ['no-such-program']],
    ['no program', [], {}, ['/bin']],
    ['no such directory', ['--cwd', '/none'], { cwd: '/none' }, ['true']],
    ['a relative directory', ['--cwd', 'bin'], { cwd: 'bin' }, ['true']],
  ];
  for (const [title, flags, options, args] of rows) {
    const command = ['exec', ...flags, container.id, ...args];
    const { code, stdout } = await box.runtime(command);
    const called = made.exec({ args, ...options, stdout: 'pipe', stderr: 'null' });
    const failure = await ofCall(container, () => called);
    if (failure !== 'done') {
      t.equal(failure, await ofCommand(box, container, command), `${title}: ${failure}`);
      continue;
    }
    const process = await called;
    const output = await process.stdout!.text();
    const ending = await process.wait();
    const number = ending.code ?? 128 + constants.signals[ending.signal!];
    t.same([output, number], [stdout, code], title);
  }
  await made.delete({ force: true });
});

test('both on one container', async (t, box) => {
  const container = sleeper(box);
  const { id, bundle } = container;
  const runtime = runtimeOf(box);
  const made = await runtime.create(id, { bundle, ...quiet });
  succeeded(t, await container.start());
  t.equal((await made.state()).status, 'running');
  await made.pause();
  t.equal((await container.state()).status, 'paused');
  succeeded(t, await box.runtime(['resume', id]));
  succeeded(t, await box.runtime(['update', '--pids-limit', '33', id]));
  t.match(await made.stats(), { pids: { limit: 33 } });
  await made.update({ pids: { limit: 44 } });
  t.match(JSON.parse((await box.runtime(['events', '--stats', id])).stdout), { data: { pids: { limit: 44 } } });
  succeeded(t, await container.kill('KILL'));
  t.same(await made.wait(), { code: null, signal: 'SIGKILL', oomKilled: false });
  succeeded(t, await container.delete());
  t.match(await rejection(made.state()), { code: 'E_NO_CONTAINER' });

  succeeded(t, await container.create());
  const found = await runtime.get(id);
  t.match(await rejection(runtime.create(id, { bundle, ...quiet })), { code: 'E_ID_IN_USE' });
  await found.start();
  t.equal((await container.state()).status, 'running');
  await made.delete({ force: true });
  t.equal((await found.state()).status, 'running', 'the container of another create is not the deleted one');
  await found.delete({ force: true });
  t.same(await runtime.list(), []);
});
