// docker's flags: each works, or is refused with a sentence that says why; namespaces, limits, devices and other containers' mounts.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import t from 'tap';
import { commands } from '../../../src/engine/cli/table/commands.js';
import { helpFlag } from '../../../src/engine/cli/global-flags.js';
import { Box, type Said } from '../harness/box.js';

t.setTimeout(0);
const box = new Box('flags');
const once = (...flags: readonly string[]): ReturnType<Box['pocker']> =>
  box.pocker('run', '--rm', '--network', 'none', ...flags.slice(0, -1), 'busybox', 'sh', '-c', flags.at(-1)!);

/** Commands that pocker does not have (docs/pocker.md). */
const elsewhere = new Set(['build', 'search']);
const compared = [
  'run create start stop restart kill rm ps logs exec attach inspect top stats pause unpause wait cp diff commit rename port',
  'update events images pull push load save import export tag rmi history login logout info version',
]
  .join(' ')
  .split(' ')
  .concat(
    ['create', 'ls', 'rm', 'inspect', 'prune'].flatMap((name) => [`volume ${name}`, `network ${name}`]),
    ['network connect', 'network disconnect', 'system df', 'system prune', 'container prune', 'image prune'],
  )
  .filter((name) => !elsewhere.has(name));

const docker = ['/usr/bin/docker', '/usr/local/bin/docker'].filter((path) => existsSync(path));

for (const program of docker)
  void t.test(`every flag of ${program} is known`, (t) => {
    for (const name of compared) {
      const { stdout } = spawnSync(program, [...name.split(' '), '--help'], { encoding: 'utf8' });
      const theirs = [...stdout.matchAll(/^ +(?:-(\w), )?--([\w-]+)/gm)].map(([, short, long]) => ({ short, long: long! }));
      t.ok(theirs.length > 0 || !stdout.includes('Options:'), name);
      const command = commands.find((one) => one.name === name || one.aliases.includes(name))!;
      const own = [...command.flags, helpFlag];
      const known = (long: string) => own.find((flag) => [flag.name, ...(flag.otherNames ?? [])].includes(long));
      t.same(
        theirs.filter(({ long }) => known(long) === undefined).map(({ long }) => long),
        [],
        `${name} lacks no flag`,
      );
      const unlike = theirs.filter(({ short, long }) => long !== 'help' && short !== undefined && known(long)?.short !== short);
      t.same(unlike, [], `${name} has docker's letters`);
    }
    t.end();
  });

void t.test('refused flags say why, in one line and a hint', (t) => {
  for (const command of commands)
    for (const { name, type, short } of command.flags.filter(({ refused }) => refused !== undefined)) {
      const value = type === 'boolean' ? [] : ['x'];
      for (const word of [`--${name}`, ...(short === undefined ? [] : [`-${short}`])]) {
        const { code, out, err } = box.pocker(...command.name.split(' '), word, ...value, 'a', 'b');
        t.equal(code, command.failure ?? 1, `${command.name} ${word}: ${err}`);
        t.equal(out, '');
        t.match(err, new RegExp(`^pocker: ${word} is not supported\n +hint: [^\n]+\n$`));
      }
    }
  t.match(box.pocker('rm', '--link=false', 'nosuch').err, /No such container/, 'one that asks for nothing');
  t.end();
});

void t.test('docs/pocker.md lists every refused flag', (t) => {
  const text = readFileSync('docs/pocker.md', 'utf8');
  for (const { flags } of commands)
    for (const { name, refused } of flags) if (refused !== undefined) t.ok(text.includes(`--${name}`), name);
  t.end();
});

void t.test('namespaces of the host, and of another container', (t) => {
  const ns = (kind: string): string => spawnSync('readlink', [`/proc/self/ns/${kind}`], { encoding: 'utf8' }).stdout;
  for (const kind of ['pid', 'ipc', 'uts'])
    for (const [flags, same] of [[[`--${kind}`, 'host'], true] as const, [[], false] as const]) {
      const { code, out, err } = once(...flags, `readlink /proc/self/ns/${kind}`);
      t.equal(code, 0, err);
      t.equal(out === ns(kind), same, `${kind} ${flags.join(' ')}`);
    }
  t.equal(once('--uts', 'host', 'hostname').out, spawnSync('hostname', { encoding: 'utf8' }).stdout);
  t.equal(once('--ipc', 'none', 'grep -c /dev/shm /proc/mounts').out, '0\n');
  t.match(once('--cgroupns', 'private', 'cat /proc/self/cgroup').out, /^(\d+:[^:]*:\/\n)+$/);
  t.match(once('--uts', 'host', '-h', 'x', 'true').err, /conflicting options: hostname and the UTS mode/);
  box.must('run', '-d', '--name', 'owner', '--network', 'none', 'busybox', 'sleep', '1000');
  t.match(once('--pid', 'container:owner', 'ps').out, /1 root .* sleep 1000/);
  box.must('rm', '-f', 'owner');
  t.match(once('--pid', 'container:owner', 'true').err, /No such container: owner/);
  t.end();
});

void t.test('limits and devices by their older flags', (t) => {
  box.must(
    'run',
    '-d',
    '--name',
    'limited',
    '--network',
    'none',
    '--cpu-period',
    '50000',
    '--cpu-quota',
    '25000',
    'busybox',
    'top',
  );
  const inside = once(
    '--cgroup-parent',
    '/pocker-test-parent',
    '--oom-score-adj',
    '7',
    'cat /proc/self/cgroup /proc/self/oom_score_adj',
  );
  t.match(inside.out, /:\/pocker-test-parent\/pocker-[0-9a-f]{64}\n/);
  t.match(inside.out, /\n7\n$/);
  t.equal(box.must('inspect', '-f', '{{.HostConfig.CpuPeriod}} {{.HostConfig.CpuQuota}}', 'limited'), '50000 25000');
  box.must('update', '--cpu-quota', '30000', 'limited');
  t.equal(box.must('inspect', '-f', '{{.HostConfig.CpuQuota}}', 'limited'), '30000');
  t.match(box.pocker('update', '--cpus', '1', 'limited').err, /Conflicting options/);
  t.match(
    box.pocker('update', '--cpuset-cpus', '8191', 'limited').err,
    /Requested CPUs are not available - requested 8191, available: 0/,
  );
  box.must('rm', '-f', 'limited');
  t.match(once('--cpus', '1', '--cpu-quota', '1000', 'true').err, /Nano CPUs and CPU Quota cannot both be set/);
  for (const [flag, what] of [
    ['--cpuset-cpus', 'CPUs'],
    ['--cpuset-mems', 'memory nodes'],
  ] as const)
    t.match(once(flag, '0,8191', 'true').err, `Requested ${what} are not available - requested 0,8191, available: 0`);
  const open = 'mknod /tmp/d c 1 11; exec 3>/tmp/d && echo granted';
  t.notMatch(once(open).out, /granted/, 'a device that it may not use');
  t.match(once('--device-cgroup-rule', 'c 1:11 rwm', open).out, /granted/);
  t.match(once('--device-read-bps', '/dev/null:1mb', 'true').err, /\/dev\/null is not a disk/);
  for (const words of [
    ['--device-read-bps', 'x'],
    ['--device-cgroup-rule', 'x'],
    ['--oom-score-adj', '2000'],
    ['--memory-swappiness', '101'],
    ['--blkio-weight', '5'],
    ['--mac-address', 'zz'],
    ['--mac-address', '02:42:ac:11:00:02:03'],
    ['--isolation', 'hyperv'],
    ['--pid', 'x'],
    ['--ipc', 'x'],
    ['--uts', 'x'],
    ['--cgroupns', 'x'],
    ['--userns', 'keep-id'],
    ['--volumes-from', 'nosuch'],
    ['--label', '=x'],
    ['--annotation', '=x'],
    ['--dns-search', 'a\nnameserver 1.2.3.4'],
  ])
    t.equal(once(...words, 'true').code, 125, words.join(' '));
  t.end();
});

void t.test('--volumes-from', (t) => {
  box.must('run', '--name', 'first', '--network', 'none', '-v', '/v', '-v', 'named:/n', 'busybox', 'sh', '-c', 'echo x >/v/y');
  t.equal(once('--volumes-from', 'first', 'cat /v/y; echo z >/n/z').out, 'x\n');
  t.match(once('--volumes-from', 'first:ro', 'touch /v/no').err, /Read-only file system/);
  t.equal(once('--volumes-from', 'first', '-v', '/tmp:/n', 'ls /n/z').code, 1, 'what is asked for comes first');
  box.must('create', '--name', 'later', '--network', 'none', '-v', 'another:/v', 'busybox', 'true');
  t.equal(once('--volumes-from', 'first', '--volumes-from', 'later', 'ls /v').out, '', 'the last one counts');
  box.must('rm', 'later');
  box.must('volume', 'rm', 'another');
  box.must('create', '--name', 'second', '--network', 'none', '--volumes-from', 'first', 'busybox', 'cat', '/v/y');
  box.must('rm', '-v', 'first');
  t.equal(box.must('start', '-a', 'second'), 'x', 'a volume without a name stays while it is used');
  box.must('rm', '-v', 'second');
  box.must('volume', 'prune', '-af');
  t.end();
});

void t.test('older names of flags; annotations; what is shown', (t) => {
  t.equal(box.pocker('run', '--rm', '--net', 'none', '--dns-opt', 'x', 'busybox', 'true').code, 0);
  box.must('run', '-d', '--name', 'long', '--net', 'none', '--annotation', 'org.x=1', 'busybox', 'top');
  t.equal(box.must('inspect', '-f', '{{json .HostConfig.Annotations}}', 'long'), '{"org.x":"1"}');
  t.match(box.must('system', 'df', '-v'), /Containers space usage:\n\n.* NAMES\n.* long\n/);
  t.match(box.must('system', 'df', '-v', '--format', '{{json .}}'), /^\{.*"Images":\[/);
  t.equal(box.must('stop', '--timeout', '0', 'long'), 'long');
  t.equal(box.must('restart', '--time', '0', 'long'), 'long');
  box.must('rm', '-f', 'long');
  t.end();
});

void t.test('a seccomp profile of the user is kept with the container', (t) => {
  const profile = box.path('profile.json');
  writeFileSync(profile, '{ "defaultAction": "SCMP_ACT_ALLOW" }');
  box.must('create', '--name', 'profiled', '--network', 'none', '--security-opt', `seccomp=${profile}`, 'busybox', 'true');
  rmSync(profile);
  t.match(box.pocker('start', '-a', 'profiled'), { code: 0 });
  t.equal(box.must('inspect', '-f', '{{.HostConfig.SecurityOpt}}', 'profiled'), '[seccomp={"defaultAction":"SCMP_ACT_ALLOW"}]');
  box.must('rm', 'profiled');
  // podman's form: EXDEV counts, and not the number beside it.
  const rule = { names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO', errnoRet: 1, errno: 'EXDEV' };
  const named = (...rules: readonly object[]): Said => {
    writeFileSync(profile, JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: rules }));
    const confined = ['run', '--rm', '--network', 'none', '--security-opt', `seccomp=${profile}`];
    return box.pocker(...confined, 'busybox', 'mkdir', '/x');
  };
  t.match(named(rule), { code: 1, err: /Invalid cross-device link/i });
  t.match(named({ ...rule, errno: 'ENOPE' }), { code: 125, err: 'unknown errno "ENOPE"' });
  rmSync(profile);
  const gone = box.pocker('create', '--network', 'none', '--security-opt', `seccomp=${profile}`, 'busybox', 'true');
  t.match(gone, { code: 1, err: 'opening seccomp profile' });
  t.end();
});

/** A container with that profile and whatever else the program needs. */
function profiled(profile: string | object, flags: readonly string[], ...program: readonly string[]) {
  const path = box.path('profile.json');
  writeFileSync(path, typeof profile === 'string' ? profile : JSON.stringify(profile));
  return box.pocker('run', '--rm', '--network', 'none', '--security-opt', `seccomp=${path}`, ...flags, 'busybox', ...program);
}

void t.test("the conditions of a seccomp profile in docker's form count", (t) => {
  const syscalls = [
    { names: ['unshare'], action: 'SCMP_ACT_ERRNO', errnoRet: 1, excludes: { caps: ['CAP_SYS_ADMIN'] } },
    { name: 'sethostname', action: 'SCMP_ACT_ERRNO', errnoRet: 1, args: null, includes: { arches: ['none'] } },
  ];
  const profile = { defaultAction: 'SCMP_ACT_ALLOW', archMap: null, syscalls };
  const admin = ['--cap-add', 'SYS_ADMIN'];
  t.match(profiled(profile, [], 'unshare', '-U', 'true'), { code: 1, err: 'Operation not permitted' });
  t.match(profiled(profile, admin, 'unshare', '-u', 'hostname', 'other'), { code: 0 });
  const strange = profiled({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: 'unshare' }] }, [], 'true');
  t.match(strange, { code: 125, err: '/syscalls/0/names is not what it must be' });
  t.match(profiled('{ "defaultAction": }', [], 'true'), { code: 125, err: 'profile.json":1:20: ' });
  t.end();
});

void t.test('the numbers of a seccomp profile have 64 bits', (t) => {
  const rule =
    '{"names":["personality"],"action":"SCMP_ACT_ERRNO","args":[{"index":0,"value":18446744073709551615,"op":"SCMP_CMP_EQ"}]}';
  t.match(profiled(`{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[${rule}]}`, [], 'true'), { code: 0 });
  t.end();
});

void t.test("docker's own seccomp profile has a name", (t) => {
  const builtin = ['run', '--rm', '--network', 'none', '--security-opt', 'seccomp=builtin'];
  t.match(box.pocker(...builtin, 'busybox', 'unshare', '-U', 'true'), { code: 1, err: 'Operation not permitted' });
  t.end();
});

void t.test('nothing is left', async (t) => {
  spawnSync('sh', ['-c', 'rmdir /sys/fs/cgroup/*/pocker-test-parent /sys/fs/cgroup/pocker-test-parent 2>/dev/null']);
  t.same(await box.close(), []);
});
