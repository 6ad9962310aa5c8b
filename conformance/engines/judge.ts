// Judges a runtime's steps beside those of runc: what runc can, it must.
import type { StepResult } from './engine.js';

export type Verdict = 'passed' | 'failed' | 'skipped';

export interface Judged {
  readonly name: string;
  readonly verdict: Verdict;
  /** Why it is not passed. */
  readonly reason: string;
  readonly milliseconds: number;
  /** Of runc; undefined when it did not take the step. */
  readonly reference: number | undefined;
}

function judgeStep(ours: StepResult | undefined, theirs: StepResult | undefined, name: string): Judged {
  const times = { name, milliseconds: ours?.milliseconds ?? 0, reference: theirs?.milliseconds };
  if (ours?.ok === true) return { ...times, verdict: 'passed', reason: '' };
  const said = ours?.said ?? 'not reached';
  // Without runc nobody can say that it is the machine's fault.
  if (theirs === undefined || theirs.ok) return { ...times, verdict: 'failed', reason: said };
  return { ...times, verdict: 'skipped', reason: `fails with runc, too: ${theirs.said}\nand with ours: ${said}` };
}

/** One verdict for each step that either of them took. */
export function judge(ours: readonly StepResult[], reference: readonly StepResult[]): Judged[] {
  const names = new Set([...reference, ...ours].map(({ name }) => name));
  const find = (results: readonly StepResult[], name: string): StepResult | undefined => results.find((one) => one.name === name);
  return [...names].map((name) => judgeStep(find(ours, name), find(reference, name), name));
}
