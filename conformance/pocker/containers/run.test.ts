// run, exec and their exit codes; what a container sees; terminals; limits.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import t from 'tap';
import { Box, Output, settled } from '../harness/box.js';

const box = new Box('run');
t.teardown(() => box.remove());
// Much longer than tap's limit on a busy or emulated machine.
t.setTimeout(0);

const none = ['--network', 'none'];
const once = (...words: readonly string[]) => box.pocker('run', '--rm', ...none, ...words);

void t.test('exit codes', (t) => {
  t.match(once('busybox', 'true'), { code: 0, out: '', err: '' });
  t.match(once('busybox', 'sh', '-c', 'exit 7'), { code: 7 });
  t.match(once('busybox', 'nosuch'), { code: 127, err: 'executable file not found in $PATH' });
  t.match(once('busybox', '/etc/passwd'), { code: 126, err: 'permission denied' });
  t.match(once('--no-such-flag', 'busybox'), { code: 125, err: 'unknown flag: --no-such-flag' });
  t.match(once('--memory', '1k', 'busybox'), { code: 125, err: 'Minimum memory limit allowed is 6MB' });
  t.match(once('--pull', 'never', 'nosuchimage'), { code: 125, err: 'No such image: nosuchimage' });
  t.same(box.ids(), [], 'containers that could not be started are gone, too');
  t.end();
});

void t.test('what it sees', (t) => {
  const { out } = once('--name', 'seen', 'busybox', 'sh', '-c', 'echo $$; hostname; cat /proc/mounts; ls /sys/class/net');
  const [pid, hostname, ...rest] = out.trim().split('\n');
  t.equal(pid, '1');
  t.match(hostname, /^[0-9a-f]{12}$/);
  t.equal(rest.at(-1), 'lo');
  t.match(once('busybox', 'ls', box.directory), { code: 1, err: 'No such file or directory' }, 'no file of the host');
  t.match(out, /^overlay \/ overlay /m);
  t.end();
});

/** Of the root filesystem: overlayfs shows this option since Linux 5.10. */
const isVolatile = (mounts: string): boolean => /^overlay \/ overlay .*\bvolatile\b/m.test(mounts);

void t.test('what goes with its container waits for no disk', (t) => {
  const [major = 0, minor = 0] = release().split('.').map(Number);
  t.equal(isVolatile(once('busybox', 'cat', '/proc/mounts').out), major > 5 || (major === 5 && minor >= 10));
  t.notOk(isVolatile(box.pocker('run', '--name', 'stays', ...none, 'busybox', 'cat', '/proc/mounts').out));
  box.must('create', '--rm', '--name', 'goes', ...none, 'busybox', 'sh', '-c', 'cat /copied /again');
  for (const name of ['copied', 'again']) {
    writeFileSync(box.path(name), `${name}\n`);
    box.must('cp', box.path(name), `goes:/${name}`);
  }
  t.match(box.pocker('start', '-a', 'goes'), { code: 0, out: 'copied\nagain\n' }, 'mounted several times');
  box.must('rm', 'stays');
  t.end();
});

void t.test('streams', (t) => {
  t.match(box.fed('hello', 'run', '--rm', '-i', ...none, 'busybox', 'cat'), { code: 0, out: 'hello' });
  t.match(box.fed('hello', 'run', '--rm', ...none, 'busybox', 'cat'), { code: 0, out: '' }, 'no input without -i');
  t.match(once('busybox', 'sh', '-c', 'echo out; echo err >&2'), { out: 'out\n', err: 'err\n' });
  const unread = 'y\n'.repeat(500_000);
  for (let round = 0; round < 10; ++round)
    t.match(box.fed(unread, 'run', '--rm', '-i', ...none, 'busybox', 'echo', 'seen'), { code: 0, out: 'seen\n' }, 'unread input');
  const long = once('busybox', 'seq', '100000');
  t.equal(long.out.trim().split('\n').length, 100_000, 'all of a long output');
  t.end();
});

void t.test('environment, user, directory, entrypoint, labels', (t) => {
  const env = once('-e', 'A=1', '-e', 'B=x y', '-h', 'named', 'busybox', 'env').out;
  for (const line of ['A=1', 'B=x y', 'HOSTNAME=named', 'HOME=/root', 'PATH=/bin']) t.match(env, new RegExp(`^${line}$`, 'm'));
  t.match(once('-u', 'guest', 'busybox', 'id'), { out: 'uid=1000(guest) gid=1000(guest) groups=1000(guest)\n' });
  t.match(once('-u', '1234:1000', 'busybox', 'sh', '-c', 'id -u; id -g'), { out: '1234\n1000\n' });
  t.match(once('-u', 'nosuch', 'busybox', 'id'), { code: 125, err: 'unable to find user nosuch' });
  t.match(once('-w', '/tmp', 'busybox', 'pwd'), { out: '/tmp\n' });
  t.match(once('--entrypoint', 'echo', 'busybox', 'a', 'b'), { out: 'a b\n' });
  writeFileSync(box.path('env'), '# a comment\nC=3\n');
  t.match(once('--env-file', box.path('env'), 'busybox', 'sh', '-c', 'echo $C'), { out: '3\n' });
  t.end();
});

void t.test('confinement', (t) => {
  const mask = (...flags: readonly string[]) =>
    /^CapEff:\s*(\S+)/m.exec(once(...flags, 'busybox', 'cat', '/proc/self/status').out)?.[1];
  t.equal(mask(), '00000000a80425fb', "docker's");
  t.equal(mask('--cap-drop', 'ALL'), '0000000000000000');
  t.equal(mask('--cap-drop', 'ALL', '--cap-add', 'NET_ADMIN'), '0000000000001000');
  t.equal(mask('-u', 'guest'), '0000000000000000');
  t.match(once('busybox', 'mount', '-t', 'tmpfs', 'x', '/tmp'), { code: 1 });
  t.match(once('busybox', 'unshare', '-U', 'true'), { code: 1 });
  t.match(once('--cap-add', 'SYS_ADMIN', 'busybox', 'mount', '-t', 'tmpfs', 'x', '/tmp'), { code: 0 });
  t.match(once('--privileged', 'busybox', 'sh', '-c', 'mount -t tmpfs x /tmp && ls /dev/kmsg'), { code: 0 });
  t.match(once('--read-only', 'busybox', 'touch', '/x'), { code: 1, err: 'Read-only file system' });
  t.match(once('busybox', 'sh', '-c', 'echo 1 > /proc/sys/kernel/panic'), { code: 1 });
  t.match(once('--security-opt', 'no-new-privileges', 'busybox', 'grep', 'NoNewPrivs', '/proc/self/status'), { out: '\t1\n' });
  t.match(once('--ulimit', 'nofile=100:200', 'busybox', 'sh', '-c', 'ulimit -n; ulimit -Hn'), { out: '100\n200\n' });
  t.match(once('--shm-size', '1m', 'busybox', 'df', '-k', '/dev/shm'), { code: 0, err: '', out: '1024' });
  t.match(once('--device', '/dev/zero:/dev/other:r', 'busybox', 'head', '-c', '1', '/dev/other'), { code: 0, out: '\0' });
  t.match(once('--sysctl', 'net.ipv4.ip_forward=1', 'busybox', 'cat', '/proc/sys/net/ipv4/ip_forward'), { out: '1\n' });
  t.match(once('--init', 'busybox', 'ps', '-o', 'pid,args'), { out: /1 \/sbin\/docker-init -- ps/ });
  t.end();
});

void t.test('memory', (t) => {
  t.match(box.pocker('run', '--name', 'eater', '-m', '10m', '--memory-swap', '10m', ...none, 'busybox', 'tail', '/dev/zero'), {
    code: 137,
  });
  t.match(box.state('eater'), { status: 'exited', exitCode: 137, oomKilled: true });
  t.match(box.pocker('rm', 'eater'), { code: 0, out: 'eater\n' });
  t.end();
});

void t.test('a share of the CPUs', (t) => {
  const { out } = once('--cpus', '0.5', 'busybox', 'sh', '-c', 'cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us /sys/fs/cgroup/cpu.max');
  t.match(out, /^50000( 100000)?\n$/);
  t.end();
});

void t.test('terminal: size, detaching and attaching', async (t) => {
  const first = box.terminal('run', '-it', '--name', 'shell', ...none, 'busybox', 'sh');
  const seen = new Output(first);
  first.stdin!.write('stty size; tty\n');
  t.ok(await seen.until(/24 80\r\n\/dev\/pts\/0\r\n/), seen.text);
  first.stdin!.write('a=6; b=7\n\x10\x11');
  t.equal(await seen.end, 0, 'detached');
  t.match(box.state('shell'), { status: 'running' });
  const second = box.terminal('attach', 'shell');
  const again = new Output(second);
  second.stdin!.write('echo $((a*b)); exit 5\n');
  t.ok(await again.until('42'), again.text);
  t.equal(await again.end, 5);
  t.match(box.fed('', 'run', '-it', '--rm', ...none, 'busybox', 'sh'), { code: 125, err: 'the input device is not a TTY' });
  box.pocker('rm', '-f', 'shell');
});

void t.test('exec', async (t) => {
  t.match(box.pocker('run', '-d', '--name', 'target', '-e', 'A=1', ...none, 'busybox', 'sleep', '1000'), {
    code: 0,
    out: /^[0-9a-f]{64}\n$/,
  });
  const exec = (...words: readonly string[]) => box.pocker('exec', ...words);
  t.match(exec('target', 'sh', '-c', 'echo $A $B; exit 3'), { code: 3, out: '1\n' });
  t.match(exec('-e', 'B=2', '-w', '/tmp', '-u', 'guest', 'target', 'sh', '-c', 'echo $B; pwd; id -un'), {
    out: '2\n/tmp\nguest\n',
  });
  t.match(box.fed('in', 'exec', '-i', 'target', 'cat'), { code: 0, out: 'in' });
  t.match(box.fed('in', 'exec', 'target', 'cat'), { code: 0, out: '' });
  t.match(exec('target', 'nosuch'), { code: 127, err: 'executable file not found' });
  t.match(exec('target', '/etc/passwd'), { code: 126, err: 'permission denied' });
  t.match(exec('nosuch', 'true'), { code: 1, err: 'No such container: nosuch' });
  t.match(exec('-d', 'target', 'touch', '/made'), { code: 0, out: '' });
  t.equal(
    await settled(
      () => exec('target', 'test', '-e', '/made').code,
      (code) => code === 0,
    ),
    0,
  );
  const child = box.terminal('exec', '-it', 'target', 'sh');
  const seen = new Output(child);
  child.stdin!.write('stty size; exit 4\n');
  t.equal(await seen.end, 4);
  t.match(seen.text, /24 80/);
  const pid = box.state('target').pid;
  t.match(readFileSync(`/proc/${pid}/cgroup`, 'utf8'), /pocker/);
  t.match(box.pocker('pause', 'target'), { code: 0, out: 'target\n' });
  t.match(exec('target', 'true'), { code: 1, err: 'is paused, unpause the container before exec' });
  t.match(box.pocker('unpause', 'target'), { code: 0 });
  t.match(box.pocker('rm', '-f', 'target'), { code: 0, out: 'target\n' });
  t.match(exec('target', 'true'), { code: 1, err: 'No such container' });
});

void t.test('signals go to the program', async (t) => {
  const child = box.begin(
    'run',
    '--rm',
    ...none,
    'busybox',
    'sh',
    '-c',
    'trap "exit 9" TERM; echo ready; while :; do sleep 0.1; done',
  );
  const seen = new Output(child);
  t.ok(await seen.until('ready'));
  child.kill('SIGTERM');
  t.equal(await seen.end, 9);
});

// The container has ended and is removed before its command looks for its output.
const tracer = spawnSync('strace', ['-V']).status === 0;
void t.test('a command that is much slower than its container', { skip: tracer ? false : 'needs strace' }, (t) => {
  const slow = [
    '-o',
    '/dev/null',
    '-e',
    'trace=open,openat,close,unlink',
    '-e',
    'inject=open,openat,close,unlink:delay_enter=30000',
  ];
  const words = box.words('run', '--rm', ...none, 'busybox', 'sh', '-c', 'echo out; exit 3');
  for (let round = 0; round < 5; ++round) {
    const { status, stdout } = spawnSync('strace', [...slow, ...words], { encoding: 'utf8' });
    t.same([stdout, status], ['out\n', 3]);
  }
  t.end();
});

void t.test('nothing is left', async (t) => {
  t.same(await box.close(), []);
});
