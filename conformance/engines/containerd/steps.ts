// What `ctr` does with containers, the same for containerd 1.x and 2.x.
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { cgroupDirectory, layout } from '../../harness/machine/cgroup.js';
import type { Ctr } from './containerd.js';
import type { Expectation, Step } from '../harness/engine.js';
import { imageName } from '../harness/image.js';
import { tty } from '../harness/terminal.js';

/** One `ctr run --rm`: name, flags, program, expected output. */
type Row = readonly [name: string, flags: string, program: string, expect: Expectation];

const rows: readonly Row[] = [
  ['run', '', 'echo hello', { stdout: /^hello$/m }],
  ['exit code of the program', '', 'exit 3', { code: 3 }],
  ['--read-only', '--read-only', 'touch /x', { code: 1, stderr: /Read-only file system/ }],
  ['--user --env', '--user 1000:1000 --env A=b', 'id -u; echo $A', { stdout: /^1000\nb$/m }],
  ['--mount', '--mount type=tmpfs,dst=/m,options=size=1m', 'grep /m /proc/mounts', { stdout: /size=1024k/ }],
  ['--cap-drop', '--cap-drop CAP_CHOWN', 'grep CapEff /proc/self/status', { stdout: /CapEff:\t0{8}a80425fa$/m }],
  ['--seccomp', '--seccomp', 'grep Seccomp: /proc/self/status', { stdout: /2$/m }],
  ['--net-host', '--net-host', 'ls /sys/class/net', { stdout: /^lo$/m }],
  ['--privileged', '--privileged', 'grep Seccomp: /proc/self/status', { stdout: /0$/m }],
  ['--no-pivot', '--no-pivot', 'echo there', { stdout: /^there$/m }],
  ['--with-ns', `--with-ns network:/proc/${process.pid}/ns/net`, 'readlink /proc/self/ns/net', { stdout: /^net:/ }],
];

const single: readonly Step<Ctr>[] = rows.map(([name, flags, program, expect], index) => ({
  name,
  run: (ctr) => ctr.run(`run${index}`, flags.split(' ').filter(Boolean), ['sh', '-c', program]),
  expect,
}));

const polite = 'trap "exit 7" TERM; while :; do sleep 0.1; done';

const life: readonly Step<Ctr>[] = [
  {
    name: 'run -d',
    run: async (ctr) => {
      await ctr.detached('main', ['--pid-file', ctr.site.path('main.pid'), '--memory-limit', '67108864'], 'sh', '-c', polite);
      return ctr.client(['tasks', 'ls']);
    },
    expect: { stdout: /^main\s+\d+\s+RUNNING/m },
  },
  {
    name: '--memory-limit',
    run: (ctr) => {
      const parts = layout === 'v2' ? ['', 'memory.max'] : ['memory', 'memory.limit_in_bytes'];
      const directory = cgroupDirectory(parts[0]!, `/${ctr.site.name}/main`);
      return ctr.site.command('cat', [`${directory ?? ''}/${parts[1]!}`]);
    },
    expect: { stdout: /^67108864$/m },
  },
  {
    name: 'the pid file is the task’s',
    run: (ctr) => ctr.site.command('cat', [`/proc/${readFileSync(ctr.site.path('main.pid'), 'utf8')}/comm`]),
    expect: { stdout: /^sh$/m },
  },
  {
    name: 'tasks exec',
    run: (ctr) => ctr.client(['tasks', 'exec', '--exec-id', 'e1', 'main', 'echo', 'inside']),
    expect: { stdout: /^inside$/m },
  },
  {
    name: 'tasks exec: exit code',
    run: (ctr) => ctr.client(['tasks', 'exec', '--exec-id', 'e2', 'main', 'sh', '-c', 'exit 9']),
    expect: { code: 9 },
  },
  {
    name: 'tasks exec: not found',
    run: (ctr) => ctr.client(['tasks', 'exec', '--exec-id', 'e3', 'main', 'nope']),
    expect: { code: 1, stderr: /executable file not found in \$PATH/ },
  },
  {
    name: 'tasks exec -t',
    run: (ctr) => ctr.terminal(['tasks', 'exec', '-t', '--exec-id', 'e4', 'main', ...tty]),
    expect: { stdout: /\/dev\/pts\/0/ },
  },
  {
    name: 'tasks exec -d, tasks ps',
    run: async (ctr) => {
      await ctr.ok('tasks', 'exec', '-d', ...ctr.fifoFlags, '--exec-id', 'e5', 'main', 'sleep', '300');
      return ctr.client(['tasks', 'ps', 'main']);
    },
    expect: { stdout: /^\d+\s.*\n[^]*ID:"?e5|exec_id:"?e5/m },
  },
  {
    name: 'tasks metrics',
    run: (ctr) => ctr.client(['tasks', 'metrics', 'main']),
    expect: { stdout: /memory\.usage|memory\.usage_in_bytes/ },
  },
  {
    name: 'tasks pause',
    run: async (ctr) => (await ctr.ok('tasks', 'pause', 'main'), ctr.client(['tasks', 'ls'])),
    expect: { stdout: /^main\s+\d+\s+PAUSED/m },
  },
  {
    name: 'tasks resume',
    run: async (ctr) => (await ctr.ok('tasks', 'resume', 'main'), ctr.client(['tasks', 'ls'])),
    expect: { stdout: /^main\s+\d+\s+RUNNING/m },
  },
  { name: 'an id in use', run: (ctr) => ctr.run('main', [], ['true']), expect: { code: 1, stderr: /already exists/ } },
  {
    name: 'delete of a running task',
    run: (ctr) => ctr.client(['tasks', 'delete', 'main']),
    expect: { code: 1, stderr: /task must be stopped before deletion|cannot delete a running/ },
  },
  {
    name: 'containerd is killed and comes back',
    run: async (ctr) => {
      await ctr.crash();
      return ctr.client(['tasks', 'exec', '--exec-id', 'e6', 'main', 'echo', 'still here']);
    },
    expect: { stdout: /^still here$/m },
  },
  {
    name: 'tasks kill',
    run: async (ctr) => {
      await ctr.ok('tasks', 'kill', '-s', 'SIGTERM', 'main');
      return ctr.until(['tasks', 'ls'], /STOPPED/);
    },
    expect: { stdout: /^main\s+\d+\s+STOPPED/m },
  },
  {
    name: 'kill of a stopped task',
    run: (ctr) => ctr.client(['tasks', 'kill', 'main']),
    expect: { code: 1, stderr: /not found|not running|already finished/ },
  },
  {
    name: 'tasks delete reports the exit code',
    run: async (ctr) => {
      const { code, stderr, ...rest } = await ctr.client(['tasks', 'delete', 'main']);
      // 1.x exits with it, 2.x prints it.
      return { ...rest, stderr, code: code === 7 || stderr.includes('non-zero exit code 7') ? 0 : 1 };
    },
  },
  { name: 'containers delete', run: (ctr) => ctr.client(['containers', 'delete', 'main']) },
];

export const containerdSteps: readonly Step<Ctr>[] = [
  ...single,
  {
    name: 'not found',
    run: (ctr) => ctr.run('nope', [], ['nope']),
    expect: { code: 1, stderr: /executable file not found in \$PATH/ },
  },
  {
    name: 'run -t',
    run: (ctr) => ctr.terminal(['run', '--rm', '-t', ...ctr.runtimeFlags, imageName, 'tty', ...tty]),
    expect: { stdout: /\/dev\/pts\/0/ },
  },
  {
    name: 'run -d -t',
    run: async (ctr) => {
      await ctr.terminal(['run', '-d', '-t', ...ctr.runtimeFlags, imageName, 'terminal', 'sleep', '300']);
      const result = await ctr.client(['tasks', 'exec', '--exec-id', 't', 'terminal', 'readlink', '/proc/1/fd/0']);
      await ctr.ok('tasks', 'delete', '-f', 'terminal');
      await ctr.ok('containers', 'delete', 'terminal');
      return result;
    },
    expect: { stdout: /^\/dev\/pts\/0$/m },
  },
  ...life,
  {
    name: '50 at once',
    run: async (ctr) => {
      const shared = ctr.site.path('shared');
      mkdirSync(shared);
      const mount = ['--mount', `type=bind,src=${shared},dst=/s,options=rbind:rw`];
      const names = Array.from({ length: 50 }, (_, index) => `many${index}`);
      // A file, because ctr may lose the output of a container that ends at once.
      const results = await Promise.all(names.map((name) => ctr.run(name, mount, ['touch', `/s/${name}`], { timeout: 180_000 })));
      const files = readdirSync(shared).length;
      return results.find(({ code }) => code !== 0) ?? { ...results[0]!, stdout: `${files} files\n` };
    },
    expect: { stdout: /^50 files$/m },
  },
];
