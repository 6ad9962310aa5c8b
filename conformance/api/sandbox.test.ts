// The sandbox: what it is for, and what programs try in it. Nothing they try works, each of them ends, and nothing is left.
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type Tap } from '../harness/case.js';
import type { Box } from '../harness/box.js';
import { PockerError, rejection, runtimeOf } from './harness/api.js';
import { projectRoot } from '../harness/runtime.js';
import type * as SandboxApi from '../../src/sandbox.js';

const { sandbox, Sandbox, SandboxPool } = (await import(join(projectRoot, 'dist/node/sandbox.js'))) as typeof SandboxApi;

type Options = SandboxApi.SandboxOptions & Partial<SandboxApi.CommandOptions>;

const shell = (box: Box, script: string, options: Options = {}): Promise<SandboxApi.SandboxResult> =>
  sandbox({ command: ['/bin/sh', '-c', script], root: box.stateRoot, timeout: 20_000, ...options });

/** Directories of this program's sandboxes. Those that all share, once there is one sandbox, are removed when the program ends. */
const directories = (): string[] =>
  readdirSync(tmpdir()).filter((name) => name.startsWith('pocker-sandbox-') && name.includes(`-${process.pid}-`));

test('files, input, environment and the result', async (t, box) => {
  await shell(box, 'true');
  const before = directories();
  const result = await shell(box, 'cat main.txt sub/other.txt -; echo "$NAME" >&2; pwd >&2; exit 3', {
    files: { 'main.txt': 'one\n', 'sub/other.txt': Buffer.from('two\n') },
    input: 'three\n',
    env: { NAME: 'value' },
  });
  t.match(result, { code: 3, signal: null, stdout: 'one\ntwo\nthree\n', stderr: 'value\n/work\n' });
  t.match(result, { timedOut: false, oomKilled: false, truncated: false, warnings: [] });
  t.ok(result.usage.cpu > 0 && result.usage.wall > 0, 'what it used', result.usage);
  t.same(directories(), before, 'its directory is gone');
  const directory = box.path('files');
  mkdirSync(directory);
  writeFileSync(join(directory, 'a'), 'content');
  t.equal((await shell(box, 'cat a; echo more > a; cat a', { files: directory })).stdout, 'contentmore\n', 'a copy');
});

test('the caller’s own root filesystem', async (t, box) => {
  const { rootfs } = box.container();
  const result = await shell(box, 'echo x > /file; ls /; cat given', { rootfs, files: { given: 'text' } });
  t.match(result.stdout, /bin\n[^]*work\ntext$/);
  t.match(result.stderr, /Read-only file system/);
  t.notOk(readdirSync(rootfs).includes('work'), 'which is not changed');
});

test('the time limit holds for a program that ignores signals and daemonises twice', async (t, box) => {
  const script = `trap '' TERM INT HUP; setsid sh -c "setsid sh -c \\"trap '' TERM; sleep 98765\\" &" & sleep 98765`;
  const result = await shell(box, script, { timeout: 500 });
  t.match(result, { timedOut: true, signal: 'SIGKILL', code: null });
  t.same(processes('sleep\0' + '98765\0'), [], 'nobody is left');
});

function processes(commandLine: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8') === commandLine;
    } catch {
      return false;
    }
  });
}

test('a fork bomb', async (t, box) => {
  const result = await shell(box, 'f() { f | f & f; }; f', { pids: 32, timeout: 1500, memory: '64m' });
  t.not(result.code, 0);
});

test('a memory bomb', async (t, box) => {
  const result = await shell(box, 'x=a; while :; do x=$x$x; done', { memory: '32m' });
  t.match(result, { oomKilled: true, signal: 'SIGKILL' });
  t.ok(result.usage.memoryPeak <= 32 * 2 ** 20, `at most ${result.usage.memoryPeak} bytes`);
});

test('filling the disk', async (t, box) => {
  const script =
    'for d in /work /tmp /dev/shm; do head -c 8m /dev/zero > $d/file; stat -c %s $d/file; done; echo x > /dev/x; echo x > /x';
  const { stdout, stderr } = await shell(box, script, { disk: '2m' });
  t.equal(stdout, '2097152\n'.repeat(3));
  t.match(stderr, /No space left on device[^]*Read-only file system/);
  const inodes = await shell(box, 'i=0; while [ $i -lt 3000 ]; do : > /tmp/$i || exit 9; i=$((i+1)); done', { disk: '2m' });
  t.not(inodes.code, 0, 'nor with many empty files');
});

test('flooding the output', async (t, box) => {
  const result = await shell(box, 'yes; yes >&2; echo never', { output: 1000 });
  t.match(result, { truncated: true, timedOut: false });
  t.ok(result.stdout.length <= 1000 && result.stderr.length <= 1000);
});

test('the host’s files, processes and keys', async (t, box) => {
  const script = `cat /etc/shadow; ls /root /home /var /run /sys; cat /proc/1/environ; echo; ls -d /proc/[0-9]*; cat /proc/keys /proc/kcore | wc -c`;
  const { stdout } = await shell(box, script, { env: { SECRET: 'mine' } });
  t.notMatch(stdout, /root:.*:\d+:/);
  const pids = [...stdout.matchAll(/^\/proc\/(\d+)$/gm)].map(([, pid]) => Number(pid));
  t.ok(pids.length > 0 && pids.every((pid) => pid < 20), `its own processes alone: ${pids.join(' ')}`);
  t.match(stdout, /^0$/m, 'no keys, no kernel memory');
});

test('the network', async (t: Tap, box: Box) => {
  const server = createServer((socket) => socket.end('reached')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const script = `cat /proc/net/dev | tail -n +3 | cut -d: -f1; bash -c 'exec 3<>/dev/tcp/127.0.0.1/${port}; cat <&3'`;
  const { stdout, code } = await shell(box, script);
  server.close();
  t.match(stdout, /^\s*lo\n$/, 'only its own loopback');
  t.not(code, 0);
});

test('descriptors, capabilities, namespaces, mounts, programs of the host', async (t, box) => {
  const status = await shell(box, 'ls /proc/self/fd | tr "\\n" " "; grep -E "^(Cap|NoNewPrivs|Seccomp:)" /proc/self/status');
  t.match(status.stdout, /^0 1 2 3 /, '3 is the directory itself');
  for (const line of status.stdout.split('\n').filter((one) => one.startsWith('Cap'))) t.match(line, /\t0{16}$/, line);
  t.match(status.stdout, /NoNewPrivs:\t1\nSeccomp:\t2/);
  for (const attempt of [
    'unshare -U true',
    'unshare -m true',
    'mount -t tmpfs x /tmp',
    'mount -o remount,rw /usr',
    'umount /proc/kcore',
    'mknod /tmp/sda b 8 0',
    'nsenter -t 1 -m true',
    'echo x > /proc/self/exe',
    'echo x > /usr/bin/true',
    'echo 1 > /proc/sys/kernel/hostname',
    'echo b > /proc/sysrq-trigger',
    'chroot / true',
    'kill -9 -1; kill -0 2',
    'cat /dev/mem',
    'setpriv --reuid 1 true',
  ])
    t.not((await shell(box, attempt)).code, 0, attempt);
});

test('one sandbox for many commands', async (t, box) => {
  const one = await Sandbox.create({ root: box.stateRoot, files: { first: 'state' } });
  try {
    await one.write('dir/file', 'text');
    t.equal(await one.read('dir/file'), 'text');
    t.match(await one.exec({ command: ['sh', '-c', 'cat; exit 2'], input: 'in' }), { code: 2, stdout: 'in', timedOut: false });
    t.match(await rejection(one.exec({ command: ['no-such-program'] })), { code: 'E_EXEC' });
    t.match(await one.exec({ command: ['sleep', '60'], timeout: 200 }), { timedOut: true, signal: 'SIGKILL' });
    t.equal((await one.exec({ command: ['ls'] })).stdout, 'first\n', 'in its first state after the time limit');
    await one.write('first', 'changed');
    await one.reset();
    t.equal(await one.read('first'), 'state', 'and after reset');
  } finally {
    await one[Symbol.asyncDispose]();
  }
});

test('a pool', async (t, box) => {
  const pool = new SandboxPool({ root: box.stateRoot, size: 2 });
  const results = await Promise.all(
    [0, 1, 2, 3, 4].map((index) =>
      pool.use((one) => one.exec({ command: ['sh', '-c', `ls | wc -l; echo ${index} > file; cat file`] })),
    ),
  );
  t.same(
    results.map(({ stdout }) => stdout),
    [0, 1, 2, 3, 4].map((index) => `0\n${index}\n`),
    'each has one that nobody has used',
  );
  const late = pool.use((one) => one.exec({ command: ['sh', '-c', 'sleep 0.3; echo late'] }));
  await pool[Symbol.asyncDispose]();
  t.same(await runtimeOf(box).list(), [], 'when it has ended, nobody uses one any more');
  t.match(await late, { code: 0, stdout: 'late\n' });
  t.match(await rejection(pool.use(() => Promise.resolve())), { code: 'E_USAGE' });
});

test('a pool that is ended within its own use', async (t, box) => {
  const pool = new SandboxPool({ root: box.stateRoot, size: 1 });
  const end = async (): Promise<void> => {
    await pool[Symbol.asyncDispose]();
  };
  // Two who would wait for each other.
  const both = [0, 1].map(() =>
    pool.use(async (one) => {
      await end();
      return one.exec({ command: ['echo', 'still there'] });
    }),
  );
  for (const { stdout } of await Promise.all(both)) t.equal(stdout, 'still there\n');
  await end();
  t.same(await runtimeOf(box).list(), []);
});

test('a wrong option is named', async (t, box) => {
  const rows: (readonly [object, RegExp])[] = [
    [{ command: [] }, /^command: expected the program/],
    [{ command: ['x', 'a\0b'] }, /^command: "a\\u0000b": contains a NUL/],
    [{ command: ['x'], memory: 'much' }, /^memory: expected a size.*"much"/],
    [{ command: ['x'], pids: 0 }, /pids: expected a positive integer/],
    [{ command: ['x'], files: { '../x': '' } }, /files: "..\/x": expected a path within/],
    [{ command: ['x'], timeout: -1 }, /timeout: expected a positive number/],
    [{ command: ['x'], cpu: 1 }, /there is no option "cpu"/],
  ];
  for (const [options, message] of rows) {
    const caught = await rejection(sandbox({ root: box.stateRoot, ...options } as never));
    t.ok(caught instanceof PockerError || (caught as Error).name === 'PockerError');
    t.match(caught, { code: 'E_USAGE', message }, String(message));
  }
  for (const none of [null, 3] as unknown as never[]) {
    t.match(await rejection(sandbox(none)), { code: 'E_USAGE' });
    t.match(await rejection(Sandbox.create(none)), { code: 'E_USAGE' });
    t.throws(() => new SandboxPool(none), { code: 'E_USAGE' });
  }
  t.match(await rejection(shell(box, 'true', { signal: AbortSignal.abort() })), { name: 'AbortError' });
  t.match(await rejection(shell(box, 'sleep 60', { signal: AbortSignal.timeout(300) })), { name: 'TimeoutError' });
});
