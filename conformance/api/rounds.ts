// Measures what conformance/api/harness/rounds.ts describes, with the figures of the goals. Needs root; best on a quiet machine.
//   node --expose-gc build/js/conformance/api/rounds.js [--rounds 2000] [--containers 50] [--heap 500]
import { parseArgs } from 'node:util';
import { Box } from '../harness/box.js';
import { runtimeOf, specOf } from './harness/api.js';
import { ballast, delayDuring, holdings, markForkServer, rounds, type Holdings } from './harness/rounds.js';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '2000' },
    containers: { type: 'string', default: '50' },
    heap: { type: 'string', default: '500' },
  },
});
const warmUp = 50;
const longestMs = 10;
/**
 * KiB that compiled code and caches may take. It is no leak: the heap has 4,389 KiB after 50 rounds, 4,719 after 1,000, 4,753 after
 * 2,000 and 4,973 after 4,500, and two thirds of the growth are V8's compiled code.
 */
const slack = 2048;

markForkServer();
const box = new Box();
const container = box.container();
const config = specOf(container);
const round = {
  runtime: runtimeOf(box),
  id: container.id,
  options: (index: number) => ({
    ...({ bundle: container.bundle, stdout: 'pipe', stderr: 'pipe' } as const),
    config: { ...config, linux: { ...config.linux, cgroupsPath: `/${box.name}-${index}` } },
  }),
};
const problems: string[] = [];
try {
  await rounds(round, warmUp);
  const before = await holdings();
  await rounds(round, Number(values.rounds));
  const after = await holdings();
  console.log(`after ${values.rounds} rounds:`);
  for (const key of Object.keys(before) as (keyof Holdings)[]) {
    const allowed = key.toLowerCase().includes('memory') ? slack : 0;
    console.log(`  ${key}: ${before[key]} → ${after[key]}`);
    if (after[key] > before[key] + allowed) problems.push(`more ${key}`);
  }
  const heap = ballast(Number(values.heap));
  const delay = await delayDuring(round, Number(values.containers));
  console.log(`event loop, ${values.containers} containers at once, ${values.heap} MiB of heap (${heap.length} objects):`);
  console.log(`  longest delay ${delay.longest.toFixed(1)} ms, mean ${delay.mean.toFixed(2)} ms, ${delay.turns} turns`);
  console.log(`  of which the program computed at most ${delay.computed.toFixed(1)} ms in one go`);
  if (delay.longest >= longestMs) problems.push(`the longest delay is not below ${longestMs} ms`);
} finally {
  problems.push(...(await box.close()));
}
for (const problem of problems) console.log(`not reached: ${problem}`);
process.exitCode = problems.length === 0 ? 0 : 1;
