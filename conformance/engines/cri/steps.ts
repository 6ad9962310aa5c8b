// What the kubelet does with pods and their containers.
import { tty } from '../harness/terminal.js';
import type { CommandResult } from '../../harness/command.js';
import type { Crictl } from './cri.js';
import type { Step } from '../harness/engine.js';

const polite = { command: ['sh', '-c', 'echo started; trap "echo asked; exit 7" TERM; while :; do sleep 0.1; done'] };
const linux = {
  resources: { memory_limit_in_bytes: 67108864, cpu_quota: 50000, cpu_period: 100000, cpu_shares: 512 },
  security_context: {
    run_as_user: { value: 1000 },
    run_as_group: { value: 1000 },
    supplemental_groups: [7777],
    readonly_rootfs: true,
    no_new_privs: true,
    capabilities: { drop_capabilities: ['ALL'] },
    seccomp: { profile_type: 0 },
    masked_paths: ['/proc/kcore', '/proc/acpi'],
    readonly_paths: ['/proc/sys'],
  },
};

/** A call with a container's id before the rest. */
async function on(crictl: Crictl, name: string, before: readonly string[], ...after: string[]): Promise<CommandResult> {
  return crictl.client([...before, await crictl.id(name), ...after]);
}

const memory = 'cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null; true';

export const criSteps: readonly Step<Crictl>[] = [
  { name: 'version', run: (crictl) => crictl.client(['version']), expect: { stdout: /RuntimeName:\s+containerd/ } },
  {
    name: 'a sandbox and a container',
    run: async (crictl) => {
      const pod = await crictl.pod('pod');
      await crictl.container(pod, 'one', { ...polite, linux: { resources: linux.resources } });
      await crictl.container(pod, 'confined', { command: ['sleep', '1000'], linux });
      return crictl.client(['ps']);
    },
    expect: { stdout: /^(?=[^]*Running\s+one\s)(?=[^]*Running\s+confined\s)/ },
  },
  {
    name: 'an unknown handler is refused',
    run: (crictl) =>
      crictl.client(['runp', '--runtime', 'nope', crictl.file({ metadata: { name: 'n', namespace: 'n', uid: 'n' } })]),
    expect: { code: 1, stderr: /no runtime for .*nope.* is configured/ },
  },
  { name: 'exec sync', run: (crictl) => on(crictl, 'one', ['exec', '-s'], 'echo', 'inside'), expect: { stdout: /^inside$/m } },
  {
    name: 'exec sync: exit code',
    run: (crictl) => on(crictl, 'one', ['exec', '-s'], 'sh', '-c', 'exit 4'),
    expect: { code: 1, stderr: /exited with 4/ },
  },
  {
    name: 'exec sync: its timeout',
    run: (crictl) => on(crictl, 'one', ['exec', '-s', '--timeout', '1'], 'sleep', '30'),
    expect: { code: 1, stderr: /timeout 1s exceeded/ },
  },
  {
    name: 'exec sync: not found',
    run: (crictl) => on(crictl, 'one', ['exec', '-s'], 'nope'),
    expect: { code: 1, stderr: /executable file not found in \$PATH/ },
  },
  { name: 'exec', run: (crictl) => on(crictl, 'one', ['exec'], 'echo', 'streamed'), expect: { stdout: /^streamed$/m } },
  {
    name: 'exec -it',
    run: async (crictl) => crictl.terminal(['exec', '-it', await crictl.id('one'), ...tty]),
    expect: { stdout: /\/dev\/pts\/0/ },
  },
  {
    name: 'the limits',
    run: (crictl) => on(crictl, 'one', ['exec', '-s'], 'sh', '-c', memory),
    expect: { stdout: /^67108864$/m },
  },
  {
    name: 'update',
    run: async (crictl) => {
      await crictl.ok('update', '--memory', '33554432', await crictl.id('one'));
      return on(crictl, 'one', ['exec', '-s'], 'sh', '-c', memory);
    },
    expect: { stdout: /^33554432$/m },
  },
  {
    name: 'user and groups',
    run: (crictl) => on(crictl, 'confined', ['exec', '-s'], 'id'),
    expect: { stdout: /uid=1000.* gid=1000.*7777/ },
  },
  {
    name: 'capabilities, no_new_privs, seccomp',
    run: (crictl) => on(crictl, 'confined', ['exec', '-s'], 'grep', '-E', 'CapBnd|NoNewPrivs|Seccomp:', '/proc/self/status'),
    expect: { stdout: /CapBnd:\t0{16}\nNoNewPrivs:\t1\nSeccomp:\t2/ },
  },
  {
    name: 'a read-only root',
    run: (crictl) => on(crictl, 'confined', ['exec', '-s'], 'touch', '/x'),
    expect: { code: 1, stderr: /exited with 1/ },
  },
  {
    name: 'the pod shares its network',
    run: (crictl) => on(crictl, 'one', ['exec', '-s'], 'ls', '/sys/class/net'),
    expect: { stdout: /^lo$/m },
  },
  { name: 'logs', run: (crictl) => on(crictl, 'one', ['logs']), expect: { stdout: /^started$/m } },
  {
    name: 'stats',
    run: (crictl) => on(crictl, 'one', ['stats', '-o', 'json', '--id']),
    expect: { stdout: /"workingSetBytes":\s+\{\s+"value":\s+"[1-9]/ },
  },
  {
    name: 'pod stats',
    run: (crictl) => crictl.client(['statsp', '-o', 'json']),
    expect: { stdout: /"processCount":\s+\{\s+"value":\s+"[1-9]/ },
  },
  {
    name: 'containerd is killed and comes back',
    run: async (crictl) => {
      await crictl.crash();
      return on(crictl, 'one', ['exec', '-s'], 'echo', 'still here');
    },
    expect: { stdout: /^still here$/m },
  },
  {
    name: 'stop',
    run: async (crictl) => {
      const id = await crictl.id('one');
      await crictl.ok('stop', '--timeout', '10', id);
      return crictl.client(['inspect', id]);
    },
    expect: { stdout: /"exitCode": 7[^]*CONTAINER_EXITED/ },
  },
  {
    name: 'exec in a stopped container',
    run: (crictl) => on(crictl, 'one', ['exec', '-s'], 'true'),
    expect: { code: 1, stderr: /CONTAINER_EXITED/ },
  },
  { name: 'rm', run: (crictl) => on(crictl, 'one', ['rm']) },
  { name: 'stopp', run: async (crictl) => crictl.client(['stopp', await crictl.ok('pods', '-q')]) },
  { name: 'rmp', run: async (crictl) => crictl.client(['rmp', await crictl.ok('pods', '-q')]) },
  {
    name: '10 pods at once',
    run: async (crictl) => {
      const names = Array.from({ length: 10 }, (_, index) => `pod${index}`);
      await Promise.all(names.map(async (name) => crictl.container(await crictl.pod(name), name, polite)));
      const result = await crictl.client(['ps', '-q']);
      return { ...result, stdout: `${result.stdout.trim().split('\n').length} containers\n` };
    },
    expect: { stdout: /^10 containers$/m },
  },
];
