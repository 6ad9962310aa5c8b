// Runs the scenarios with one runtime ($RUNTIME): for each, one line of JSON on standard output and one for people on standard
// error.
import { parseArgs } from 'node:util';
import { Box } from '../harness/box.js';
import { runtime } from '../harness/runtime.js';
import { apart, growth, look, type Machine, slack } from './machine.js';
import { lineOf, type Row } from './report.js';
import { type Scenario, scenarios } from './scenarios.js';

const { values, positionals } = parseArgs({
  options: { scale: { type: 'string', default: '1' }, busy: { type: 'boolean' } },
  allowPositionals: true,
});

async function measure({ name, run }: Scenario): Promise<Row> {
  const before = look();
  const box = new Box();
  const begin = performance.now();
  const problems: string[] = [];
  const notes: string[] = [];
  try {
    problems.push(...(await run(box, Number(values.scale), (note) => notes.push(note))));
  } catch (caught) {
    problems.push(String(caught));
  }
  const seconds = (performance.now() - begin) / 1000;
  problems.push(...(await box.close(10_000)));
  const grown = await growth(before);
  for (const key of Object.keys(slack) as (keyof Machine)[]) {
    // Without cgroups of its own, what others on a busy machine do is not to blame; `box.close` has looked for what is left.
    if ((apart || values.busy !== true) && grown[key] > slack[key]) problems.push(`${grown[key]} more ${key}`);
  }
  return { runtime: `${runtime.kind} ${runtime.release}`, scenario: name, seconds, notes, problems, grown };
}

for (const scenario of scenarios.filter(({ name }) => positionals.every((word) => name.includes(word)))) {
  const row = await measure(scenario);
  process.stderr.write(lineOf(row));
  process.stdout.write(`${JSON.stringify(row)}\n`);
}
