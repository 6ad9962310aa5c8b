// Details of docker that scripts and fingers know: keys that detach from an exec, cp onto symlinks, deep trees, logs under another
// name, completion in real shells, the name docker, progress on a terminal.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { Box, Output, settled } from '../harness/box.js';

t.setTimeout(0);
const box = new Box('details');
const start = (name: string, script: string, ...flags: readonly string[]): string =>
  box.must('run', '-d', '--name', name, '--network', 'none', ...flags, 'busybox', 'sh', '-c', `${script}; exec sleep 1000`);
const file = (name: string): string => readFileSync(box.path(name), 'utf8');

void t.test('exec that cannot begin', (t) => {
  start('begins', 'true');
  t.equal(box.pocker('exec', '-w', '/nosuch', 'begins', 'true').code, 126);
  t.match(box.pocker('exec', '-w', '/nosuch', 'begins', 'true').err, /\/nosuch.*no such file or directory/i);
  t.equal(box.pocker('exec', '-w', '/etc/passwd', 'begins', 'true').code, 126);
  t.equal(box.pocker('exec', '-w', 'relative', 'begins', 'true').code, 126);
  t.equal(box.pocker('exec', '-u', 'nosuch', 'begins', 'true').code, 126);
  box.must('rm', '-f', 'begins');
  t.end();
});

void t.test('keys that detach leave an exec alone, with its terminal', async (t) => {
  start('left', 'true');
  const child = box.terminal(
    'exec',
    '-it',
    'left',
    'sh',
    '-c',
    'echo ready; read word; sleep 2; echo $word; tty >/tty; echo end >/end',
  );
  const output = new Output(child);
  t.ok(await output.until('ready'));
  child.stdin!.write('hello\n\x10\x11');
  t.equal(await output.end, 1, output.text);
  t.match(output.text, /read escape sequence/);
  const keeper = box.processes().find(({ words }) => words.includes('echo ready; read word; sleep 2'));
  t.ok(keeper, 'somebody keeps the terminal');
  // Standard input to error, the terminal's two ends, and the program's pidfd: nothing of the caller's.
  const open = await settled(
    () => readdirSync(`/proc/${keeper?.pid}/fd`).length,
    (count) => count === 6,
  );
  t.equal(open, 6, 'and nothing else of what was open');
  const ended = await settled(
    () => box.pocker('exec', 'left', 'cat', '/end').out,
    (text) => text === 'end\n',
  );
  t.equal(ended, 'end\n', 'it goes on');
  t.match(box.pocker('exec', 'left', 'cat', '/tty').out, /^\/dev\/pts\//, 'at its terminal');
  const other = box.terminal(
    'exec',
    '--detach-keys',
    'x,y',
    '-it',
    'left',
    'sh',
    '-c',
    'echo ready; read word; echo got $word; sleep 100',
  );
  const typed = new Output(other);
  t.ok(await typed.until('ready'));
  other.stdin!.write('axb\n');
  t.ok(await typed.until('got axb'), 'the beginning of keys is no key');
  other.stdin!.write('x');
  other.stdin!.write('y');
  t.equal(await typed.end, 1, typed.text);
  t.equal(box.pocker('exec', '--detach-keys', 'ctrl-', 'left', 'true').code === 0, true, 'without a terminal there are none');
  box.must('rm', '-f', 'left');
  const gone = await settled(
    () => box.processes().length,
    (count) => count === 0,
  );
  t.equal(gone, 0, 'who kept the terminal has gone, too');
});

void t.test('in the foreground until the first end, then again by its policy', async (t) => {
  const { code, out } = box.pocker(
    'run',
    '--name',
    'again',
    '--network',
    'none',
    '--restart',
    'on-failure:2',
    'busybox',
    'sh',
    '-c',
    'echo x; exit 3',
  );
  t.equal(code, 3);
  t.equal(out, 'x\n', 'as docker: what it writes later is in its log');
  const logs = await settled(
    () => box.pocker('logs', 'again').out,
    (text) => text === 'x\nx\nx\n',
  );
  t.equal(logs, 'x\nx\nx\n');
  await settled(
    () => box.state('again').status,
    (status) => status === 'exited',
  );
  t.equal(box.pocker('start', '-a', 'again').code, 3);
  box.must('rm', '-f', 'again');
});

void t.test('cp onto a symlink, both ways', async (t) => {
  start(
    'links',
    'mkdir /d; ln -s /d /ld; echo old >/f; ln -s /f /lf; ln -s /new /ldang; ln -s lf /ll; ln -s /loop /loop; echo made',
  );
  await box.logged('links', 'made');
  writeFileSync(box.path('f'), 'new\n');
  for (const target of ['ld', 'lf', 'ldang']) box.must('cp', box.path('f'), `links:/${target}`);
  const inside = (...words: readonly string[]): string => box.pocker('exec', 'links', ...words).out;
  t.equal(inside('cat', '/d/f', '/f', '/new'), 'new\nnew\nnew\n', 'a directory, a file, nothing yet');
  t.equal(inside('sh', '-c', 'for i in ld lf ldang; do readlink /$i; done'), '/d\n/f\n/new\n', 'the links stay');
  writeFileSync(box.path('f'), 'newer\n');
  box.must('cp', box.path('f'), 'links:/ll');
  t.equal(inside('cat', '/f'), 'newer\n', 'one link to another');
  t.match(box.pocker('cp', box.path('f'), 'links:/loop').err, /too many levels of symbolic links/i);
  symlinkSync('nowhere', box.path('dangling'));
  symlinkSync('f', box.path('link'));
  for (const target of ['dangling', 'link']) box.must('cp', 'links:/etc/passwd', box.path(target));
  t.match(file('nowhere'), /^root:/);
  t.match(file('f'), /^root:/);
  box.must('rm', '-f', 'links');
});

void t.test('cp of a tree of 700 levels, more than there are descriptors for', (t) => {
  const levels = 700;
  const make = `i=0; while [ $i -lt ${levels} ]; do mkdir d && cd d && i=$((i+1)); done; echo deep >end`;
  mkdirSync(box.path('deep'));
  box.ok('sh', ['-c', `cd ${box.path('deep')}; ${make}`]);
  start('deep', 'true');
  box.must('cp', box.path('deep'), 'deep:/tree');
  t.equal(box.pocker('exec', 'deep', 'find', '/tree', '-name', 'end').out.split('/').length, levels + 3);
  box.must('cp', 'deep:/tree', box.path('back'));
  t.equal(box.ok('find', [box.path('back'), '-name', 'end']).split('/d').length, levels + 1);
  box.must('rm', '-f', 'deep');
  box.ok('rm', ['-rf', box.path('deep'), box.path('back')]);
  t.end();
});

void t.test('log drivers by docker’s names, limits, and what follows a log', async (t) => {
  const bad = (...words: readonly string[]) => box.pocker('run', '--rm', '--network', 'none', ...words, 'busybox', 'true');
  for (const [words, text] of [
    [['--log-driver', 'nosuch'], /no log driver named 'nosuch'/],
    [['--log-opt', 'max-file=0'], /max-file cannot be less than 1/],
    [['--log-opt', 'max-size=x'], /invalid size: 'x'/],
    [['--log-driver', 'json-file', '--log-opt', 'nosuch=1'], /unknown log opt 'nosuch' for json-file log driver/],
  ] as const) {
    const { code, err } = bad(...words);
    t.equal(code, 125);
    t.match(err, text);
  }
  box.must('run', '--name', 'logged', '--network', 'none', '--log-driver', 'json-file', 'busybox', 'echo', 'text');
  t.equal(box.must('inspect', '-f', '{{.HostConfig.LogConfig.Type}}', 'logged'), 'json-file');
  t.equal(box.must('logs', 'logged'), 'text');
  const lines = 'i=0; while [ $i -lt 400 ]; do echo line $i; i=$((i+1)); done; sleep 1; echo last';
  box.must(
    'run',
    '-d',
    '--name',
    'limited',
    '--network',
    'none',
    '--log-opt',
    'max-size=4k',
    'busybox',
    'sh',
    '-c',
    `sleep 1; ${lines}`,
  );
  const followed = new Output(box.begin('logs', '-f', 'limited'));
  t.equal(await followed.end, 0);
  t.match(followed.text, /last\n$/, 'a log that began anew is followed');
  box.must('rm', 'logged', 'limited');
});

void t.test('logs of a container whose log was emptied', async (t) => {
  const script = 'echo a long line before; until [ -e /go ]; do sleep 0.05; done; echo after';
  box.must('run', '-d', '--name', 'emptied', '--network', 'none', 'busybox', 'sh', '-c', script);
  const followed = new Output(box.begin('logs', '-f', 'emptied'));
  t.ok(await followed.until('before'));
  truncateSync(box.path(`root/containers/${box.must('inspect', '-f', '{{.Id}}', 'emptied')}/container.log`), 0);
  box.must('exec', 'emptied', 'touch', '/go');
  t.equal(await followed.end, 0);
  t.equal(followed.text, 'a long line before\nafter\n');
  box.must('rm', 'emptied');
});

void t.test('import from a URL', async (t) => {
  const tar = readFileSync(box.path('rootfs.tar'));
  const server = createServer((request, answer) => {
    const found = ['/rootfs.tar', '/[1-2].tar'].includes(request.url ?? '');
    answer.writeHead(found ? 200 : 404).end(found ? tar : '');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const good = new Output(box.begin('import', `${url}/rootfs.tar`, 'fetched:1'));
  t.equal(await good.end, 0, good.text);
  t.equal(box.pocker('run', '--rm', '--network', 'none', 'fetched:1', 'echo', 'x').out, 'x\n');
  const brackets = new Output(box.begin('import', `${url}/[1-2].tar`, 'fetched:1'));
  t.equal(await brackets.end, 0, `brackets are part of the name: ${brackets.text}`);
  const bad = new Output(box.begin('import', `${url}/nosuch`, 'fetched:2'));
  t.equal(await bad.end, 1);
  t.match(bad.text, /^pocker: .*404/);
  server.close();
  box.must('rmi', 'fetched:1');
});

/** A shell's completions for a command line. */
const offers: Readonly<Record<string, (script: string, line: string) => readonly string[]>> = {
  bash: (script, line) => [
    '-c',
    `source ${script}; COMP_WORDS=(${line}); [[ '${line}' == *' ' ]] && COMP_WORDS+=(''); COMP_CWORD=$((\${#COMP_WORDS[@]}-1)); _pocker; printf '%s\\n' "\${COMPREPLY[@]}"`,
  ],
  // compadd is what the function ends with.
  zsh: (script, line) => [
    '-fc',
    `compdef() { :; }; compadd() { shift; print -l -- $@; }; source ${script}; words=(\${=:-${line}}); [[ '${line}' == *' ' ]] && words+=(''); CURRENT=$#words; _pocker`,
  ],
  fish: (script, line) => ['--no-config', '-c', `source ${script}; complete -C '${line}'`],
};

for (const [shell, call] of Object.entries(offers)) {
  const there = spawnSync('which', [shell]).status === 0;
  void t.test(`completion in ${shell}`, { skip: there ? false : `${shell} is not installed` }, (t) => {
    mkdirSync(box.path('bin'), { recursive: true });
    const [program = '', ...flags] = box.words();
    writeFileSync(box.path('bin/pocker'), `#!/bin/sh\nexec '${program}' ${flags.join(' ')} "$@"\n`, { mode: 0o755 });
    const env = { PATH: `${box.path('bin')}:${process.env['PATH']}`, HOME: box.path('home') };
    const script = box.path(`completion.${shell}`);
    writeFileSync(script, `${box.must('completion', shell)}\n`);
    box.must('create', '--name', 'completed', '--network', 'none', 'busybox');
    const found = (line: string): string[] => {
      const { stdout, stderr, code } = box.run(shell, call(script, line), { env });
      if (code !== 0 && stdout === '') throw new Error(stderr);
      return stdout.split('\n').map((word) => word.split('\t')[0]!.trim());
    };
    t.ok(found('pocker ru').includes('run'), 'commands');
    t.ok(found('pocker run --netw').includes('--network'), 'flags');
    t.notOk(found('pocker run --').includes('--link'), 'but those that are refused');
    t.ok(found('pocker start ').includes('completed'), 'containers');
    t.ok(
      found('pocker rmi ').some((word) => word.includes('busybox')),
      'images',
    );
    box.must('rm', 'completed');
    t.end();
  });
}

void t.test('docker as another name', (t) => {
  mkdirSync(box.path('named'), { recursive: true });
  const [program = '', ...flags] = box.words();
  symlinkSync(program, box.path('named/docker'));
  const script = `set -e
docker() { command docker ${flags.join(' ')} "$@"; }
id=$(docker run -d --network none --name scripted busybox sleep 1000)
test "$(docker ps -q --no-trunc)" = "$id"
docker exec scripted echo inside
docker rm -f scripted >/dev/null
docker --version`;
  const { code, stdout, stderr } = box.run('sh', ['-c', script], {
    env: { PATH: `${box.path('named')}:${process.env['PATH']}` },
  });
  t.equal(code, 0, stderr);
  t.match(stdout, /^inside\npocker version /);
  t.end();
});

void t.test('progress at a terminal, and nothing elsewhere', async (t) => {
  const atTerminal = async (...words: readonly string[]): Promise<string> => {
    const output = new Output(box.terminal(...words));
    t.equal(await output.end, 0, output.text);
    return output.text;
  };
  box.must('run', '--name', 'packed', '--network', 'none', 'busybox', 'sh', '-c', 'head -c 3000000 /dev/urandom >/big');
  t.match(await atTerminal('commit', 'packed', 'packed:1'), /Packing \[ *\]\rPacking \[={10,}/);
  t.match(await atTerminal('save', '-o', box.path('saved.tar'), 'packed:1'), /Saving \[ *\]\rSaving \[={10,}/);
  t.match(await atTerminal('container', 'prune', '-f'), /Removing containers \[>/);
  t.match(await atTerminal('image', 'prune', '-af'), /Removing images \[/);
  t.equal(box.run('tar', ['-tf', box.path('saved.tar')]).code, 0);
  box.must('load', '-q', '-i', box.path('saved.tar'));
  const { out, err } = box.pocker('save', '-o', box.path('quiet.tar'), 'packed:1');
  t.equal(out + err, '');
  t.ok(existsSync(box.path('quiet.tar')));
});

void t.test('nothing is left', async (t) => {
  t.same(await box.close(), []);
});
