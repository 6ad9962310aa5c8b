// config.md, "Linux Process": scheduler, ioPriority, execCPUAffinity; config-linux.md: personality, memory policy.
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { getPriority, release } from 'node:os';
import { join } from 'node:path';
import { failed, succeeded, test } from '../../harness/case.js';
import { readCgroup } from '../../harness/machine/cgroup.js';
import { type Config, type Process, toJson } from '../../harness/config.js';
import { syscallProgram } from '../../harness/helpers/programs.js';
import type { Box } from '../../harness/box.js';

const runc1 = { 'runc 1.1': 'is older than these fields' };
const old = { ...runc1, 'crun 1.8': 'is older than these fields' };

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

/** proc(5): what /proc/PID/stat says about a program with that scheduler. The PF_* flags have no bit for reset-on-fork. */
async function scheduling(box: Box, scheduler: NonNullable<Process['scheduler']>): Promise<Omit<Scheduling, 'flags'>> {
  const text = await output(box, (config) => {
    config.process.scheduler = scheduler;
    // With v1 group scheduling, a cgroup has no real time of its own.
    if (realTimeGroups) config.linux.resources = { cpu: { realtimeRuntime: 10_000, realtimePeriod: 1_000_000 } };
    config.process.args = ['cat', '/proc/self/stat'];
  });
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const field = (number: number): number => Number(fields[number - 3]);
  return { nice: field(19), priority: field(40), policy: field(41) };
}

/** A policy without a nice value of its own leaves the caller's. */
const ownNice = getPriority();

const timed = { policy: 'SCHED_DEADLINE', runtime: 1_000_000, deadline: 20_000_000, period: 30_000_000 };

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
  [{ policy: 'SCHED_IDLE' }, { nice: ownNice, priority: 0, policy: 5 }],
  [
    { policy: 'SCHED_FIFO', priority: 10 },
    { nice: ownNice, priority: 10, policy: 1 },
  ],
  [
    { policy: 'SCHED_RR', priority: 99 },
    { nice: ownNice, priority: 99, policy: 2 },
  ],
  [
    { policy: 'SCHED_RR', priority: 1, flags: ['SCHED_FLAG_RESET_ON_FORK'] },
    { nice: ownNice, priority: 1, policy: 2 },
  ],
  [timed, { nice: ownNice, priority: 0, policy: 6 }],
];

for (const [scheduler, found] of policies) {
  test(
    `scheduler ${JSON.stringify(scheduler)}`,
    async (t, box) => {
      t.same(await scheduling(box, scheduler), found);
    },
    { knownDifferences: old },
  );
}

/**
 * With SCHED_FLAG_DL_OVERRUN, SIGXCPU ends a program that needs more than its runtime, which on an emulated machine is soon more
 * than a millisecond. The longest period that kernels allow is four seconds.
 */
const unhurried = { ...timed, runtime: 1_000_000_000, deadline: 4_000_000_000, period: 4_000_000_000 };

/** What sched_getattr(2) says: the policy, the flags that are kept, the nice value. */
const flagged: readonly (readonly [scheduler: NonNullable<Process['scheduler']>, found: string])[] = [
  [{ policy: 'SCHED_BATCH', nice: 2, flags: ['SCHED_FLAG_RESET_ON_FORK'] }, '3 1 2'],
  [{ policy: 'SCHED_BATCH', nice: 2, flags: ['SCHED_FLAG_KEEP_POLICY'] }, '0 0 2'],
  // The kernel counts the policy as part of what is kept.
  [{ policy: 'SCHED_BATCH', nice: 2, flags: ['SCHED_FLAG_KEEP_PARAMS'] }, `0 0 ${ownNice}`],
  [{ ...timed, flags: ['SCHED_FLAG_RECLAIM'] }, '6 2 0'],
  [{ ...unhurried, flags: ['SCHED_FLAG_DL_OVERRUN', 'SCHED_FLAG_RECLAIM'] }, '6 6 0'],
];

for (const [scheduler, found] of flagged) {
  test(
    `${scheduler.policy} with ${scheduler.flags?.join(' and ')}`,
    async (t, box) => {
      const container = box.container((config) => {
        config.process.scheduler = scheduler;
        if (realTimeGroups) config.linux.resources = { cpu: { realtimeRuntime: 10_000, realtimePeriod: 1_000_000 } };
        config.process.args = ['/syscall', 'scheduler'];
      });
      copyFileSync(syscallProgram(), join(container.rootfs, 'syscall'));
      const result = await container.run();
      succeeded(t, result);
      t.equal(result.stdout, `${found}\n`);
    },
    { knownDifferences: old },
  );
}

// Either the kernel is built with utilization clamping, or the runtime must say that it is not.
for (const flag of ['SCHED_FLAG_UTIL_CLAMP_MIN', 'SCHED_FLAG_UTIL_CLAMP_MAX']) {
  test(
    `${flag} reaches the kernel`,
    async (t, box) => {
      const container = box.container((config) => {
        config.process.scheduler = { policy: 'SCHED_OTHER', flags: [flag] };
      });
      const result = await container.run();
      if (existsSync('/proc/sys/kernel/sched_util_clamp_min')) succeeded(t, result);
      else failed(t, result, /not supported/);
    },
    { knownDifferences: old },
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
    { knownDifferences: old },
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
  ['MPOL_PREFERRED_MANY', '0', [], /^[0-9a-f]+ prefer \(many\):0 /m],
  ['MPOL_WEIGHTED_INTERLEAVE', '0', [], /^[0-9a-f]+ weighted interleave:0 /m],
  // Shown since Linux 6.9.
  ['MPOL_BIND', '0', ['MPOL_F_NUMA_BALANCING'], /^[0-9a-f]+ bind(=balancing)?:0 /m],
  ['MPOL_BIND', '0', ['MPOL_F_STATIC_NODES'], /^[0-9a-f]+ bind=static:0 /m],
  ['MPOL_BIND', '0', ['MPOL_F_RELATIVE_NODES'], /^[0-9a-f]+ bind=relative:0 /m],
];

/** The first Linux version, as 100 * major + minor. */
const [major = 0, minor = 0] = release().split('.').map(Number);
const since: Readonly<Record<string, number>> = { MPOL_PREFERRED_MANY: 515, MPOL_WEIGHTED_INTERLEAVE: 609 };
const tooOld = (mode: string): string | false =>
  major * 100 + minor < (since[mode] ?? 0) ? `Linux ${major}.${minor} has no ${mode}` : false;

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
    { skip: numa === false ? tooOld(mode) : numa, knownDifferences: old },
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
    // Without a final one, it is the cgroup's, which kernels since 6.2 narrow by what was requested before.
    t.match(await execCpus(box, { initial: '1' }), new RegExp(`^(1|${allowed})$`));
    t.equal(await execCpus(box, { initial: '1', final: '0' }), '0');
    t.equal(await execCpus(box, { initial: '0', final: '0-1' }), '0-1');
    t.equal(await execCpus(box, {}), allowed);
  },
  { skip: twoCpus, knownDifferences: old },
);

test(
  'execCPUAffinity with numbers beyond 1024',
  async (t, box) => {
    t0 = t;
    t.equal(await execCpus(box, { initial: '0,1500', final: '1,5000-5001' }), '1');
  },
  {
    skip: twoCpus,
    knownDifferences: { ...old, 'runc 1.5': 'accepts none above 1023' },
  },
);
