// What programs try against a sandbox beyond its limits: the keyring, terminals, and the first process of a Sandbox, which has
// their user id and gets the descriptors of later commands.
import { execFileSync } from 'node:child_process';
import { mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from '../harness/case.js';
import { rejection } from './harness/api.js';
import { projectRoot } from '../harness/runtime.js';
import type * as SandboxApi from '../../src/sandbox.js';

const { sandbox, Sandbox } = (await import(join(projectRoot, 'dist/node/sandbox.js'))) as typeof SandboxApi;

/** System calls by number (x86-64, asm-generic): a C library may refuse before the kernel does. */
const numbers =
  process.arch === 'x64'
    ? { keyctl: 250, addKey: 248, ptrace: 101, vm: 311, prlimit: 302, inotify: 294, timer: 222 }
    : { keyctl: 219, addKey: 217, ptrace: 117, vm: 271, prlimit: 261, inotify: 26, timer: 107 };

test('the kernel keyring', async (t, box) => {
  const script = `for my $call ([${numbers.keyctl}, 0, -3, 1], [${numbers.addKey}, "user", "name", "text", 4, -3]) {
      my ($number, @rest) = @$call; my $got = syscall($number, @rest); print "$got $!\\n"; }`;
  const { stdout } = await sandbox({ command: ['perl', '-e', script], root: box.stateRoot });
  t.equal(stdout, '-1 Operation not permitted\n'.repeat(2));
});

test('a link among the files', async (t, box) => {
  const [files, outside] = [box.path('files'), box.path('outside')];
  for (const directory of [files, outside]) mkdirSync(directory);
  writeFileSync(join(outside, 'file'), '');
  symlinkSync(outside, join(files, 'link'));
  const { stdout } = await sandbox({ command: ['readlink', 'link'], files, root: box.stateRoot });
  t.equal(stdout, `${outside}\n`, 'it is copied');
  t.equal(statSync(join(outside, 'file')).uid, process.geteuid?.(), 'what it leads to on the host is not given to the sandbox');
});

test('terminals', async (t, box) => {
  // TIOCSTI puts a character into the input of a terminal, for whoever reads there next.
  const script = `for my $path ("/dev/tty", "/dev/console", "/dev/ptmx", "/dev/pts/0") { print "opened $path\\n" if open(my $file, "+<", $path); }
    for my $file (*STDIN, *STDOUT, *STDERR) { print "terminal\\n" if -t $file or ioctl($file, 0x5412, my $x = "x"); }`;
  const { stdout, code } = await sandbox({ command: ['perl', '-e', script], root: box.stateRoot });
  t.equal(stdout, '');
  t.equal(code, 0);
});

test('a command that takes away the descriptors of the first process', async (t, box) => {
  const one = await Sandbox.create({ root: box.stateRoot });
  box.atEnd(() => one[Symbol.asyncDispose]());
  const noFile = 7;
  const script = `print syscall(${numbers.prlimit}, 1, ${noFile}, my $limit = pack("QQ", 3, 3), 0)`;
  t.match(await one.exec({ command: ['perl', '-e', script] }), { stdout: '0' });
  t.match(await rejection(one.exec({ command: ['true'] })), { code: 'E_STATE' });
  t.match(await one.exec({ command: ['true'] }), { code: 0 }, 'it has started afresh');
});

test('the first process of a Sandbox', async (t, box) => {
  const one = await Sandbox.create({ root: box.stateRoot });
  box.atEnd(() => one[Symbol.asyncDispose]());
  const run = (script: string) => one.exec({ command: ['bash', '-c', script], timeout: 10_000 });
  for (const attempt of [
    'cat /proc/1/mem > /dev/null',
    'cat /proc/1/maps',
    'cat /proc/1/environ',
    'readlink /proc/1/exe /proc/1/cwd /proc/1/root /proc/1/fd/4',
    'exec 9< /proc/1/fd/0',
    'echo x > /proc/1/mem',
    `perl -e 'exit(syscall(${numbers.ptrace}, 16, 1, 0, 0) == 0 ? 0 : 9)'`,
    `perl -e 'exit(syscall(${numbers.vm}, 1, 0, 0, 0, 0, 0) == 0 ? 0 : 9)'`,
  ])
    t.not((await run(attempt)).code, 0, attempt);
  await run('kill -KILL 1; kill -STOP 1; kill -TERM 1');
  t.match(await run('ls /proc/self/fd | tr "\\n" " "; echo next'), { code: 0, stdout: /^0 1 2 3 next\n$/ }, 'it goes on');
});

test('a fork bomb between two commands of a Sandbox', async (t, box) => {
  const one = await Sandbox.create({ root: box.stateRoot, pids: 32 });
  box.atEnd(() => one[Symbol.asyncDispose]());
  const bomb = await one.exec({ command: ['bash', '-c', 'f() { f | f & }; f; sleep 60'], timeout: 1000 });
  t.match(bomb, { timedOut: true, signal: 'SIGKILL' });
  t.match(await one.exec({ command: ['echo', 'next'] }), { code: 0, stdout: 'next\n' });
});

// It counts them also for the user who made the user namespace: root of the host.
test('as many inotify instances and timers as the kernel gives a user', async (t, box) => {
  const take = (call: string, limit: number) =>
    `my $id = "\\0" x 8; my $n = 0; $n++ while $n < ${limit} && syscall(${call}) >= 0; print "$n\\n";`;
  const inotify = `${numbers.inotify}, 0`;
  const timer = `${numbers.timer}, 1, 0, $id`;
  const one = await Sandbox.create({ root: box.stateRoot });
  box.atEnd(() => one[Symbol.asyncDispose]());
  const program = `$| = 1; ${take(inotify, 2000)} ${take(timer, 500_000)} sleep 60;`;
  const attacker = one.exec({ command: ['perl', '-e', program], timeout: 4000 });
  await new Promise((done) => setTimeout(done, 3000));
  const ours = execFileSync('perl', ['-e', `${take(inotify, 5)} ${take(timer, 100)}`], { encoding: 'utf8' });
  t.equal(ours, '5\n100\n');
  t.match(await attacker, { stdout: /^0\n(\d{1,4})\n$/, timedOut: true });
});
