// Compares a runtime's steps with those of runc: what runc can do, it must do; where runc fails, it may fail for the same reason.
import type { StepResult } from './harness/engine.js';

export type Verdict = 'passed' | 'failed' | 'skipped';

export interface Judged {
  readonly name: string;
  readonly verdict: Verdict;
  /** Why it did not pass. */
  readonly reason: string;
  readonly milliseconds: number;
  /** runc's; undefined if it did not take the step. */
  readonly reference: number | undefined;
}

/** What the kernel says: the machine is to blame if both runtimes get the same answer. */
const kernelWords =
  /permission denied|operation not permitted|no such (?:file or directory|device(?: or address)?|process)|not supported|function not implemented|invalid argument|read-only file system|device or resource busy|no space left|cannot allocate memory|resource temporarily unavailable/gi;

const wordsOf = (said: string): string[] => [...said.matchAll(kernelWords)].map(([words]) => words.toLowerCase());

/** Without what differs from run to run: names of runtimes, ids, numbers. */
const plain = (said: string): string =>
  said
    .replaceAll(/\b(pocker-)?runc\b/g, 'RUNTIME')
    .replaceAll(/\b[0-9a-f]{12,}\b/g, 'ID')
    .replaceAll(/\d+/g, 'N');

/** Whether both fail for one reason, judging by the messages: what fails with runc may still fail with ours by our own fault. */
function sameCause(ours: string, theirs: string): boolean {
  const known = wordsOf(theirs);
  return plain(ours) === plain(theirs) || wordsOf(ours).some((words) => known.includes(words));
}

function judgeStep(ours: StepResult | undefined, theirs: StepResult | undefined, name: string): Judged {
  const times = { name, milliseconds: ours?.milliseconds ?? 0, reference: theirs?.milliseconds };
  if (ours?.ok === true) return { ...times, verdict: 'passed', reason: '' };
  const said = ours?.said ?? 'not reached';
  // Without runc, nobody can say whether the machine is to blame.
  if (theirs === undefined || theirs.ok) return { ...times, verdict: 'failed', reason: said };
  const both = `with runc: ${theirs.said}\nand with ours: ${said}`;
  return sameCause(said, theirs.said)
    ? { ...times, verdict: 'skipped', reason: `fails ${both}` }
    : { ...times, verdict: 'failed', reason: `fails in two ways, ${both}` };
}

/** One verdict for each step that either of them took. */
export function judge(ours: readonly StepResult[], reference: readonly StepResult[]): Judged[] {
  const names = new Set([...reference, ...ours].map(({ name }) => name));
  const find = (results: readonly StepResult[], name: string): StepResult | undefined => results.find((one) => one.name === name);
  return [...names].map((name) => judgeStep(find(ours, name), find(reference, name), name));
}

/** Engines have time limits of their own, which a busy machine may miss. More failures than these are no hiccup. */
const mostRepeated = 3;

/** Whether a script's failures are so few that it may run once more. */
export function isHiccup(judged: readonly Judged[]): boolean {
  const failed = judged.filter(({ verdict }) => verdict === 'failed').length;
  return failed > 0 && failed <= mostRepeated;
}
