import t from 'tap';
import type { StepResult } from './engine.js';
import { judge, type Verdict } from './judge.js';

const result = (name: string, said: string): StepResult => ({ name, ok: said === '', said, milliseconds: 1 });

const rows: [title: string, ours: StepResult[], reference: StepResult[], verdict: Verdict, reason: RegExp][] = [
  ['both work', [result('run', '')], [result('run', '')], 'passed', /^$/],
  ['ours alone works', [result('run', '')], [result('run', 'no')], 'passed', /^$/],
  ['runc alone works', [result('run', 'broken')], [result('run', '')], 'failed', /^broken$/],
  ['neither works', [result('run', 'ours broke')], [result('run', 'theirs broke')], 'skipped', /theirs broke\n.*ours broke/],
  ['there is no runc', [result('run', 'broken')], [], 'failed', /^broken$/],
  ['ours was not reached', [], [result('run', '')], 'failed', /not reached/],
];

for (const [title, ours, reference, verdict, reason] of rows) {
  t.test(title, (t) => {
    const [judged, ...others] = judge(ours, reference);
    t.equal(judged?.verdict, verdict);
    t.match(judged?.reason, reason);
    t.same(others, []);
    t.end();
  });
}

t.test('every step of either is judged once, in the order of the script', (t) => {
  const ours = [result('start', ''), result('run', ''), result('end', '')];
  const reference = [result('start', ''), result('run', '')];
  t.same(
    judge(ours, reference).map(({ name }) => name),
    ['start', 'run', 'end'],
  );
  t.end();
});
