// What `podman` does with containers and pods.
import { writeFileSync } from 'node:fs';
import type { Expectation, Step } from '../harness/engine.js';
import { imageName } from '../harness/image.js';
import type { Podman } from './podman.js';
import { tty } from '../harness/terminal.js';

/** One `podman run --rm`: name, flags, program, expected output. */
type Row = readonly [name: string, flags: string, program: string, expect: Expectation];

function table(rows: readonly Row[]): Step<Podman>[] {
  return rows.map(([name, flags, program, expect]) => ({
    name,
    run: (podman) => podman.run(flags.split(' ').filter(Boolean), ['sh', '-c', program]),
    expect,
  }));
}

export const runSteps: readonly Step<Podman>[] = [
  {
    name: 'info names the runtime',
    run: (podman) => podman.client(['info', '--format', '{{.Host.OCIRuntime.Name}} {{.Host.OCIRuntime.Version}}']),
    expect: { stdout: /^pocker-runc .*version/ },
  },
  ...table([
    ['run', '', 'echo hello', { stdout: /^hello$/m }],
    ['exit code of the program', '', 'exit 3', { code: 3 }],
    ['--read-only', '--read-only', 'touch /x', { code: 1, stderr: /Read-only file system/ }],
    ['--tmpfs', '--tmpfs /t:size=1m,noexec', 'touch /t/x && grep /t /proc/mounts', { stdout: /noexec.*size=1024k/ }],
    ['--cap-drop', '--cap-drop all', 'grep CapBnd /proc/self/status', { stdout: /CapBnd:\t0{16}$/m }],
    [
      '--security-opt no-new-privileges',
      '--security-opt no-new-privileges',
      'grep NoNewPrivs /proc/self/status',
      { stdout: /1$/m },
    ],
    ['default seccomp profile', '', 'grep Seccomp: /proc/self/status', { stdout: /2$/m }],
    ['--user --workdir --env', '-u guest -w /tmp -e A=b', 'id -un; pwd; echo $A', { stdout: /^guest\n\/tmp\nb$/m }],
    ['--hostname', '--hostname there', 'hostname', { stdout: /^there$/m }],
    ['--ulimit', '--ulimit nofile=512:1024 --ulimit nproc=1024:1024', 'ulimit -Sn; ulimit -Hn', { stdout: /^512\n1024$/m }],
    ['--umask', '--umask 0077', 'umask', { stdout: /^0077$/m }],
    ['--pid host', '--pid host', 'ls /proc', { stdout: /^\d{3,}$/m }],
    ['a volume', '-v named:/v', 'touch /v/x', {}],
    ['--cgroups disabled', '--cgroups disabled', 'echo ok', { stdout: /^ok$/m }],
    ['--preserve-fds', '--preserve-fds 0', 'ls /proc/self/fd | wc -l', { stdout: /^4$/m }],
  ]),
  { name: '125: podman refuses', run: (podman) => podman.run(['--memory', 'much'], ['true']), expect: { code: 125 } },
  {
    name: '126: cannot be executed',
    run: (podman) => podman.run([], ['/etc/passwd']),
    expect: { code: 126, stderr: /permission denied/i },
  },
  {
    name: '127: not found',
    run: (podman) => podman.run([], ['nope']),
    expect: { code: 127, stderr: /executable file not found in \$PATH/ },
  },
  {
    name: 'standard input',
    run: (podman) => {
      const stdin = podman.site.path('stdin');
      writeFileSync(stdin, 'from outside\n');
      return podman.run(['-i'], ['cat'], { stdin });
    },
    expect: { stdout: /^from outside$/m },
  },
  {
    name: 'run -it',
    run: (podman) => podman.terminal(['run', '--rm', '-it', '--network', 'none', ...podman.parent, imageName, ...tty]),
    expect: { stdout: /\/dev\/pts\/0/ },
  },
];

const limits =
  'cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/cpu/cpu.cfs_quota_us /sys/fs/cgroup/pids/pids.max ' +
  '/sys/fs/cgroup/memory.max /sys/fs/cgroup/cpu.max /sys/fs/cgroup/pids.max 2>/dev/null; true';

export const rootSteps: readonly Step<Podman>[] = [
  ...table([
    ['--memory --cpus --pids-limit', '--memory 64m --cpus 0.5 --pids-limit 20', limits, { stdout: /^67108864\n50000.*\n20$/m }],
    ['--device', '--device /dev/null:/dev/mine', 'ls -l /dev/mine', { stdout: /^crw.* 1,\s+3 / }],
    ['--privileged', '--privileged', 'grep Seccomp: /proc/self/status', { stdout: /0$/m }],
    [
      '--uidmap',
      '--uidmap 0:100000:5000 --gidmap 0:100000:5000',
      'cat /proc/self/uid_map',
      { stdout: /^\s+0\s+100000\s+5000$/m },
    ],
    ['--cgroupns private', '--cgroupns private', 'cat /proc/self/cgroup', { stdout: /:\/$/m }],
  ]),
  {
    name: 'pause',
    run: async (podman) => {
      await podman.detached('paused', [], 'sleep', '300');
      await podman.ok('pause', 'paused');
      return podman.client(['inspect', '--format', '{{.State.Status}}', 'paused']);
    },
    expect: { stdout: /^paused$/m },
  },
  {
    name: 'exec in a paused container',
    run: (podman) => podman.client(['exec', 'paused', 'true']),
    expect: { code: 255, stderr: /running containers/ },
  },
  { name: 'unpause', run: async (podman) => (await podman.ok('unpause', 'paused'), podman.client(['exec', 'paused', 'true'])) },
  {
    name: 'stats',
    run: (podman) => podman.client(['stats', '--no-stream', '--format', '{{.MemUsage}} {{.PIDs}}', 'paused']),
    expect: { stdout: /[\d.]+[kM]B \/ .* [1-9]/ },
  },
  {
    name: 'update',
    run: async (podman) => {
      await podman.ok('update', '--memory', '48m', '--memory-swap', '96m', '--cpus', '0.3', 'paused');
      return podman.client(['exec', 'paused', 'sh', '-c', limits]);
    },
    expect: { stdout: /^50331648$/m },
  },
  { name: 'rm -f', run: (podman) => podman.client(['rm', '-f', '--time', '0', 'paused']) },
];

const polite = 'trap "echo asked; exit 7" TERM; trap "echo one" USR1; echo started; while :; do sleep 0.1; done';

export const containerSteps: readonly Step<Podman>[] = [
  {
    name: 'run -d, logs',
    run: async (podman) => {
      const health = ['--health-cmd', 'test -e /tmp/well', '--health-interval', 'disable', '--health-retries', '1'];
      await podman.detached('main', health, 'sh', '-c', polite);
      return podman.until(['logs', 'main'], /started/);
    },
    expect: { stdout: /^started$/m },
  },
  { name: 'exec', run: (podman) => podman.client(['exec', 'main', 'echo', 'inside']), expect: { stdout: /^inside$/m } },
  { name: 'exec: exit code', run: (podman) => podman.client(['exec', 'main', 'sh', '-c', 'exit 9']), expect: { code: 9 } },
  {
    name: 'exec: not found',
    run: (podman) => podman.client(['exec', 'main', 'nope']),
    expect: { code: 127, stderr: /executable file not found in \$PATH/ },
  },
  {
    name: 'exec -u -w -e',
    run: (podman) =>
      podman.client(['exec', '-u', '1000:1000', '-w', '/tmp', '-e', 'A=b', 'main', 'sh', '-c', 'id -u; pwd; echo $A']),
    expect: { stdout: /^1000\n\/tmp\nb$/m },
  },
  { name: 'exec -it', run: (podman) => podman.terminal(['exec', '-it', 'main', ...tty]), expect: { stdout: /\/dev\/pts\/\d/ } },
  {
    name: 'exec -d',
    run: async (podman) => {
      await podman.ok('exec', '-d', 'main', 'sh', '-c', 'echo there > /tmp/file; exec sleep 300');
      return podman.until(['exec', 'main', 'cat', '/tmp/file'], /there/);
    },
    expect: { stdout: /^there$/m },
  },
  { name: 'top', run: (podman) => podman.client(['top', 'main', 'pid', 'args']), expect: { stdout: /sleep 300/ } },
  { name: 'unhealthy', run: (podman) => podman.client(['healthcheck', 'run', 'main']), expect: { code: 1, stdout: /unhealthy/ } },
  {
    name: 'healthy',
    run: async (podman) => (await podman.ok('exec', 'main', 'touch', '/tmp/well'), podman.client(['healthcheck', 'run', 'main'])),
  },
  {
    name: 'kill -s',
    run: async (podman) => (await podman.ok('kill', '-s', 'USR1', 'main'), podman.until(['logs', 'main'], /^one$/m)),
    expect: { stdout: /^one$/m },
  },
  { name: 'generate kube', run: (podman) => podman.client(['generate', 'kube', 'main']), expect: { stdout: /kind: Pod/ } },
  { name: 'generate systemd', run: (podman) => podman.client(['generate', 'systemd', 'main']), expect: { stdout: /ExecStart=/ } },
  {
    name: 'restart',
    run: async (podman) => (await podman.ok('restart', '-t', '10', 'main'), podman.until(['logs', 'main'], /asked[^]*started/)),
    expect: { stdout: /asked\nstarted\n/ },
  },
  {
    name: 'stop',
    run: async (podman) => (await podman.ok('stop', '-t', '10', 'main'), podman.client(['wait', 'main'])),
    expect: { stdout: /^7$/m },
  },
  {
    name: 'exec in a stopped container',
    run: (podman) => podman.client(['exec', 'main', 'true']),
    expect: { code: 255, stderr: /running containers/ },
  },
  {
    name: 'kill of a stopped container',
    run: (podman) => podman.client(['kill', 'main']),
    expect: { code: 125, stderr: /running/ },
  },
  {
    name: 'start again, and kill',
    run: async (podman) => {
      await podman.ok('start', 'main');
      await podman.ok('kill', 'main');
      return podman.client(['wait', 'main']);
    },
    expect: { stdout: /^137$/m },
  },
  { name: 'rm', run: (podman) => podman.client(['rm', 'main']) },
  {
    name: '15 at once',
    run: async (podman) => {
      const numbers = Array.from({ length: 15 }, (_, index) => String(index));
      const results = await Promise.all(numbers.map((number) => podman.run([], ['echo', number], { timeout: 120_000 })));
      return results.find((result, index) => result.code !== 0 || result.stdout !== `${numbers[index]!}\n`) ?? results[0]!;
    },
    expect: { stdout: /^0$/m },
  },
];

export const podSteps: readonly Step<Podman>[] = [
  {
    name: 'a pod',
    run: async (podman) => {
      const infra = ['--infra-image', imageName, '--infra-command', 'sleep 1000'];
      await podman.ok(
        'pod',
        'create',
        '--name',
        'pod',
        '--network',
        'none',
        '--share',
        'pid,net,ipc,uts',
        ...podman.parent,
        ...infra,
      );
      await podman.ok('run', '-d', '--pod', 'pod', '--name', 'first', imageName, 'sleep', '300');
      return podman.client(['run', '--rm', '--pod', 'pod', imageName, 'ps']);
    },
    expect: { stdout: /sleep 1000[^]*sleep 300/ },
  },
  {
    name: 'pod pause',
    run: async (podman) => (await podman.ok('pod', 'pause', 'pod'), podman.client(['pod', 'unpause', 'pod'])),
  },
  { name: 'pod stop', run: (podman) => podman.client(['pod', 'stop', '-t', '1', 'pod']) },
  { name: 'pod start', run: (podman) => podman.client(['pod', 'start', 'pod']) },
  { name: 'pod rm', run: (podman) => podman.client(['pod', 'rm', '-f', '-t', '0', 'pod']) },
];
