// Runs the engines' scripts with runc and with our runtime, one after the other, and reports.
import { accessSync, constants } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Engine, StepResult } from './harness/engine.js';
import { engines } from './engines.js';
import { isHiccup, judge, type Judged } from './judge.js';
import { installed } from './harness/programs.js';
import { formatEngine } from './report.js';
import { projectRoot } from './harness/settings.js';
import type { Candidate } from './harness/site.js';

const usage = `usage: npm run test:engines -- [--runtime FILE] [--reference FILE|none] [engine …]
Runs the scripts of the engines (${engines.map(({ name }) => name).join(', ')}) with the runtime, by default dist/pocker-runc,
and with the reference, by default runc. A step that works with the reference must work with the runtime.`;

export interface Choice {
  readonly runtime: Candidate;
  readonly reference: Candidate | undefined;
  readonly engines: readonly Engine[];
}

function candidate(label: string, path: string): Candidate {
  accessSync(path, constants.X_OK);
  return { label, path: resolve(path) };
}

/** What the command line requests; a text for help or a mistake. */
export function choose(args: string[]): Choice | string {
  const options = { runtime: { type: 'string' }, reference: { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const;
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const unknown = positionals.find((name) => engines.every((one) => one.name !== name));
  if (values.help === true) return usage;
  if (unknown !== undefined) return `no such engine: ${unknown}\n${usage}`;
  const reference = values.reference ?? installed('runc') ?? 'none';
  return {
    runtime: candidate('pocker-runc', values.runtime ?? resolve(projectRoot, 'dist/pocker-runc')),
    reference: reference === 'none' ? undefined : candidate('runc', reference),
    engines: positionals.length === 0 ? engines : engines.filter(({ name }) => positionals.includes(name)),
  };
}

interface Outcome {
  readonly judged: readonly Judged[];
  /** Whether steps failed at first, and none when the engine's script ran once more. */
  readonly repeated: boolean;
}

async function runEngine(engine: Engine, { runtime, reference }: Choice): Promise<Outcome> {
  const lacking = engine.lacks();
  if (lacking !== undefined) {
    const judged: Judged = { name: 'all steps', verdict: 'skipped', reason: lacking, milliseconds: 0, reference: undefined };
    return { judged: [judged], repeated: false };
  }
  const theirs: StepResult[] = reference === undefined ? [] : await engine.run(reference);
  const first = judge(await engine.run(runtime), theirs);
  if (!isHiccup(first)) return { judged: first, repeated: false };
  process.stdout.write(`${formatEngine(`${engine.name}, which runs once more`, first)}\n`);
  const second = judge(await engine.run(runtime), theirs);
  return { judged: second, repeated: second.every(({ verdict }) => verdict !== 'failed') };
}

/** Returns the exit code. */
export async function main(choice: Choice): Promise<number> {
  const all: Judged[] = [];
  let repeats = 0;
  for (const engine of choice.engines) {
    const { judged, repeated } = await runEngine(engine, choice);
    process.stdout.write(`${formatEngine(engine.name, judged)}\n`);
    all.push(...judged);
    if (repeated) repeats++;
  }
  if (repeats > 0) process.stdout.write(`\n${repeats} passed only when repeated\n`);
  const count = (verdict: Judged['verdict']): number => all.filter((one) => one.verdict === verdict).length;
  process.stdout.write(`\n${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped\n`);
  return count('failed') === 0 ? 0 : 1;
}
