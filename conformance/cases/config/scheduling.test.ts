// config.md, "Linux Process": scheduler, ioPriority, execCPUAffinity; config-linux.md: personality, memory policy.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { failed, succeeded, test } from '../../harness/case.js';
import { readCgroup } from '../../harness/cgroup.js';
import { type Config, type Process, toJson } from '../../harness/config.js';
import type { Box } from '../../harness/box.js';

const runc1 = { runc: 'version 1.1 is older than these fields' };

async function output(box: Box, change: (config: Config) => void): Promise<string> {
  const result = await box.container(change).run();
  if (result.code !== 0) throw new Error(`run failed (${result.code}): ${result.stderr}`);
  return result.stdout;
}

const realTimeGroups = readCgroup('cpu', '/', 'cpu.rt_runtime_us') !== undefined;

interface Scheduling {
  readonly nice: number;
  readonly priority: number;
  readonly policy: number;
  readonly flags: number;
}

/** proc(5): what /proc/PID/stat says of a program with that scheduler. PF_* flags have no room for reset-on-fork. */
async function scheduling(box: Box, scheduler: NonNullable<Process['scheduler']>): Promise<Omit<Scheduling, 'flags'>> {
  const text = await output(box, (config) => {
    config.process.scheduler = scheduler;
    // With group scheduling of v1 a cgroup has no real time of its own.
    if (realTimeGroups) config.linux.resources = { cpu: { realtimeRuntime: 10_000, realtimePeriod: 1_000_000 } };
    config.process.args = ['cat', '/proc/self/stat'];
  });
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const field = (number: number): number => Number(fields[number - 3]);
  return { nice: field(19), priority: field(40), policy: field(41) };
}

const policies: readonly (readonly [scheduler: NonNullable<Process['scheduler']>, found: Omit<Scheduling, 'flags'>])[] = [
  [
    { policy: 'SCHED_OTHER', nice: 7 },
    { nice: 7, priority: 0, policy: 0 },
  ],
  [
    { policy: 'SCHED_OTHER', nice: -5 },
    { nice: -5, priority: 0, policy: 0 },
  ],
  [
    { policy: 'SCHED_BATCH', nice: 3 },
    { nice: 3, priority: 0, policy: 3 },
  ],
  [{ policy: 'SCHED_IDLE' }, { nice: 0, priority: 0, policy: 5 }],
  [
    { policy: 'SCHED_FIFO', priority: 10 },
    { nice: 0, priority: 10, policy: 1 },
  ],
  [
    { policy: 'SCHED_RR', priority: 99 },
    { nice: 0, priority: 99, policy: 2 },
  ],
  [
    { policy: 'SCHED_RR', priority: 1, flags: ['SCHED_FLAG_RESET_ON_FORK'] },
    { nice: 0, priority: 1, policy: 2 },
  ],
  [
    { policy: 'SCHED_DEADLINE', runtime: 1_000_000, deadline: 20_000_000, period: 30_000_000 },
    { nice: 0, priority: 0, policy: 6 },
  ],
];

for (const [scheduler, found] of policies) {
  test(
    `scheduler ${JSON.stringify(scheduler)}`,
    async (t, box) => {
      t.same(await scheduling(box, scheduler), found);
    },
    { knownDifferences: runc1 },
  );
}

const badSchedulers: readonly (readonly [scheduler: NonNullable<Process['scheduler']>, pointer: RegExp])[] = [
  [{ policy: 'SCHED_ISO' }, /scheduler\/policy/],
  [{ policy: 'SCHED_SOON' }, /scheduler\/policy/],
  [{ policy: 'SCHED_OTHER', nice: 20 }, /scheduler\/nice/],
  [{ policy: 'SCHED_OTHER', priority: 1 }, /scheduler\/priority/],
  [{ policy: 'SCHED_RR', runtime: 1 }, /scheduler\/runtime/],
  [{ policy: 'SCHED_RR', priority: 1, flags: ['SCHED_FLAG_X'] }, /scheduler\/flags\/0/],
];

for (const [scheduler, pointer] of badSchedulers) {
  test(
    `scheduler ${JSON.stringify(scheduler)} is refused`,
    async (t, box) => {
      const container = box.container((config) => {
        config.process.scheduler = scheduler;
      });
      failed(t, await container.create(), pointer);
      t.same(await box.leftovers(), []);
    },
    { oursOnly: true },
  );
}

const classes: readonly (readonly [io: NonNullable<Process['ioPriority']>, shown: string])[] = [
  [{ class: 'IOPRIO_CLASS_BE', priority: 6 }, 'best-effort: prio 6\n'],
  [{ class: 'IOPRIO_CLASS_RT', priority: 2 }, 'realtime: prio 2\n'],
  [{ class: 'IOPRIO_CLASS_IDLE', priority: 0 }, 'idle\n'],
];

for (const [io, shown] of classes) {
  test(
    `ioPriority ${io.class}`,
    async (t, box) => {
      const text = await output(box, (config) => {
        config.process.ioPriority = io;
        config.process.args = ['ionice'];
      });
      t.equal(text, shown);
    },
    { knownDifferences: runc1 },
  );
}

test(
  'personality: LINUX32 says it is a 32-bit machine',
  async (t, box) => {
    const machine = (domain: string) =>
      output(box, (config) => {
        config.linux.personality = { domain };
        config.process.args = ['uname', '-m'];
      });
    t.match(await machine('LINUX32'), process.arch === 'x64' ? /^i686\n/ : /^armv/);
    t.match(await machine('LINUX'), process.arch === 'x64' ? /^x86_64\n/ : /^aarch64\n/);
  },
  { knownDifferences: runc1 },
);

const numa = existsSync('/proc/self/numa_maps') ? false : 'this kernel has no NUMA';
const modes: readonly (readonly [mode: string, nodes: string | undefined, flags: string[], shown: RegExp])[] = [
  ['MPOL_DEFAULT', undefined, [], /^[0-9a-f]+ default /m],
  ['MPOL_BIND', '0', [], /^[0-9a-f]+ bind:0 /m],
  ['MPOL_PREFERRED', '0', [], /^[0-9a-f]+ prefer:0 /m],
  ['MPOL_INTERLEAVE', '0', [], /^[0-9a-f]+ interleave:0 /m],
  ['MPOL_LOCAL', undefined, [], /^[0-9a-f]+ local /m],
  ['MPOL_BIND', '0', ['MPOL_F_STATIC_NODES'], /^[0-9a-f]+ bind=static:0 /m],
  ['MPOL_BIND', '0', ['MPOL_F_RELATIVE_NODES'], /^[0-9a-f]+ bind=relative:0 /m],
];

for (const [mode, nodes, flags, shown] of modes) {
  test(
    `memoryPolicy ${[mode, ...flags].join(' ')}`,
    async (t, box) => {
      const text = await output(box, (config) => {
        config.linux.memoryPolicy = { mode, ...(nodes === undefined ? {} : { nodes }), flags };
        config.process.args = ['cat', '/proc/self/numa_maps'];
      });
      t.match(text, shown);
    },
    { skip: numa, knownDifferences: { ...runc1, crun: 'version 1.8 is older than this field' } },
  );
}

/** The CPUs that a program of exec may use. */
async function execCpus(box: Box, affinity: NonNullable<Process['execCPUAffinity']>): Promise<string> {
  const container =
    box.containers[0] ??
    box.container((config) => {
      config.process.args = ['sleep', '60'];
    });
  if (box.containers.length === 1 && !existsSync(box.path('up'))) {
    writeFileSync(box.path('up'), '');
    await container.up();
  }
  const process = {
    ...container.config.process,
    args: ['grep', 'Cpus_allowed_list', '/proc/self/status'],
    execCPUAffinity: affinity,
  };
  writeFileSync(box.path('process.json'), toJson(process));
  const result = await container.verb('exec', { flags: ['--process', box.path('process.json')] });
  succeeded(t0, result);
  return result.stdout.replace(/^.*:\s*/, '').trim();
}

let t0: Parameters<typeof succeeded>[0];
const allowed = /Cpus_allowed_list:\s*(\S+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '';
const twoCpus = allowed === '0-1' || allowed.startsWith('0-') ? false : 'needs CPUs 0 and 1';

test(
  'execCPUAffinity: before and in the container',
  async (t, box) => {
    t0 = t;
    t.equal(await execCpus(box, { final: '0' }), '0');
    // Without a final one it is the cgroup's, which kernels since 6.2 narrow by what was asked for before.
    t.match(await execCpus(box, { initial: '1' }), new RegExp(`^(1|${allowed})$`));
    t.equal(await execCpus(box, { initial: '1', final: '0' }), '0');
    t.equal(await execCpus(box, { initial: '0', final: '0-1' }), '0-1');
    t.equal(await execCpus(box, { initial: '0,1500', final: '1,5000-5001' }), '1', 'numbers beyond 1024');
    t.equal(await execCpus(box, {}), allowed);
  },
  { skip: twoCpus, knownDifferences: { ...runc1, crun: 'version 1.8 is older than this field' } },
);
