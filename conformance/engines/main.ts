// Runs the engines' scripts with runc and with our runtime, one after the other, and reports.
import { accessSync, constants } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Engine, StepResult } from './harness/engine.js';
import { engines } from './engines.js';
import { judge, type Judged } from './judge.js';
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

async function runEngine(engine: Engine, { runtime, reference }: Choice): Promise<Judged[]> {
  const lacking = engine.lacks();
  if (lacking !== undefined) {
    return [{ name: 'all steps', verdict: 'skipped', reason: lacking, milliseconds: 0, reference: undefined }];
  }
  const theirs: StepResult[] = reference === undefined ? [] : await engine.run(reference);
  return judge(await engine.run(runtime), theirs);
}

/** Returns the exit code. */
export async function main(choice: Choice): Promise<number> {
  const all: Judged[] = [];
  for (const engine of choice.engines) {
    const judged = await runEngine(engine, choice);
    process.stdout.write(`${formatEngine(engine.name, judged)}\n`);
    all.push(...judged);
  }
  const count = (verdict: Judged['verdict']): number => all.filter((one) => one.verdict === verdict).length;
  process.stdout.write(`\n${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped\n`);
  return count('failed') === 0 ? 0 : 1;
}
