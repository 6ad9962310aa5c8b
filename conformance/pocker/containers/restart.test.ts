// restart: containers that join others, and restarts that fail or do not get to their end.
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import t from 'tap';
import { Box, settled } from '../harness/box.js';

const box = new Box('restart');
t.teardown(() => box.remove());
t.setTimeout(0);

const polite = 'trap "exit 3" TERM; echo set; while :; do sleep 0.1; done';

async function detached(name: string, ...flags: readonly string[]): Promise<void> {
  box.must('run', '-d', '--name', name, ...flags, 'busybox', 'sh', '-c', polite);
  await box.logged(name, 'set');
}

void t.test('a container named before the one that it joins finds it running', async (t) => {
  for (const flags of [
    ['--network', 'container:owner'],
    ['--network', 'none', '--pid', 'container:owner'],
  ]) {
    await detached('owner', '--network', 'none');
    await detached('guest', ...flags);
    const before = box.state('owner').pid;
    // As `pocker ps -q` lists them: the newest first.
    t.match(box.pocker('restart', 'guest', 'nosuch', 'owner'), {
      code: 1,
      out: 'guest\nowner\n',
      err: 'No such container: nosuch',
    });
    t.match(box.state('owner'), { status: 'running' });
    t.not(box.state('owner').pid, before);
    t.match(box.pocker('restart', 'owner', 'guest'), { code: 0, out: 'owner\nguest\n', err: '' });
    for (const name of ['owner', 'guest']) t.match(box.state(name), { status: 'running' });
    box.must('rm', '-f', 'owner', 'guest');
  }
});

void t.test('a wrong signal changes nothing: the policy still restarts it', async (t) => {
  await detached('always', '--network', 'none', '--restart', 'always');
  for (const command of ['stop', 'restart'])
    t.match(box.pocker(command, '-s', 'NOPE', 'always'), { code: 1, out: '', err: /Invalid signal: NOPE/ });
  t.match(box.state('always'), { status: 'running', stopRequested: false, restarts: undefined });
  box.must('rm', '-f', 'always');
});

void t.test('ps -a shows one with --rm while a restart has it down, even if that was killed', async (t) => {
  box.must('run', '-d', '--rm', '--name', 'down', '--network', 'none', 'busybox', 'sh', '-c', 'trap "" TERM; sleep 1000');
  const restart = box.begin('restart', '-t', '100', 'down');
  await settled(
    () => box.state('down') as { readonly restarts?: boolean },
    ({ restarts }) => restarts === true,
  );
  restart.kill('SIGKILL');
  await once(restart, 'exit');
  box.must('kill', 'down');
  t.match(box.pocker('ps', '-a', '--format', '{{.Names}} {{.State}}'), { code: 0, out: 'down exited\n' });
  t.match(box.pocker('start', 'down'), { code: 0 });
  t.match(box.pocker('kill', 'down'), { code: 0 });
  t.same(box.ids(), []);
});

void t.test('update judges the limits that it is given, not those of a machine that was larger', (t) => {
  const id = box.must('create', '--name', 'moved', '--network', 'none', '--cpuset-cpus', '0', 'busybox');
  const path = box.path('root/containers', id, 'container.json');
  writeFileSync(path, readFileSync(path, 'utf8').replace('"CpusetCpus": "0"', '"CpusetCpus": "0-8191"'));
  t.match(box.pocker('update', '--cpuset-mems', '0', 'moved'), { code: 0, out: 'moved\n' });
  t.match(box.pocker('update', '--cpuset-mems', '8191', 'moved').err, /memory nodes are not available - requested 8191/);
  t.end();
});

void t.test('nothing is left', async (t) => {
  t.same(await box.close(), []);
});
