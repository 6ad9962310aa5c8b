// config.md, "POSIX process": rlimits.
import { readFileSync } from 'node:fs';
import { failed, test } from '../../harness/case.js';
import { type Process, shell } from '../../harness/config.js';
import type { Box } from '../../harness/box.js';

const infinity = 18_446_744_073_709_551_615n;

async function limits(box: Box, rlimits: NonNullable<Process['rlimits']>): Promise<string> {
  const container = box.container((config) => {
    config.process.rlimits = rlimits;
    config.process.args = shell("sed 's/  */ /g' /proc/self/limits");
  });
  const result = await container.run();
  if (result.code !== 0) throw new Error(`run failed (${result.code}): ${result.stderr}`);
  return result.stdout;
}

/** Whether this machine allows an unlimited hard limit for `name`. */
const unlimited = (name: string): boolean =>
  new RegExp(`^${name} +\\S+ +unlimited`, 'm').test(readFileSync('/proc/self/limits', 'utf8'));

test('soft and hard limits', async (t, box) => {
  const text = await limits(box, [
    { type: 'RLIMIT_NOFILE', soft: 123, hard: 456 },
    { type: 'RLIMIT_CORE', soft: 0, hard: 0 },
    { type: 'RLIMIT_FSIZE', soft: 1_000_000, hard: 2_000_000 },
    { type: 'RLIMIT_STACK', soft: 4_194_304, hard: 8_388_608 },
  ]);
  t.match(text, /Max open files 123 456 /);
  t.match(text, /Max core file size 0 0 /);
  t.match(text, /Max file size 1000000 2000000 /);
  t.match(text, /Max stack size 4194304 8388608 /);
});

/** Every type of getrlimit(2), as /proc/self/limits calls it; high enough for the program. */
const types: Readonly<Record<string, readonly [shown: string, soft: number, hard: number]>> = {
  RLIMIT_AS: ['Max address space', 1_073_741_824, 2_147_483_648],
  RLIMIT_CORE: ['Max core file size', 4096, 8192],
  RLIMIT_CPU: ['Max cpu time', 1000, 2000],
  RLIMIT_DATA: ['Max data size', 1_073_741_824, 2_147_483_648],
  RLIMIT_FSIZE: ['Max file size', 1_000_000, 2_000_000],
  RLIMIT_LOCKS: ['Max file locks', 11, 22],
  RLIMIT_MEMLOCK: ['Max locked memory', 4096, 8192],
  RLIMIT_MSGQUEUE: ['Max msgqueue size', 40_960, 81_920],
  RLIMIT_NICE: ['Max nice priority', 5, 10],
  RLIMIT_NOFILE: ['Max open files', 123, 456],
  RLIMIT_NPROC: ['Max processes', 3000, 3001],
  RLIMIT_RSS: ['Max resident set', 1_048_576, 2_097_152],
  RLIMIT_RTPRIO: ['Max realtime priority', 7, 9],
  RLIMIT_RTTIME: ['Max realtime timeout', 100_000, 200_000],
  RLIMIT_SIGPENDING: ['Max pending signals', 100, 200],
  RLIMIT_STACK: ['Max stack size', 4_194_304, 8_388_608],
};

/** Without CAP_SYS_RESOURCE no hard limit can be raised. */
const hardLimit = (shown: string): number => {
  const value = new RegExp(`^${shown} +\\S+ +(\\d+)`, 'm').exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
  return value === undefined ? Infinity : Number(value);
};

test('every type of getrlimit(2)', async (t, box) => {
  const rlimits = Object.entries(types).map(([type, [shown, soft, hard]]) => {
    const most = hardLimit(shown);
    return { type, shown, soft: Math.min(soft, most), hard: Math.min(hard, most) };
  });
  const text = await limits(
    box,
    rlimits.map(({ type, soft, hard }) => ({ type, soft, hard })),
  );
  for (const { type, shown, soft, hard } of rlimits) t.match(text, `${shown} ${soft} ${hard} `, type);
});

test(
  'a limit of 64 bits arrives exactly',
  async (t, box) => {
    const text = await limits(box, [
      { type: 'RLIMIT_FSIZE', soft: 9_007_199_254_740_993n, hard: 9_223_372_036_854_775_807n },
      { type: 'RLIMIT_AS', soft: infinity, hard: infinity },
    ]);
    t.match(text, /Max file size 9007199254740993 9223372036854775807 /);
    t.match(text, /Max address space unlimited unlimited /);
  },
  { skip: unlimited('Max file size') && unlimited('Max address space') ? false : 'the limits of this machine are lower' },
);

test(
  'a soft limit above the hard one is refused',
  async (t, box) => {
    const container = box.container((config) => {
      config.process.rlimits = [{ type: 'RLIMIT_NOFILE', soft: 200, hard: 100 }];
    });
    failed(t, await container.create());
    t.same(await box.leftovers(), []);
  },
  { knownDifferences: { 'crun 1.8': 'leaves its cgroup' } },
);

test(
  'the same type twice is refused',
  async (t, box) => {
    const container = box.container((config) => {
      config.process.rlimits = [
        { type: 'RLIMIT_NOFILE', soft: 100, hard: 100 },
        { type: 'RLIMIT_NOFILE', soft: 101, hard: 101 },
      ];
    });
    failed(t, await container.create());
    t.same(await box.leftovers(), []);
  },
  { knownDifferences: { crun: 'takes it' } },
);

test(
  'an unknown type is refused',
  async (t, box) => {
    const container = box.container((config) => {
      config.process.rlimits = [{ type: 'RLIMIT_PATIENCE', soft: 1, hard: 1 }];
    });
    failed(t, await container.create(), /RLIMIT_PATIENCE/);
    t.same(await box.leftovers(), []);
  },
  { knownDifferences: { 'crun 1.8': 'leaves its cgroup' } },
);
