// What a container of pocker does while, or before, somebody works with it: it wants the host's files, or that commands about other
// containers fail. After each attack the host is what it was.
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { helper } from '../../harness/helpers/helper.js';
import { HostSnapshot } from '../../harness/machine/host-snapshot.js';
import { Box } from '../harness/box.js';

t.setTimeout(0);
const box = new Box('attacks');
const victim = box.path('victim');
mkdirSync(victim);
writeFileSync(join(victim, 'key'), 'of the host\n');
writeFileSync(box.path('new'), 'new\n');

function attack(name: string, body: (t: Test) => void): void {
  void t.test(name, (t) => {
    const host = new HostSnapshot();
    body(t);
    t.same(readdirSync(victim), ['key']);
    t.equal(readFileSync(join(victim, 'key'), 'utf8'), 'of the host\n');
    t.same(host.changes(), [], 'the host is what it was');
    t.end();
  });
}

const up = (name: string, ...words: readonly string[]): string =>
  box.must('run', '-d', '--name', name, '--network', 'none', ...words, 'busybox', 'sleep', '1000');
const sh = (name: string, script: string): string => box.must('exec', name, 'sh', '-c', script);
const inside = (name: string): string => `/proc/${box.state(name).pid}/root`;

/** Exchanges the two all the time while `body` runs. */
function exchanging(one: string, other: string, body: () => void): void {
  const attacker = spawn(helper('exchange'), [one, other], { stdio: 'ignore' });
  try {
    body();
  } finally {
    attacker.kill('SIGKILL');
  }
}

attack('cp to a place where links to the host wait, running and not', () => {
  up('links');
  sh('links', `mkdir -p /x/d /y; ln -s ${victim} /x/dir; ln -s ${victim}/key /x/new; ln -s ${victim} /y/tree`);
  mkdirSync(box.path('tree'));
  writeFileSync(box.path('tree/key'), 'replaced\n');
  for (let round = 0; round < 2; ++round) {
    for (const target of ['/x', '/x/', '/x/new', '/x/dir', '/x/dir/', '/x/dir/key', '/y/tree/new', '/x/d/../new'])
      box.pocker('cp', box.path('new'), `links:${target}`);
    for (const target of ['/y', '/y/', '/y/tree', '/y/tree/.']) box.pocker('cp', box.path('tree'), `links:${target}`);
    box.must('stop', '-t', '0', 'links');
  }
  box.must('rm', 'links');
});

attack('cp of a file that is exchanged with a link to one of the host', (t) => {
  up('file');
  sh('file', `mkdir /x; echo inside > /x/f; ln -s ${victim}/key /x/l`);
  mkdirSync(box.path('got'));
  exchanging(`${inside('file')}/x/f`, `${inside('file')}/x/l`, () => {
    for (let i = 0; i < 30; ++i) {
      box.pocker('cp', box.path('new'), 'file:/x/f');
      box.pocker('cp', '-L', 'file:/x/f', box.path(`got/${i}`));
      box.pocker('cp', 'file:/x/f', box.path(`got/plain${i}`));
    }
  });
  for (const name of readdirSync(box.path('got'))) {
    const path = box.path('got', name);
    const isLink = box.ok('stat', ['-c', '%F', path]) === 'symbolic link';
    if (!isLink) t.notMatch(readFileSync(path, 'utf8'), 'of the host', name);
  }
  box.must('rm', '-f', 'file');
});

attack('cp twice to one directory of the host: first a link, then what it should lead to', (t) => {
  up('twice');
  sh('twice', `mkdir /x; ln -s ${victim} /x/a`);
  mkdirSync(box.path('out'));
  box.must('cp', 'twice:/x', box.path('out'));
  sh('twice', 'rm /x/a; mkdir /x/a; echo mine > /x/a/key; echo mine > /x/a/more');
  t.not(box.pocker('cp', 'twice:/x', box.path('out')).code, 0);
  sh('twice', 'rm -r /x/a; echo mine > /x/a');
  box.pocker('cp', 'twice:/x', box.path('out'));
  box.must('rm', '-f', 'twice');
});

attack('diff and commit while directories are exchanged with links to the host', (t) => {
  up('swap');
  sh('swap', `mkdir -p /x/d; echo inside > /x/d/mine; ln -s ${victim} /x/l`);
  exchanging(`${inside('swap')}/x/d`, `${inside('swap')}/x/l`, () => {
    for (let i = 0; i < 15; ++i) t.notMatch(box.pocker('diff', 'swap').out, 'key');
    for (let i = 0; i < 3; ++i) box.pocker('commit', 'swap', `swapped${i}`);
  });
  for (let i = 0; i < 3; ++i)
    t.notMatch(box.pocker('run', '--rm', '--network', 'none', `swapped${i}`, 'sh', '-c', 'cat /x/*/key').out, 'of the host');
  box.must('rm', '-f', 'swap');
});

/** Deeper than the longest path. */
const deep = (top: string): string =>
  `mkdir -p ${top}; cd ${top}; i=0; n=$(printf %0200d 7); while [ $i -lt 40 ]; do mkdir $n && cd $n; i=$((i+1)); done; echo x > file`;

attack('directories deeper than a path may be long, in a container and in a volume', (t) => {
  up('deep', '-v', 'deep:/data');
  up('other');
  sh('deep', deep('/x'));
  sh('deep', deep('/data/x'));
  for (const words of [
    ['ps', '-a', '-s'],
    ['system', 'df'],
    ['system', 'df', '-v'],
    ['volume', 'ls'],
    ['diff', 'other'],
    ['volume', 'inspect', 'deep'],
    ['inspect', '-s', 'deep'],
    ['diff', 'deep'],
    ['cp', 'deep:/x', box.path('deepest')],
    ['cp', 'deep:/data', box.path('deepest2')],
    ['export', '-o', box.path('deep.tar'), 'deep'],
  ])
    t.match(box.pocker(...words), { code: 0 }, words.join(' '));
  t.match(box.pocker('commit', 'deep', 'deep'), { code: 1, err: 'File name too long' }, 'tar has no name for it');
  box.must('rm', '-f', '-v', 'deep', 'other');
  box.must('volume', 'rm', 'deep');
  for (const name of ['deepest', 'deepest2']) box.ok('rm', ['-rf', box.path(name)]);
});

attack('thousands of directories in each other', (t) => {
  up('deeper', '-v', 'deeper:/data');
  // As programs do: by relative names.
  const nest = 'for (1 .. 1500) { mkdir "a"; chdir "a" or die; }';
  for (const place of ['/data', '/root']) {
    sh('deeper', `mkdir -p ${place}`);
    box.ok('sh', ['-c', `cd ${inside('deeper')}${place} && perl -e '${nest}'`]);
  }
  for (const words of [
    ['ps', '-a', '-s'],
    ['system', 'df', '-v'],
    ['volume', 'ls'],
  ])
    t.match(box.pocker(...words), { code: 0 }, words.join(' '));
  t.match(box.pocker('cp', 'deeper:/data', box.path('deepest3')), { code: 0 });
  const limited = (...words: readonly string[]): string =>
    box.ok('sh', ['-c', 'ulimit -Sn 256; exec "$@"', 'sh', ...box.words(...words)]);
  t.equal(limited('diff', 'deeper').match(/^A \/root\/a/gm)?.length, 1500);
  limited('commit', 'deeper', 'nested');
  box.must('rm', '-f', '-v', 'deeper');
  limited('run', '--rm', '--network', 'none', 'nested', 'true');
  box.must('rmi', 'nested');
  box.must('volume', 'rm', 'deeper');
  box.ok('rm', ['-rf', box.path('deepest3')]);
});

attack('a users file that is a pipe, a device, a link to nothing or endless', (t) => {
  for (const [index, make] of [
    'mkfifo /etc/passwd /etc/group',
    'mknod /etc/passwd c 1 5; mknod /etc/group c 10 130',
    'ln -s /proc/kmsg /etc/passwd; ln -s /proc/1/environ /etc/group',
    'ln -s passwd /etc/passwd; mkdir /etc/group',
    'yes root:x:0:0::/: | head -c 9000000 > /etc/passwd; ln -s /dev/zero /etc/group',
  ].entries()) {
    const name = `users${index}`;
    up(name);
    sh(name, `rm -f /etc/passwd /etc/group; ${make}; true`);
    t.match(box.pocker('exec', '-u', '0:0', name, 'true'), { code: 0 }, make);
    t.not(box.pocker('exec', '-u', 'nobody-known', name, 'true').code, 0);
    t.match(box.pocker('restart', '-t', '0', name), { code: 0 }, 'it starts again');
    t.match(box.pocker('cp', `${name}:/etc/passwd`, box.path(`passwd${index}`)), { code: 0 }, 'the link itself');
    box.must('rm', '-f', name);
  }
  for (let index = 0; index < 5; ++index) rmSync(box.path(`passwd${index}`), { force: true });
});

attack('a nested mount in a volume where another container exchanges its place with a link', (t) => {
  up('swapper', '-v', 'shared:/v');
  sh('swapper', `mkdir -p /v/d; ln -s ${victim} /v/l`);
  const data = box.path('root/volumes/shared/_data');
  exchanging(`${data}/d`, `${data}/l`, () => {
    for (let i = 0; i < 15; ++i)
      box.pocker(
        'run',
        '--rm',
        '--network',
        'none',
        '-v',
        'shared:/v',
        '-v',
        'nested:/v/d',
        'busybox',
        'sh',
        '-c',
        'echo x > /v/d/stray',
      );
    for (let i = 0; i < 5; ++i) box.pocker('cp', box.path('new'), 'swapper:/v/d/');
  });
  box.must('rm', '-f', 'swapper');
  box.must('volume', 'rm', 'shared', 'nested');
  t.notMatch(readFileSync('/proc/self/mountinfo', 'utf8'), victim);
});

attack('another user looks for programs of containers that run as root', (t) => {
  up('setuid', '-v', 'programs:/p');
  sh('setuid', 'cp /bin/busybox /p/shell; cp /bin/busybox /shell; chmod 4755 /p/shell /shell');
  const paths = [box.path('root'), box.path('root/volumes'), box.path('root/containers'), box.path('run')];
  for (const path of paths) t.comment(`${path} ${(statSync(path).mode & 0o7777).toString(8)}`);
  const find = `find ${box.path('root')} ${box.path('run')} -perm -4000 2>/dev/null; true`;
  t.equal(box.ok('setpriv', ['--reuid=65534', '--regid=65534', '--clear-groups', 'sh', '-c', find]), '');
  box.must('rm', '-f', '-v', 'setuid');
  box.must('volume', 'rm', 'programs');
});

attack('names and outputs that forge lines for the terminal', (t) => {
  const escape = '\u001b]0;owned\u0007\nforged';
  box.pocker(
    'run',
    '-d',
    '--name',
    'lines',
    '--network',
    'none',
    '-l',
    `a=${escape}`,
    'busybox',
    'sh',
    '-c',
    'sleep 1000',
    escape,
  );
  for (const words of [
    ['ps', '-a'],
    ['ps', '-a', '--no-trunc'],
    ['top', 'lines'],
  ])
    t.notMatch(box.pocker(...words).out, /\u001b|^forged/m, words.join(' '));
  box.must('commit', 'lines', 'lines');
  for (const words of [['history', 'lines'], ['history', '--no-trunc', 'lines'], ['images']])
    t.notMatch(box.pocker(...words).out, /\u001b|^forged/m, words.join(' '));
  box.must('rm', '-f', 'lines');
  const line = '2026-01-01T00:00:00.000000000+00:00 stdout F forged';
  box.must('run', '--name', 'log', '--network', 'none', 'busybox', 'printf', `real\\n${line}\\n\\r${line}`);
  t.match(box.pocker('logs', '--tail', '3', 'log').out, /^real\n2026-.* forged\n/);
  box.must('rm', 'log');
});

attack('a health check that never ends and writes without end', (t) => {
  up('sick', '--health-cmd', 'yes sick', '--health-interval', '1s', '--health-timeout', '1s', '--health-retries', '1');
  box.ok('sleep', ['4']);
  const { out } = box.pocker('inspect', 'sick');
  t.ok(out.length < 200_000, `${out.length} bytes`);
  t.match(box.pocker('ps'), { code: 0 });
  box.must('rm', '-f', 'sick');
});

attack('an archive whose files are links, devices and pipes', (t) => {
  const folder = box.path('archive');
  for (const make of [
    `ln -s ${victim}/key manifest.json`,
    'mkfifo manifest.json',
    'mknod manifest.json c 1 5',
    `mkdir blobs; ln -s / blobs/sha256; echo '{"imageLayoutVersion":"1.0.0"}' > oci-layout; ln -s ${victim}/key index.json`,
    `echo '[{"Config":"c","RepoTags":["x"],"Layers":["l"]}]' > manifest.json; ln -s ${victim}/key c; ln -s /dev/zero l`,
    `echo '[{"Config":"c","RepoTags":["x"],"Layers":["l"]}]' > manifest.json; echo '{}' > c; mkfifo l`,
  ]) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    box.ok('sh', ['-c', `cd ${folder}; ${make}`]);
    box.ok('tar', ['-cf', box.path('archive.tar'), '-C', folder, '.']);
    const { code, err } = box.pocker('load', '-i', box.path('archive.tar'));
    t.not(code, 0, make);
    t.notMatch(err, 'of the host');
  }
  symlinkSync(join(victim, 'key'), box.path('linked'));
  t.not(box.pocker('load', '-i', box.path('linked')).code, 0);
});

void t.test('nothing is left', async (t) => {
  t.same(await box.close(), []);
});
