// Runs the scenarios with one runtime ($RUNTIME): for each, one line of JSON on standard output and one for people on standard
// error.
import { parseArgs } from 'node:util';
import { Box } from '../harness/box.js';
import { runtime } from '../harness/runtime.js';
import { growth, look, type Machine } from './machine.js';
import { lineOf, type Row } from './report.js';
import { type Scenario, scenarios } from './scenarios.js';

const shortScale = 0.01;

/** Allowances on a machine in use: others open files, and the kernel keeps what it may need again. */
const slack: Machine = { descriptors: 500, mounts: 0, cgroups: 0, zombies: 0, memory: 100 };

const { values, positionals } = parseArgs({ options: { short: { type: 'boolean' } }, allowPositionals: true });

async function measure({ name, run }: Scenario): Promise<Row> {
  const before = look();
  const box = new Box();
  const begin = performance.now();
  const problems: string[] = [];
  try {
    problems.push(...(await run(box, values.short === true ? shortScale : 1)));
  } catch (caught) {
    problems.push(String(caught));
  }
  const seconds = (performance.now() - begin) / 1000;
  problems.push(...(await box.close(10_000)));
  const grown = await growth(before, slack);
  for (const key of Object.keys(slack) as (keyof Machine)[]) {
    if (grown[key] > slack[key]) problems.push(`${grown[key]} more ${key}`);
  }
  return { runtime: `${runtime.kind} ${runtime.release}`, scenario: name, seconds, problems, grown };
}

for (const scenario of scenarios.filter(({ name }) => positionals.every((word) => name.includes(word)))) {
  const row = await measure(scenario);
  process.stderr.write(lineOf(row));
  process.stdout.write(`${JSON.stringify(row)}\n`);
}
