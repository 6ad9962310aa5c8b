// What a power failure may take: nothing that a record names. strace(1) shows that layers, blobs and what fills a volume are on the disk
// before they have their final names, and those before the record that names them.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import t from 'tap';
import { Box } from '../harness/box.js';
import type { Tap } from '../harness/pocker.js';

t.setTimeout(0);
const box = new Box('synced');
t.teardown(() => box.remove());
const tracer = spawnSync('strace', ['-V']).status === 0;
const skip = tracer ? false : 'needs strace';

/** Calls of one command that sync or rename, each with the paths below our directory. */
function traced(...words: readonly string[]): string[] {
  const calls = 'trace=syncfs,fsync,rename,renameat,renameat2';
  const { status, stderr } = spawnSync(
    'strace',
    ['-y', '-s', '4096', '-o', box.path('trace'), '-e', calls, ...box.words(...words)],
    {
      encoding: 'utf8',
    },
  );
  if (status !== 0) throw new Error(stderr);
  const lines = readFileSync(box.path('trace'), 'utf8').split('\n');
  return lines.filter((line) => line.endsWith(' = 0')).map((line) => line.replaceAll(`${box.directory}/root/`, ''));
}

/** That calls like these were made, in this order; others may be between. Until the last, what `last` tells is not in any. */
function inOrder(t: Tap, calls: readonly string[], wanted: readonly RegExp[], what: string): void {
  let from = 0;
  for (const one of wanted) {
    const at = calls.findIndex((call, index) => index >= from && one.test(call));
    t.ok(at >= 0, `${what}: ${one.source}`, { calls });
    if (at < 0) return;
    from = at + 1;
  }
  t.equal(calls.filter((call) => call.startsWith('syncfs')).length, 1, `${what}: once`, { calls });
}

const published = [
  /^syncfs\(\d+<staging\/[^/>]*>\)/,
  /^rename\("staging\/[^"]*\/layers\/[0-9a-f]{64}", "layers\//,
  /^fsync\(\d+<layers>\)/,
  /^rename\("staging\/[^"]*", "images\/blobs\/sha256\//,
  /^fsync\(\d+<images\/blobs\/sha256>\)/,
  /^renameat\(.*<images\/records>, "[0-9a-f]{64}\.json"/,
  /^renameat\(.*<images>, "index\.json"/,
];

void t.test('an image that comes', { skip }, (t) => {
  box.must('save', '-o', box.path('saved.tar'), 'busybox');
  mkdirSync(box.path('more'));
  writeFileSync(box.path('more/file'), 'another layer');
  box.ok('tar', ['-C', box.path('more'), '-cf', box.path('more.tar'), '.']);
  inOrder(t, traced('import', box.path('more.tar'), 'more'), published, 'import');
  box.must('create', '--name', 'changed', '--network', 'none', 'busybox', 'true');
  box.must('cp', box.path('more.tar'), 'changed:/more.tar');
  inOrder(t, traced('commit', 'changed', 'commited'), published, 'commit');
  box.must('rm', 'changed');
  const images = box.must('images', '-q').split('\n');
  box.must('rmi', '-f', ...images);
  inOrder(t, traced('load', '-i', box.path('saved.tar')), published, 'load');
  const again = traced('load', '-i', box.path('saved.tar'));
  t.notOk(
    again.some((call) => call.includes('"layers/')),
    'one that is there moves nothing',
  );
  t.end();
});

void t.test('what fills a volume', { skip }, (t) => {
  box.must('run', '--name', 'full', '--network', 'none', 'busybox', 'sh', '-c', 'mkdir /data; echo it >/data/file');
  box.must('commit', 'full', 'full');
  box.must('rm', 'full');
  const calls = traced('run', '--rm', '--network', 'none', '-v', 'filled:/data', 'full', 'true');
  const wanted = [
    /^renameat\(.*<volumes\/filled>, "volume\.json"/,
    /^fsync\(\d+<volumes>\)/,
    /^syncfs\(\d+<volumes\/filled\/_data\.filling>\)/,
    /^rename\("volumes\/filled\/_data\.filling", "volumes\/filled\/_data"\)/,
    /^fsync\(\d+<volumes\/filled>\)/,
  ];
  inOrder(t, calls, wanted, 'volume');
  t.equal(readFileSync(box.path('root/volumes/filled/_data/file'), 'utf8'), 'it\n');
  t.end();
});

void t.test('nothing is left', async (t) => {
  t.same(await box.close(), []);
});
