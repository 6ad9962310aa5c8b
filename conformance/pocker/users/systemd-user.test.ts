// An ordinary user's limits with a systemd session on cgroup v2: in force, without a warning, and changeable.
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { pockerPath } from '../harness/pocker.js';
import { makeRootfs } from '../../harness/rootfs.js';
import '../harness/own-network.js';

const user = 1000;
const session = `/run/user/${user}`;

function reason(): string | false {
  if (!existsSync(`${session}/systemd/private`)) return `user ${user} has no systemd of its own here`;
  return existsSync('/sys/fs/cgroup/cgroup.controllers') ? false : "a user's systemd manages cgroups of v2";
}

/** Runs a command in a cgroup where a login session would be. */
const scope = `/sys/fs/cgroup/user.slice/user-${user}.slice/session-pocker.scope`;
const login = `mkdir -p ${scope} && echo $$ >${scope}/cgroup.procs && exec "$@"`;

t.setTimeout(600_000);
void t.test('limits in a scope of the user’s systemd', { skip: reason() }, (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'pocker-session-'));
  chmodSync(directory, 0o755);
  const path = (name: string): string => join(directory, name);
  const run = (program: string, ...words: readonly string[]) => {
    const { status, stdout, stderr } = spawnSync(program, words, { encoding: 'utf8', timeout: 120_000 });
    return { code: status, out: stdout, err: stderr };
  };
  // In this test's own mount namespace.
  writeFileSync(path('ids'), `${user}:100000:65536\n`);
  for (const file of ['/etc/subuid', '/etc/subgid']) {
    run('touch', file);
    t.equal(run('mount', '--bind', path('ids'), file).code, 0);
  }
  copyFileSync('/bin/busybox', path('busybox'));
  makeRootfs(path('rootfs'), path('busybox'));
  run('tar', '-C', path('rootfs'), '-cf', path('rootfs.tar'), '.');
  mkdirSync(path('home'));
  chownSync(path('home'), user, user);
  const call = (before: readonly string[], words: readonly string[]) => {
    const become = ['--reuid', String(user), '--regid', String(user), '--clear-groups', 'env', 'USER=user'];
    const places = [`HOME=${path('home')}`, `XDG_RUNTIME_DIR=${session}`, `DBUS_SESSION_BUS_ADDRESS=unix:path=${session}/bus`];
    const roots = ['--root', path('home/root'), '--runroot', path('home/run')];
    const [program = '', ...rest] = [...before, 'setpriv', ...become, ...places, pockerPath, ...roots, ...words];
    return run(program, ...rest);
  };
  const pocker = (...words: readonly string[]) => call(['sh', '-c', login, 'sh'], words);
  t.match(pocker('import', '-c', 'ENV PATH=/bin', path('rootfs.tar'), 'busybox:latest'), { code: 0 });
  const limits = ['-m', '20m', '--cpus', '0.5', '--pids-limit', '20', '--network', 'none'];
  t.match(pocker('run', '-d', '--name', 'limited', ...limits, 'busybox', 'sleep', '1000'), { code: 0, err: /^$/ });
  const read = (file: string): string => pocker('exec', 'limited', 'cat', `/sys/fs/cgroup/${file}`).out.trim();
  t.equal(read('memory.max'), String(20 * 2 ** 20));
  t.equal(read('cpu.max'), '50000 100000');
  t.equal(read('pids.max'), '20');
  t.match(pocker('update', '--pids-limit', '30', 'limited'), { code: 0 });
  t.equal(read('pids.max'), '30');
  t.match(pocker('rm', '-f', 'limited'), { code: 0 });
  // As under sudo or cron: in none of the user's slices, but the user's manager is running.
  const outside = call([], ['run', '--rm', ...limits, 'busybox', 'cat', '/sys/fs/cgroup/pids.max']);
  t.match(outside, { code: 0, out: '20\n', err: /^$/ });
  run('umount', '/etc/subuid', '/etc/subgid');
  rmSync(directory, { recursive: true, force: true });
  t.end();
});
