import t from 'tap';
import type { StepResult } from './harness/engine.js';
import { isHiccup, judge, type Verdict } from './judge.js';

const result = (name: string, said: string): StepResult => ({ name, ok: said === '', said, milliseconds: 1 });

const rows: [title: string, ours: StepResult[], reference: StepResult[], verdict: Verdict, reason: RegExp][] = [
  ['both work', [result('run', '')], [result('run', '')], 'passed', /^$/],
  ['ours alone works', [result('run', '')], [result('run', 'no')], 'passed', /^$/],
  ['runc alone works', [result('run', 'broken')], [result('run', '')], 'failed', /^broken$/],
  [
    'neither works, for one reason',
    [result('run', 'pocker-runc: cannot mount /x: Operation not permitted')],
    [result('run', 'runc: error mounting "x": operation not permitted')],
    'skipped',
    /with runc: .*\nand with ours: /,
  ],
  ['neither works, in the same words', [result('run', 'pocker-runc 12: no')], [result('run', 'runc 7: no')], 'skipped', /no$/],
  ['neither works, in two ways', [result('run', 'ours broke')], [result('run', 'theirs broke')], 'failed', /two ways/],
  ['ours was not reached, and runc fails', [], [result('run', 'theirs broke')], 'failed', /not reached/],
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

t.test('a script runs once more after a few failures, but neither after none nor after many', (t) => {
  const failures = (count: number): boolean =>
    isHiccup(
      judge(
        ['a', 'b', 'c', 'd'].map((name, at) => result(name, at < count ? 'broken' : '')),
        [],
      ),
    );
  t.same([0, 1, 3, 4].map(failures), [false, true, true, false]);
  t.end();
});
