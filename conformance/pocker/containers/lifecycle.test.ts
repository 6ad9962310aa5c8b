// Containers in the background: stop, kill, wait, restart policies, health checks, names, changing limits, wrong input.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { Box, Output, settled } from '../harness/box.js';

const box = new Box('lifecycle');
t.teardown(() => box.remove());
// Much longer than tap's limit on a busy or emulated machine.
t.setTimeout(0);

const detached = (name: string, ...words: readonly string[]) =>
  box.pocker('run', '-d', '--name', name, '--network', 'none', ...words);
const untilStatus = (name: string, status: string) =>
  settled(
    () => box.state(name).status,
    (now) => now === status,
  );

void t.test('stop: SIGTERM, then SIGKILL', async (t) => {
  detached('polite', 'busybox', 'sh', '-c', 'trap "exit 3" TERM; echo set; while :; do sleep 0.1; done');
  await box.logged('polite', 'set');
  t.match(box.pocker('stop', 'polite'), { code: 0, out: 'polite\n' });
  t.match(box.state('polite'), { status: 'exited', exitCode: 3 });
  t.match(box.pocker('stop', 'polite'), { code: 0 }, 'again');
  detached('deaf', 'busybox', 'sh', '-c', 'trap "" TERM; while :; do sleep 0.1; done');
  t.match(box.pocker('stop', '-t', '1', 'deaf'), { code: 0, out: 'deaf\n' });
  t.match(box.state('deaf'), { status: 'exited', exitCode: 137 });
  t.match(box.pocker('rm', 'polite', 'deaf'), { code: 0, out: 'polite\ndeaf\n' });
  t.match(box.pocker('stop', 'deaf'), { code: 1, err: 'No such container: deaf' });
});

/** Ends only once another container has had its signal, and says so. */
async function dependent(...named: readonly (readonly [name: string, trap: string, ...flags: string[]])[]): Promise<void> {
  const loop = 'echo set; while :; do sleep 0.1; done';
  for (const [name, trap, ...flags] of named)
    detached(name, '-v', 'told:/told', ...flags, 'busybox', 'sh', '-c', `trap "${trap}; exit 3" TERM; ${loop}`);
  for (const [name] of named) await box.logged(name, 'set');
}
const [waits, tells] = ['while [ ! -e /told/it ]; do sleep 0.1; done', 'echo >/told/it'];

void t.test('stop of several: all have their signal before the first is waited for', async (t) => {
  await dependent(['waits', waits], ['passes', 'true', '--rm'], ['tells', tells]);
  const words = ['waits', 'nosuch', 'passes', 'waits', 'tells'];
  const out = 'waits\npasses\nwaits\ntells\n';
  t.match(box.pocker('stop', '-t', '100', ...words), { code: 1, out, err: 'No such container: nosuch' });
  for (const name of ['waits', 'tells']) t.match(box.state(name), { status: 'exited', exitCode: 3 }, name);
  box.must('rm', 'waits', 'tells');
  box.must('volume', 'rm', 'told');
});

void t.test('restart of several: the same', async (t) => {
  const since = String(Date.now() / 1000);
  await dependent(['waits', waits], ['passes', 'true', '--rm'], ['tells', tells]);
  const names = ['waits', 'passes', 'tells'];
  const before = names.map((name) => box.state(name).pid);
  const said = box.pocker('restart', '-t', '30', 'waits', 'nosuch', 'passes', 'tells');
  t.match(said, { code: 1, out: 'waits\npasses\ntells\n', err: 'No such container: nosuch' });
  for (const [at, name] of names.entries()) t.notOk([0, before[at]].includes(box.state(name).pid), name);
  const died = ['--filter', 'event=die', '--format', '{{.Actor.Attributes.name}} {{.Actor.Attributes.exitCode}}'];
  const { out } = box.pocker('events', '--since', since, '--until', '0s', ...died);
  t.same(out.trim().split('\n').sort(), ['passes 3', 'tells 3', 'waits 3'], 'none had to be killed');
  box.must('rm', '-f', ...names);
  box.must('volume', 'rm', 'told');
});

void t.test('start, restart, kill, wait', async (t) => {
  t.match(box.pocker('create', '--name', 'made', '--network', 'none', 'busybox', 'sleep', '1000'), { code: 0 });
  t.match(box.state('made'), { status: 'created' });
  t.match(box.pocker('start', 'made'), { code: 0, out: 'made\n' });
  const { pid } = box.state('made');
  t.match(box.pocker('restart', '-t', '0', 'made'), { code: 0, out: 'made\n' });
  t.not(box.state('made').pid, pid);
  const waiting = new Output(box.begin('wait', 'made'));
  t.match(box.pocker('kill', 'made'), { code: 0, out: 'made\n' });
  t.equal(await waiting.end, 0);
  t.equal(waiting.text, '137\n');
  t.match(box.pocker('kill', 'made'), { code: 1, err: 'is not running' });
  t.match(box.pocker('wait', 'made'), { code: 0, out: '137\n' });
  t.match(box.pocker('rm', 'made'), { code: 0 });
  t.match(detached('gone', '--rm', 'busybox', 'sh', '-c', 'sleep 1; exit 6'), { code: 0 });
  t.match(box.pocker('wait', 'gone'), { code: 0, out: '6\n' }, 'of one that is removed when it ends');
  t.same(
    await settled(
      () => box.ids(),
      (ids) => ids.length === 0,
    ),
    [],
  );
});

void t.test('a program that cannot be started', (t) => {
  t.match(box.pocker('create', '--name', 'wrong', '--network', 'none', 'busybox', 'nosuch'), { code: 0 });
  t.match(box.pocker('start', 'wrong'), { code: 1, err: 'executable file not found' });
  t.match(box.state('wrong'), { status: 'created', exitCode: 127 });
  t.match(box.pocker('rm', 'wrong'), { code: 0 });
  t.end();
});

void t.test('rm', (t) => {
  detached('busy', 'busybox', 'sleep', '1000');
  t.match(box.pocker('rm', 'busy'), { code: 1, err: 'You cannot remove a running container' });
  t.match(box.pocker('rm', '-f', 'busy', 'nosuch'), { code: 0, out: 'busy\n' });
  t.match(box.pocker('rm', 'nosuch'), { code: 1, err: 'No such container: nosuch' });
  t.end();
});

void t.test('rm beside an export', async (t) => {
  box.pocker('create', '--name', 'looked-at', '--network', 'none', 'busybox', 'true');
  // Its archive is larger than a pipe: it waits until we read.
  const exporting = box.begin('export', 'looked-at');
  await once(exporting.stdout!, 'readable');
  const removing = new Output(box.begin('rm', 'looked-at'));
  await sleep(300);
  t.ok(box.ids().length > 0, 'waits while somebody reads the root filesystem');
  exporting.stdout!.resume();
  t.same(await once(exporting, 'exit'), [0, null]);
  t.equal(await removing.end, 0);
  t.same(box.ids(), [], 'nothing comes back');
});

void t.test('names', (t) => {
  detached('one', 'busybox', 'sleep', '1000');
  t.match(detached('one', 'busybox', 'true'), { code: 125, err: 'Conflict. The container name "/one" is already in use' });
  t.match(detached('bad/name', 'busybox', 'true'), { code: 125, err: 'Invalid container name (bad/name)' });
  t.match(box.pocker('rename', 'one', 'two'), { code: 0 });
  t.match(box.pocker('exec', 'two', 'true'), { code: 0 });
  t.match(box.pocker('exec', 'one', 'true'), { code: 1 });
  const [id = ''] = box.ids();
  t.match(box.pocker('exec', id.slice(0, 8), 'true'), { code: 0 }, 'by the beginning of its id');
  t.match(box.pocker('rm', '-f', id), { code: 0 });
  t.end();
});

void t.test('restart policies wait longer and longer', async (t) => {
  detached('again', '--restart', 'on-failure:3', 'busybox', 'sh', '-c', 'date +%s; exit 1');
  await settled(
    () => box.state('again'),
    ({ status, restartCount }) => status === 'exited' && restartCount === 3,
  );
  t.match(box.state('again'), { status: 'exited', restartCount: 3, exitCode: 1 });
  const [id = ''] = box.ids();
  const log = readFileSync(box.path(`root/containers/${id}/container.log`), 'utf8');
  t.equal(log.trim().split('\n').length, 4);
  detached('always', '--restart', 'always', 'busybox', 'true');
  await settled(
    () => box.state('always').restartCount,
    (count) => count >= 2,
  );
  t.match(box.pocker('stop', 'always'), { code: 0 });
  const { restartCount } = box.state('always');
  await new Promise((done) => setTimeout(done, 1000));
  t.match(box.state('always'), { status: 'exited', restartCount }, 'stopped by somebody: it stays down');
  t.match(box.pocker('rm', 'again', 'always'), { code: 0 });
  t.match(detached('no', '--rm', '--restart', 'always', 'busybox'), {
    code: 125,
    err: 'Conflicting options: --restart and --rm',
  });
});

void t.test('a container that has ended just before it is stopped stays down', (t) => {
  detached('ending', '--restart', 'always', 'busybox', 'sleep', '1000');
  const [id = ''] = box.ids();
  // Without conmon, nobody acts on its end yet.
  process.kill(Number(readFileSync(box.path(`run/containers/${id}/conmon.pid`), 'utf8')), 'SIGKILL');
  process.kill(box.state('ending').pid, 'SIGKILL');
  t.match(box.pocker('stop', 'ending'), { code: 0 });
  t.match(box.pocker('container', 'cleanup', id), { code: 0 }, 'what conmon calls');
  t.match(box.state('ending'), { status: 'exited', restartCount: 0 });
  t.match(box.pocker('rm', 'ending'), { code: 0 });
  t.end();
});

/** Holds the lock of a container that waits for its restart; ends when its input does. */
async function holdRestarting(name: string, directory: string): Promise<ChildProcess> {
  for (;;) {
    await untilStatus(name, 'restarting');
    const holder = spawn('flock', [directory, 'sh', '-c', 'echo held; cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
    await once(holder.stdout, 'data');
    if (box.state(name).status === 'restarting') return holder;
    holder.stdin.end();
    await once(holder, 'exit');
  }
}

void t.test('a container that is stopped just before it is started again stays down', async (t) => {
  detached('waiting', '--restart', 'always', 'busybox', 'false');
  const directory = box.path(`root/containers/${box.ids()[0]}`);
  const holder = await holdRestarting('waiting', directory);
  const waiter = new RegExp(`-> FLOCK .*:${statSync(directory).ino} `);
  await settled(
    () => readFileSync('/proc/locks', 'utf8'),
    (locks) => waiter.test(locks),
  );
  // As stop does with the lock.
  const state = JSON.parse(readFileSync(`${directory}/state.json`, 'utf8')) as object;
  writeFileSync(`${directory}/state.json`, JSON.stringify({ ...state, status: 'exited', stopRequested: true }));
  holder.stdin?.end();
  await settled(
    () => box.processes(),
    (left) => left.length === 0,
  );
  t.match(box.state('waiting'), { status: 'exited', restartCount: (state as { restartCount: number }).restartCount });
  t.match(box.pocker('rm', '-f', 'waiting'), { code: 0 });
});

void t.test('health checks', async (t) => {
  const flags = ['--health-cmd', 'test -e /tmp/well', '--health-interval', '200ms', '--health-retries', '2'];
  detached('checked', ...flags, 'busybox', 'sleep', '1000');
  const health = (wanted: string) =>
    settled(
      () => box.state('checked').health?.Status,
      (now) => now === wanted,
    );
  t.equal(await health('unhealthy'), 'unhealthy');
  box.pocker('exec', 'checked', 'touch', '/tmp/well');
  t.equal(await health('healthy'), 'healthy');
  t.match(box.pocker('rm', '-f', 'checked'), { code: 0 });
});

void t.test('limits that change while it runs', (t) => {
  detached('limited', '-m', '20m', 'busybox', 'sleep', '1000');
  const limit = () =>
    box.pocker('exec', 'limited', 'sh', '-c', 'cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max').out;
  t.equal(limit(), '20971520\n');
  t.match(box.pocker('update', '-m', '30m', '--memory-swap', '60m', 'limited'), { code: 0, out: 'limited\n' });
  t.equal(limit(), '31457280\n');
  t.match(box.pocker('update', 'limited'), { code: 1 });
  t.match(box.pocker('rm', '-f', 'limited'), { code: 0 });
  t.end();
});

void t.test('pause', async (t) => {
  detached('still', 'busybox', 'sleep', '1000');
  t.match(box.pocker('pause', 'still'), { code: 0 });
  t.equal(await untilStatus('still', 'paused'), 'paused');
  t.match(box.pocker('pause', 'still'), { code: 1, err: 'is already paused' });
  t.match(box.pocker('stop', '-t', '1', 'still'), { code: 0 });
  t.match(box.pocker('unpause', 'still'), { code: 1, err: 'is not paused' });
  t.match(box.pocker('rm', 'still'), { code: 0 });
});

void t.test('twenty at once', async (t) => {
  const all = Array.from(
    { length: 20 },
    (_, number) => new Output(box.begin('run', '--rm', '--network', 'none', 'busybox', 'echo', `n${number}`)),
  );
  t.same(
    await Promise.all(all.map(({ end }) => end)),
    all.map(() => 0),
  );
  t.same(
    all.map(({ text }) => text),
    all.map((_, number) => `n${number}\n`),
  );
  t.same(
    await settled(
      () => box.leftovers(),
      (left) => left.length === 0,
    ),
    [],
  );
});

void t.test('rm -f of several at once', async (t) => {
  detached('again', '--restart', 'always', 'busybox', 'sleep', '1000');
  detached('passing', '--rm', 'busybox', 'sleep', '1000');
  detached('frozen', 'busybox', 'sleep', '1000');
  box.pocker('pause', 'frozen');
  box.pocker('create', '--name', 'still', '--network', 'none', 'busybox', 'true');
  const words = ['again', 'nosuch', 'passing', 'frozen', 'still', 'again'];
  t.match(box.pocker('rm', '-f', ...words), { code: 0, out: 'again\npassing\nfrozen\nstill\n' });
  t.same(
    await settled(
      () => box.ids(),
      (ids) => ids.length === 0,
    ),
    [],
  );
});

void t.test("a container in another mount namespace, such as a service's", async (t) => {
  const program = ['--network', 'none', 'busybox', 'sh', '-c', 'echo in >/written; rm /bin/id; echo set; exec sleep 1000'];
  const words = ['-m', '--propagation', 'private', ...box.words('run', '-d', '--name', 'elsewhere', ...program)];
  t.equal(spawnSync('unshare', words, { stdio: 'ignore' }).status, 0);
  await box.logged('elsewhere', 'set');
  box.must('export', '-o', box.path('export.tar'), 'elsewhere');
  const files = box.ok('tar', ['-tf', box.path('export.tar')]).split('\n');
  t.ok(files.includes('./bin/sh') && files.includes('./written') && !files.includes('./bin/id'), 'its files are exported');
  t.equal(box.must('exec', 'elsewhere', 'cat', '/written'), 'in');
  t.match(box.pocker('diff', 'elsewhere'), { out: /^A \/written$/m });
  t.match(box.pocker('restart', '-t', '0', 'elsewhere'), { code: 0 });
  t.match(box.pocker('rm', '-f', 'elsewhere'), { code: 0 });
});

void t.test('nothing is left', async (t) => {
  t.same(await box.close(), []);
});
