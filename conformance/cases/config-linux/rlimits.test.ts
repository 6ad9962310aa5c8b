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

/** Whether this machine lets the hard limit of `name` be unlimited. */
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

test('a soft limit above the hard one is refused', async (t, box) => {
  const container = box.container((config) => {
    config.process.rlimits = [{ type: 'RLIMIT_NOFILE', soft: 200, hard: 100 }];
  });
  failed(t, await container.create());
  t.same(await box.leftovers(), []);
});

test('the same type twice is refused', async (t, box) => {
  const container = box.container((config) => {
    config.process.rlimits = [
      { type: 'RLIMIT_NOFILE', soft: 100, hard: 100 },
      { type: 'RLIMIT_NOFILE', soft: 101, hard: 101 },
    ];
  });
  failed(t, await container.create());
  t.same(await box.leftovers(), []);
});

test('an unknown type is refused', async (t, box) => {
  const container = box.container((config) => {
    config.process.rlimits = [{ type: 'RLIMIT_PATIENCE', soft: 1, hard: 1 }];
  });
  failed(t, await container.create(), /RLIMIT_PATIENCE/);
  t.same(await box.leftovers(), []);
});
