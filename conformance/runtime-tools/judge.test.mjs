// The verdict on a program: what expected.json explains, what it does not, and the comparison with the best peer.
import t from 'tap';
import { judge } from './judge.mjs';

const line = (description, ok = true) => ({ ok, kind: 'test', description, nested: [] });
const result = (lines, leftovers = []) => ({ name: 'program', seconds: 1, lines, leftovers });
const conditions = { here: true, elsewhere: false };
const judged = (lines, expected, peer = null) => judge(result(lines), { expected, peer, conditions });

t.test('a failing line needs an explanation', async (t) => {
  t.strictSame(judged([line('a'), line('b', false)], {}).problems, ['unexpected failure: b']);
  const explained = judged([line('a'), line('b', false)], { lines: [{ line: 'b', reason: 'because' }] });
  t.strictSame(explained.problems, []);
  t.strictSame(explained.explained, [{ line: 'b', reason: 'because' }]);
  t.strictSame(judged([line('b 17', false)], { lines: [{ line: '/^b \\d+$/', reason: 'because' }] }).problems, []);
});

t.test('a failing line within a container is judged too', async (t) => {
  const outer = { ...line('outer'), nested: [line('inner', false)] };
  t.strictSame(judged([outer], {}).problems, ['unexpected failure: outer > inner']);
});

t.test('an expected failure that passes is reported, unless it is a race', async (t) => {
  t.match(judged([line('a')], { lines: [{ line: 'a', reason: 'because' }] }).problems, [/^went green/]);
  t.strictSame(judged([line('a')], { lines: [{ line: 'a', reason: 'because', sometimes: true }] }).problems, []);
  t.match(judged([line('a', false)], { lines: [{ line: 'a', times: 2, reason: 'because' }] }).problems, [
    /^failed 1 times, 2 expected/,
  ]);
});

t.test('a race that was lost is no line fewer than a peer has', async (t) => {
  const race = { lines: [{ line: 'b', reason: 'because', sometimes: true }] };
  t.strictSame(judged([line('a'), line('b', false)], race, { passed: 2, by: 'runc' }).problems, []);
});

t.test('an expectation counts only on the machine it is for', async (t) => {
  t.strictSame(judged([line('a')], { lines: [{ line: 'a', when: 'elsewhere', reason: 'because' }] }).problems, []);
  t.match(judged([line('a', false)], { lines: [{ line: 'a', when: ['here', 'elsewhere'], reason: 'because' }] }).problems, [
    /^unexpected/,
  ]);
  t.throws(() => judged([], { lines: [{ line: 'a', when: 'nowhere', reason: 'because' }] }), /no condition "nowhere"/);
});

t.test('fewer passing lines than the best peer', async (t) => {
  const peer = { passed: 2, by: 'runc' };
  t.strictSame(judged([line('a')], {}, peer).problems, ['1 passing lines, the best peer (runc) has 2']);
  t.strictSame(judged([line('a')], { fewer: 'because' }, peer).problems, []);
  t.match(judged([line('a'), line('b')], { fewer: 'because' }, peer).problems, [/^no longer fewer/]);
});

t.test('what is left behind', async (t) => {
  const left = judge(result([], ['container', 'cgroup testdir']), {
    expected: { leaves: [{ line: 'container', reason: 'x' }] },
    peer: null,
    conditions,
  });
  t.strictSame(left.problems, ['left behind: cgroup testdir']);
});
