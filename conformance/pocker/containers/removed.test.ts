// --rm: a container goes when it ends, whoever notices that first, and not before.
import { readFileSync } from 'node:fs';
import t from 'tap';
import { Box, settled } from '../harness/box.js';

const box = new Box('goes');
t.teardown(() => box.remove());
t.setTimeout(0);

const detached = (name: string, ...words: readonly string[]) =>
  box.pocker('run', '-d', '--rm', '--name', name, '--network', 'none', ...words);

void t.test('restart is no end, as with docker', async (t) => {
  detached('kept', 'busybox', 'sh', '-c', 'echo >>/starts; exec sleep 1000');
  const starts = () => box.pocker('exec', 'kept', 'wc', '-l', '/starts').out.split(' ')[0];
  await settled(starts, (count) => count === '1');
  t.match(box.pocker('restart', '-t', '0', 'kept'), { code: 0, out: 'kept\n' });
  t.equal(await settled(starts, (count) => count === '2'), '2', 'with what it has written');
  t.match(box.pocker('pause', 'kept'), { code: 0 });
  t.match(box.pocker('restart', '-t', '0', 'kept'), { code: 0 });
  t.match(box.pocker('stop', '-t', '0', 'kept'), { code: 0 });
  t.same(box.ids(), []);
});

void t.test('an end that wait is the first to notice is one end', async (t) => {
  detached('unseen', 'busybox', 'sleep', '1000');
  const conmon = Number(readFileSync(box.path('run/containers', box.ids()[0]!, 'conmon.pid'), 'utf8'));
  for (const pid of [conmon, box.state('unseen').pid]) process.kill(pid, 'SIGKILL');
  await settled(
    () => box.pocker('ps', '-q').out,
    (running) => running === '',
  );
  t.match(box.pocker('wait', 'unseen'), { code: 0, out: '255\n' }, 'conmon has not told');
  t.match(box.pocker('wait', 'unseen'), { code: 1, err: 'No such container: unseen' });
  t.same(box.ids(), []);
  const ends = box.must(
    'events',
    '--since',
    '0',
    '--until',
    '0s',
    '-f',
    'container=unseen',
    '-f',
    'event=die',
    '--format',
    '{{.Action}}',
  );
  t.equal(ends, 'die');
});

void t.test('rm -f: a word that could mean several keeps no other from being removed', (t) => {
  const create = () => box.must('create', '--network', 'none', 'busybox');
  const made = [create()];
  const digit = () => made.map((id) => id.slice(0, 1)).find((first, at, all) => all.indexOf(first) !== at);
  while (digit() === undefined) made.push(create());
  const last = create();
  const said = box.pocker('rm', '-f', digit()!, last);
  t.match(said, { code: 1, out: `${last}\n`, err: /multiple IDs found with provided prefix.*\n.*hint: .*\n$/ });
  t.match(box.pocker('rm', ...made), { code: 0 });
  t.end();
});

void t.test('nothing is left', async (t) => {
  t.same(await box.close(), []);
});
