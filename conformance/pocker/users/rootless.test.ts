// An ordinary user: run, volumes, a published port, names; and nothing outlives the containers.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import '../harness/own-network.js';

t.setTimeout(120_000);
const uid = '1000';
const directory = mkdtempSync(join(tmpdir(), 'pocker-user-'));
chmodSync(directory, 0o755);

function must(...words: readonly string[]): void {
  const { status, stderr } = spawnSync(words[0]!, words.slice(1), { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${words.join(' ')}: ${stderr}`);
}

// In this test's own mount namespace: subordinate ids, and a device that users may open.
writeFileSync(join(directory, 'ids'), `${uid}:100000:65536\n`);
for (const file of ['/etc/subuid', '/etc/subgid']) {
  must('touch', file);
  must('mount', '--bind', join(directory, 'ids'), file);
}
must('mknod', '-m', '666', join(directory, 'tun'), 'c', '10', '200');
must('mount', '--bind', join(directory, 'tun'), '/dev/net/tun');
// The user's pocker: gives the test's directory to the user on the way.
const wrapper = join(directory, 'pocker');
const program = process.env['POCKER'] ?? fileURLToPath(new URL('../../../../../dist/pocker', import.meta.url));
writeFileSync(
  wrapper,
  `#!/bin/sh
chown ${uid}:${uid} "\${2%/*}"
exec setpriv --reuid ${uid} --regid ${uid} --clear-groups env USER=user HOME="\${2%/*}" ${program} "$@"
`,
  { mode: 0o755 },
);
process.env['POCKER'] = wrapper;
const { Box, settled } = await import('../harness/box.js');
const box = new Box();

void t.test('a container as root of the user’s ids', (t) => {
  const script = 'id -u; cat /proc/self/uid_map; hostname; ps -o pid,args | head -2';
  const { code, out, err } = box.pocker(
    'run',
    '--rm',
    '--network',
    'none',
    '--hostname',
    'inside',
    'busybox',
    'sh',
    '-c',
    script,
  );
  t.equal(code, 0, err);
  t.match(out, /^0\n\s+0\s+1000\s+1\n\s+1\s+100000\s+\d+\ninside\nPID/);
  for (const [program, expected] of [
    ['nosuch', 127],
    ['/etc', 126],
  ] as const)
    t.equal(box.pocker('run', '--rm', '--network', 'none', 'busybox', program).code, expected, program);
  t.equal(box.pocker('run', '--rm', '--network', 'none', 'busybox', 'sh', '-c', 'kill -9 $$; exit 5').code, 5);
  t.end();
});

void t.test('volumes, with other owners than the user', (t) => {
  const flags = ['run', '--rm', '--network', 'none', '-v', 'data:/etc', 'busybox', 'sh', '-c'];
  t.match(box.pocker(...flags, 'cat /etc/passwd; chown 5:6 /etc/passwd'), { code: 0, out: /^root:/ });
  t.match(box.pocker(...flags, 'stat -c %u:%g /etc/passwd'), { code: 0, out: '5:6\n' });
  t.match(box.pocker('volume', 'rm', 'data'), { code: 0 });
  t.end();
});

void t.test('limits without a cgroup to set them in: the flags are named, and the container runs', (t) => {
  const limits = ['-m', '20m', '--cpus', '0.5', '--pids-limit', '20'];
  const limited = box.pocker('run', '-d', '--name', 'limited', '--network', 'none', ...limits, 'busybox', 'sleep', '1000');
  t.equal(limited.code, 0, limited.err);
  const warning = /^pocker: warning: --memory, --cpus, --pids-limit discarded: [^\n]+; limits need root, or cgroup v2 [^\n]+\n$/;
  t.match(limited.err, warning);
  t.match(box.pocker('update', '--cpus', '0.3', 'limited'), { code: 1, err: /no cgroup of its own to limit\n {2}hint: / });
  t.match(box.pocker('rm', '-f', 'limited'), { code: 0 });
  const swap = ['--memory-swap', '30m', '-m', '20m'];
  const other = box.pocker('run', '--rm', '--network', 'none', ...swap, 'busybox', 'true');
  t.match(other, { code: 0, err: /warning: --memory, --memory-swap discarded/ });
  t.match(box.pocker('run', '--rm', '--network', 'none', 'busybox', 'true'), { code: 0, err: /^$/ }, 'nothing was asked for');
  t.end();
});

void t.test('a published port, exec, stop', async (t) => {
  const web = 'mkdir /w; echo hello >/w/index.html; exec httpd -f -p 80 -h /w';
  const started = box.pocker('run', '-d', '--name', 'web', '-p', '127.0.0.1:18080:80', 'busybox', 'sh', '-c', web);
  t.equal(started.code, 0, started.err);
  const ask = (): string =>
    spawnSync('busybox', ['timeout', '3', 'wget', '-qO-', 'http://127.0.0.1:18080/'], { encoding: 'utf8' }).stdout;
  t.equal(await settled(ask, (said) => said === 'hello\n'), 'hello\n');
  t.match(box.pocker('exec', 'web', 'cat', '/w/index.html'), { code: 0, out: 'hello\n' });
  t.match(box.pocker('run', '--rm', '-p', '127.0.0.1:18080:80', 'busybox', 'true'), {
    code: 125,
    err: 'port is already allocated',
  });
  t.match(box.pocker('stop', '-t', '1', 'web'), { code: 0 });
  t.equal(ask(), '', 'the port is free again');
  t.match(box.pocker('rm', 'web'), { code: 0 });
});

void t.test('names of a network', (t) => {
  t.match(box.pocker('network', 'create', 'n1'), { code: 0 });
  const made = box.pocker('run', '-d', '--name', 'one', '--network', 'n1', 'busybox', 'sleep', '1000');
  t.equal(made.code, 0, made.err);
  t.match(box.pocker('run', '--rm', '--network', 'n1', 'busybox', 'nslookup', 'one').out, /Address: 10\./);
  t.match(box.pocker('rm', '-f', 'one'), { code: 0 });
  t.match(box.pocker('network', 'rm', 'n1'), { code: 0 });
  t.end();
});

void t.test('commit, diff, save and load', (t) => {
  const script = 'rm /etc/group; rm -r /root; mkdir /root; echo new >/root/new; chown 5:6 /root/new; ln /root/new /hard';
  t.match(box.pocker('run', '--network', 'none', '--name', 'made', 'busybox', 'sh', '-c', script), { code: 0 });
  t.match(box.pocker('diff', 'made').out, /^D \/etc\/group$/m);
  t.match(box.pocker('commit', 'made', 'made:1'), { code: 0 });
  t.match(box.pocker('rm', 'made'), { code: 0 });
  t.match(box.pocker('save', '-o', box.path('made.tar'), 'made:1'), { code: 0 });
  t.match(box.pocker('rmi', 'made:1'), { code: 0 });
  t.match(box.pocker('load', '-i', box.path('made.tar')), { code: 0, out: 'Loaded image: made:1\n' });
  const look = 'test ! -e /etc/group; ls /root; stat -c %u:%g:%h /hard';
  t.match(box.pocker('run', '--rm', '--network', 'none', 'made:1', 'sh', '-c', look), { code: 0, out: 'new\n5:6:2\n' });
  t.match(box.pocker('rmi', 'made:1'), { code: 0 });
  t.end();
});

void t.test('the process that keeps the namespaces is killed: the next command finds them again', (t) => {
  t.match(box.pocker('run', '-d', '--name', 'kept', 'busybox', 'sleep', '1000'), { code: 0 });
  for (const { pid, words } of box.processes()) if (words.includes('system anchor')) process.kill(pid, 'SIGKILL');
  t.match(box.pocker('exec', 'kept', 'ip', 'a'), { code: 0, out: /eth0/ });
  t.match(box.pocker('cp', 'kept:/etc/hostname', box.path('copied')), { code: 0 }, 'its root filesystem is in reach');
  t.match(box.pocker('run', '--rm', '--network', 'container:kept', 'busybox', 'ip', 'a'), { code: 0, out: /eth0/ });
  t.match(box.pocker('rm', '-f', 'kept'), { code: 0 });
  t.end();
});

void t.test('nothing is left, the namespaces included', async (t) => {
  t.same(await box.close(), []);
  rmSync(directory, { recursive: true, force: true });
});
