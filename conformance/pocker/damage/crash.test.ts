// SIGKILL of commands at any moment, and a reboot: what was reported exists, and the next command clears the rest.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import t from 'tap';
import { Box, Output, settled } from '../harness/box.js';

const box = new Box('crash');
t.teardown(() => box.remove());

// Much longer than tap's limit on a busy machine.
t.setTimeout(0);

const rounds = Number(process.env['POCKER_CRASHES'] ?? '50');
const flags = ['--network', 'none'];

/** Kills a command after a delay that grows from round to round over the command's usual time. */
async function killed(number: number, usualMs: number, ...words: readonly string[]): Promise<string> {
  const child = box.begin(...words);
  const output = new Output(child);
  setTimeout(() => child.kill('SIGKILL'), (number * usualMs * 1.2) / rounds);
  await output.end;
  return output.text;
}

async function usualTime(...words: readonly string[]): Promise<number> {
  const begin = performance.now();
  await new Output(box.begin(...words)).end;
  return performance.now() - begin;
}

/** Any command repairs. */
function repaired(): string[] {
  box.pocker('exec', 'nosuch', 'true');
  return box.leftovers();
}

void t.test('run --rm', async (t) => {
  const words = ['run', '--rm', ...flags, 'busybox', 'true'];
  const usual = await usualTime(...words);
  for (let number = 0; number < rounds; ++number) {
    await killed(number, usual, ...words);
    // docker, too, leaves a container that was created but not started.
    const left = await settled(
      () => (
        repaired(),
        box.ids().length === 0
          ? []
          : box.ids().filter((id) => !readdirSync(box.path(`root/containers/${id}`)).includes('state.json'))
      ),
      (found) => found.length === 0,
    );
    t.same(left, [], `round ${number}`);
    for (const id of box.ids()) t.match(box.pocker('rm', '-f', id), { code: 0, err: '' });
    t.same(await settled(repaired, (found) => found.length === 0), [], `nothing is left in round ${number}`);
  }
});

void t.test('run -d: what it printed runs', async (t) => {
  const words = ['run', '-d', ...flags, 'busybox', 'sleep', '1000'];
  const usual = await usualTime(...words);
  for (let number = 0; number < rounds; ++number) {
    const text = await killed(number, usual, ...words);
    repaired();
    if (/^[0-9a-f]{64}\n$/.test(text)) t.match(box.pocker('exec', text.trim(), 'true'), { code: 0 });
    for (const id of box.ids()) t.match(box.pocker('rm', '-f', id), { code: 0, err: '' });
    t.same(await settled(repaired, (found) => found.length === 0), [], `round ${number}`);
  }
});

void t.test('rm -f', async (t) => {
  for (let number = 0; number < rounds; ++number) {
    const name = `victim${number}`;
    box.pocker('run', '-d', '--name', name, ...flags, 'busybox', 'sleep', '1000');
    await killed(number, 150, 'rm', '-f', name);
    repaired();
    if (box.ids().length > 0) t.match(box.pocker('rm', '-f', ...box.ids()), { code: 0 });
    t.same(await settled(repaired, (found) => found.length === 0), [], `round ${number}`);
  }
});

void t.test('conmon is killed', (t) => {
  box.pocker('run', '-d', '--name', 'orphan', ...flags, 'busybox', 'sleep', '1000');
  const [id = ''] = box.ids();
  process.kill(Number(readFileSync(box.path(`run/containers/${id}/conmon.pid`), 'utf8')), 'SIGKILL');
  t.match(box.pocker('exec', 'orphan', 'true'), { code: 0 }, 'the container runs on');
  t.match(box.pocker('stop', '-t', '0', 'orphan'), { code: 0 });
  t.match(box.state('orphan'), { status: 'exited' });
  t.match(box.pocker('rm', 'orphan'), { code: 0 });
  t.end();
});

void t.test('a reboot', async (t) => {
  box.pocker('run', '-d', '--name', 'before', ...flags, 'busybox', 'sh', '-c', 'echo kept > /kept; echo made; sleep 1000');
  await box.logged('before', 'made');
  const { pid } = box.state('before');
  // All processes, mounts and everything in memory go.
  for (const one of box.processes()) process.kill(one.pid, 'SIGKILL');
  process.kill(pid, 'SIGKILL');
  await settled(
    () => spawnSync('sh', ['-c', `test -e /proc/${pid} && ! grep -q ^State:.Z /proc/${pid}/status`]).status,
    (status) => status !== 0,
  );
  for (const line of box.leftovers().filter((one) => one.includes(' - overlay '))) spawnSync('umount', [line.split(' ')[4]!]);
  for (const name of readdirSync('/sys/fs/cgroup'))
    spawnSync('sh', [
      '-c',
      `rmdir /sys/fs/cgroup/${name}/pocker-*$(cat ${box.path('root/names/before')} | tr -dc 0-9a-f | tail -c 64)*`,
    ]);
  rmSync(box.path('run'), { recursive: true, force: true });
  t.match(box.pocker('exec', 'before', 'true'), { code: 1, err: 'is not running' });
  t.match(box.state('before'), { status: 'exited' });
  t.match(box.pocker('start', 'before'), { code: 0 });
  t.match(box.pocker('exec', 'before', 'cat', '/kept'), { code: 0, out: 'kept\n' });
  t.match(box.pocker('rm', '-f', 'before'), { code: 0 });
});

void t.test('nothing is left', async (t) => {
  t.same(await box.close(), []);
});
