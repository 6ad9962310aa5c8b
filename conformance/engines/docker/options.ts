// `docker run` with each of its options that reach the runtime, and its exit codes.
import { mkdirSync, writeFileSync } from 'node:fs';
import type { Docker } from './docker.js';
import type { Expectation, Step } from '../harness/engine.js';
import { imageName } from '../harness/image.js';
import { tty } from '../harness/terminal.js';

/** One `docker run --rm`: name, flags, program, expected output. */
type Row = readonly [name: string, flags: string, program: string, expect: Expectation];

const limits =
  'cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/cpu/cpu.cfs_quota_us /sys/fs/cgroup/pids/pids.max ' +
  '/sys/fs/cgroup/memory.max /sys/fs/cgroup/cpu.max /sys/fs/cgroup/pids.max 2>/dev/null; true';

const rows: readonly Row[] = [
  ['run', '', 'echo hello', { stdout: /^hello$/m }],
  ['exit code of the program', '', 'exit 3', { code: 3 }],
  ['--memory --cpus --pids-limit', '--memory 64m --cpus 0.5 --pids-limit 20', limits, { stdout: /^67108864\n50000.*\n20$/m }],
  ['--cpuset-cpus', '--cpuset-cpus 0', 'grep Cpus_allowed_list /proc/self/status', { stdout: /:\s0$/m }],
  ['--cpu-shares --memory-reservation', '--cpu-shares 512 --memory-reservation 32m', 'echo ok', { stdout: /ok/ }],
  ['--read-only', '--read-only', 'touch /x', { code: 1, stderr: /Read-only file system/ }],
  ['--tmpfs', '--tmpfs /t:size=1m,noexec', 'touch /t/x && grep /t /proc/mounts', { stdout: /noexec.*size=1024k/ }],
  ['--shm-size', '--shm-size 2m', 'grep /dev/shm /proc/mounts', { stdout: /size=2048k/ }],
  ['--cap-drop --cap-add', '--cap-drop ALL --cap-add CHOWN', 'grep Cap /proc/self/status', { stdout: /CapBnd:\t0{15}1$/m }],
  [
    '--security-opt no-new-privileges',
    '--security-opt no-new-privileges',
    'grep NoNewPrivs /proc/self/status',
    { stdout: /1$/m },
  ],
  ['default seccomp profile', '', 'grep Seccomp: /proc/self/status; unshare -r true', { code: 1, stdout: /2$/m }],
  [
    '--security-opt seccomp=unconfined',
    '--security-opt seccomp=unconfined',
    'grep Seccomp: /proc/self/status',
    { stdout: /0$/m },
  ],
  ['--init', '--init', 'cat /proc/1/comm', { stdout: /^docker-init$/m }],
  ['--device', '--device /dev/null:/dev/mine', 'ls -l /dev/mine', { stdout: /^crw.* 1,\s+3 / }],
  ['a device that is not given', '', 'mknod /tmp/d b 7 0 && cat /tmp/d', { code: 1, stderr: /not permitted/ }],
  ['--user --workdir --env', '-u guest -w /tmp -e A=b', 'id -un; pwd; echo $A', { stdout: /^guest\n\/tmp\nb$/m }],
  ['--group-add', '--group-add 7777', 'id -G', { stdout: /7777/ }],
  ['--hostname', '--hostname there', 'hostname', { stdout: /^there$/m }],
  ['--sysctl', '--sysctl kernel.msgmax=9000', 'cat /proc/sys/kernel/msgmax', { stdout: /^9000$/m }],
  ['--ulimit', '--ulimit nofile=512:1024', 'ulimit -Sn; ulimit -Hn', { stdout: /^512\n1024$/m }],
  ['--pid host', '--pid host', 'cat /proc/1/comm; ls /proc', { stdout: /^\d{3,}$/m }],
  ['--network host', '--network host', 'ls /sys/class/net', { stdout: /^lo$/m }],
  ['--ipc host --uts host', '--ipc host --uts host', 'hostname', { stdout: /./ }],
  ['--cgroupns private', '--cgroupns private', 'cat /proc/self/cgroup', { stdout: /:\/$/m }],
  ['--privileged', '--privileged', 'ls /dev | wc -l; mount -t tmpfs none /tmp', { stdout: /^\d{2,}$/m }],
  [
    'masked and read-only paths',
    '',
    'cat /proc/kcore; echo 1 > /proc/sys/kernel/msgmax',
    { code: 1, stderr: /Read-only file system/ },
  ],
  ['--oom-score-adj', '--oom-score-adj 500', 'cat /proc/self/oom_score_adj', { stdout: /^500$/m }],
];

const single: readonly Step<Docker>[] = rows.map(([name, flags, program, expect]) => ({
  name,
  run: (docker) => docker.run(flags.split(' ').filter(Boolean), ['sh', '-c', program]),
  expect,
}));

/** A host directory for a container. */
function shared(docker: Docker): string {
  const path = docker.site.path('shared');
  mkdirSync(path, { recursive: true });
  return path;
}

export const optionSteps: readonly Step<Docker>[] = [
  {
    name: 'info names the runtime',
    run: (docker) => docker.client(['info', '--format', '{{.DefaultRuntime}} {{json .Runtimes}} {{.Warnings}}']),
    expect: { stdout: /^pocker-runc .*"pocker-runc"/ },
  },
  ...single,
  { name: '125: the daemon refuses', run: (docker) => docker.run(['--memory', '1k'], ['true']), expect: { code: 125 } },
  {
    name: '126: cannot be executed',
    run: (docker) => docker.run([], ['/etc/passwd']),
    expect: { code: 126, stderr: /permission denied/ },
  },
  {
    name: '127: not found',
    run: (docker) => docker.run([], ['nope']),
    expect: { code: 127, stderr: /executable file not found in \$PATH/ },
  },
  {
    name: '127: no such file',
    run: (docker) => docker.run([], ['/bin/nope']),
    expect: { code: 127, stderr: /no such file or directory/ },
  },
  {
    name: 'standard input',
    run: (docker) => {
      const stdin = docker.site.path('stdin');
      writeFileSync(stdin, 'from outside\n');
      return docker.run(['-i'], ['cat'], { stdin });
    },
    expect: { stdout: /^from outside$/m },
  },
  {
    name: 'run -it',
    run: (docker) => docker.terminal(['run', '--rm', '-it', imageName, ...tty]),
    expect: { stdout: /\/dev\/pts\/0/ },
  },
  {
    name: '-v',
    run: (docker) => docker.run(['-v', `${shared(docker)}:/s`], ['sh', '-c', 'echo written > /s/file; cat /s/file']),
    expect: { stdout: /^written$/m },
  },
  {
    name: '-v :ro',
    run: (docker) => docker.run(['-v', `${shared(docker)}:/s:ro`], ['touch', '/s/x']),
    expect: { code: 1, stderr: /Read-only file system/ },
  },
  { name: 'a volume', run: (docker) => docker.run(['-v', 'named:/v'], ['touch', '/v/x']) },
  {
    name: 'a seccomp profile of one’s own',
    run: (docker) => {
      const profile = docker.site.path('profile.json');
      const rule = { names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO', errnoRet: 95 };
      writeFileSync(profile, JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [rule] }));
      return docker.run(['--security-opt', `seccomp=${profile}`], ['mkdir', '/x']);
    },
    expect: { code: 1, stderr: /not supported/ },
  },
  {
    name: 'a signal to the client',
    run: (docker) => {
      const program = ['sh', '-c', 'trap "exit 5" TERM; echo ready; while :; do sleep 0.1; done'];
      return docker.meanwhile(['run', '--rm', '--name', 'asked', imageName, ...program], async (pid) => {
        await docker.until(['logs', 'asked'], /ready/);
        process.kill(pid, 'SIGTERM');
      });
    },
    expect: { code: 5 },
  },
];
