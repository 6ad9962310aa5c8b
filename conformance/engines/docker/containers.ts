// The life of background containers: exec, stop, pause, limits, health, restarts, a crash of the daemon.
import type { CommandResult } from '../../harness/command.js';
import type { Docker } from './docker.js';
import type { Step } from '../harness/engine.js';
import { imageName } from '../harness/image.js';
import { tty } from '../harness/terminal.js';

/** Prints a message when it is asked to stop, and ends with a code of its own. */
const polite = 'trap "echo asked; exit 7" TERM; trap "echo one" USR1; echo started; while :; do sleep 0.1; done';

function status(docker: Docker, template: string, fits: RegExp, name = 'main'): Promise<CommandResult> {
  return docker.until(['inspect', '--format', template, name], fits);
}

const exec: readonly Step<Docker>[] = [
  { name: 'exec', run: (docker) => docker.client(['exec', 'main', 'echo', 'inside']), expect: { stdout: /^inside$/m } },
  { name: 'exec: exit code', run: (docker) => docker.client(['exec', 'main', 'sh', '-c', 'exit 9']), expect: { code: 9 } },
  {
    name: 'exec: not found',
    run: (docker) => docker.client(['exec', 'main', 'nope']),
    expect: { code: 126, stdout: /executable file not found in \$PATH/ },
  },
  {
    name: 'exec -u -w -e',
    run: (docker) =>
      docker.client(['exec', '-u', '1000:1000', '-w', '/tmp', '-e', 'A=b', 'main', 'sh', '-c', 'id -u; pwd; echo $A']),
    expect: { stdout: /^1000\n\/tmp\nb$/m },
  },
  { name: 'exec -it', run: (docker) => docker.terminal(['exec', '-it', 'main', ...tty]), expect: { stdout: /\/dev\/pts\/\d/ } },
  {
    name: 'exec --privileged',
    run: (docker) => docker.client(['exec', '--privileged', 'main', 'grep', 'CapEff', '/proc/self/status']),
    expect: { stdout: /:\t0{6}[13]f/ },
  },
  {
    name: 'exec -d',
    run: async (docker) => {
      await docker.ok('exec', '-d', 'main', 'sh', '-c', 'echo there > /root/file; exec sleep 300');
      return docker.until(['exec', 'main', 'cat', '/root/file'], /there/);
    },
    expect: { stdout: /^there$/m },
  },
  { name: 'top', run: (docker) => docker.client(['top', 'main', '-o', 'pid,args']), expect: { stdout: /sleep 300$/m } },
];

const life: readonly Step<Docker>[] = [
  {
    name: 'run -d, logs',
    run: async (docker) => {
      await docker.detached('main', [], 'sh', '-c', polite);
      return docker.until(['logs', 'main'], /started/);
    },
    expect: { stdout: /^started$/m },
  },
  ...exec,
  {
    name: 'pause',
    run: async (docker) => {
      await docker.ok('pause', 'main');
      return docker.client(['inspect', '--format', '{{.State.Status}}', 'main']);
    },
    expect: { stdout: /^paused$/m },
  },
  {
    name: 'exec in a paused container',
    run: (docker) => docker.client(['exec', 'main', 'true']),
    expect: { code: 1, stderr: /is paused/ },
  },
  { name: 'unpause', run: async (docker) => (await docker.ok('unpause', 'main'), docker.client(['exec', 'main', 'true'])) },
  {
    name: 'update',
    run: async (docker) => {
      await docker.ok('update', '--memory', '48m', '--memory-swap', '96m', '--cpus', '0.3', '--pids-limit', '77', 'main');
      const files = ['memory/memory.limit_in_bytes', 'pids/pids.max', 'memory.max', 'pids.max'].map(
        (file) => `/sys/fs/cgroup/${file}`,
      );
      return docker.client(['exec', 'main', 'sh', '-c', `cat ${files.join(' ')} 2>/dev/null; true`]);
    },
    expect: { stdout: /^50331648\n77$/m },
  },
  {
    name: 'stats',
    run: (docker) => docker.client(['stats', '--no-stream', '--format', '{{.MemUsage}} {{.PIDs}}', 'main']),
    expect: { stdout: /[\d.]+[KM]iB \/ 48MiB [1-9]/ },
  },
  {
    name: 'kill -s',
    run: async (docker) => {
      await docker.ok('kill', '-s', 'USR1', 'main');
      return docker.until(['logs', 'main'], /^one$/m);
    },
    expect: { stdout: /^one$/m },
  },
  {
    name: 'restart',
    run: async (docker) => {
      await docker.ok('restart', '-t', '10', 'main');
      return docker.until(['logs', 'main'], /asked[^]*started/);
    },
    expect: { stdout: /asked\nstarted\n/ },
  },
  {
    name: 'stop',
    run: async (docker) => (await docker.ok('stop', '-t', '10', 'main'), docker.client(['wait', 'main'])),
    expect: { stdout: /^7$/m },
  },
  {
    name: 'exec in a stopped container',
    run: (docker) => docker.client(['exec', 'main', 'true']),
    expect: { code: 1, stderr: /is not running/ },
  },
  {
    name: 'kill of a stopped container',
    run: (docker) => docker.client(['kill', 'main']),
    expect: { code: 1, stderr: /is not running/ },
  },
  { name: 'start again', run: (docker) => docker.client(['start', 'main']) },
  {
    name: 'the daemon is killed and comes back',
    run: async (docker) => {
      await docker.crash();
      return docker.client(['exec', 'main', 'echo', 'still here']);
    },
    expect: { stdout: /^still here$/m },
  },
  {
    name: 'kill',
    run: async (docker) => (await docker.ok('kill', 'main'), docker.client(['wait', 'main'])),
    expect: { stdout: /^137$/m },
  },
  { name: 'rm', run: (docker) => docker.client(['rm', 'main']) },
];

export const containerSteps: readonly Step<Docker>[] = [
  ...life,
  {
    name: '--pid container:',
    run: async (docker) => {
      await docker.detached('other', [], 'sleep', '300');
      return docker.run(['--pid', 'container:other', '--network', 'container:other'], ['ps']);
    },
    expect: { stdout: /sleep 300/ },
  },
  { name: 'rm -f', run: (docker) => docker.client(['rm', '-f', 'other']) },
  {
    name: 'unhealthy, then healthy',
    run: async (docker) => {
      const flags = ['--health-cmd', 'test -e /tmp/well', '--health-interval', '300ms', '--health-retries', '1'];
      await docker.detached('health', flags, 'sleep', '300');
      await status(docker, '{{.State.Health.Status}}', /unhealthy/, 'health');
      await docker.ok('exec', 'health', 'touch', '/tmp/well');
      return status(docker, '{{.State.Health.Status}}', /^healthy/, 'health');
    },
    expect: { stdout: /^healthy$/m },
  },
  {
    name: 'out of memory',
    run: async (docker) => {
      await docker.detached(
        'hungry',
        ['--memory', '12m', '--memory-swap', '12m'],
        'sh',
        '-c',
        'dd if=/dev/zero of=/dev/null bs=64M',
      );
      return status(docker, '{{.State.OOMKilled}} {{.State.ExitCode}}', /true/, 'hungry');
    },
    expect: { stdout: /^true 137$/m },
  },
  {
    name: '--restart on-failure',
    run: async (docker) => {
      await docker.detached('again', ['--restart', 'on-failure:2'], 'false');
      return status(docker, '{{.RestartCount}} {{.State.Status}}', /2 exited/, 'again');
    },
    expect: { stdout: /^2 exited$/m },
  },
  {
    name: '50 at once',
    run: async (docker) => {
      const numbers = Array.from({ length: 50 }, (_, index) => String(index));
      const runs = numbers.map((number) => docker.client(['run', '--rm', imageName, 'echo', number], { timeout: 180_000 }));
      const results = await Promise.all(runs);
      return results.find((result, index) => result.code !== 0 || result.stdout !== `${numbers[index]!}\n`) ?? results[0]!;
    },
    expect: { stdout: /^0$/m },
  },
];
