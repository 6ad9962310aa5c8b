// Values of flags that many commands share: moments, filters, numbers.
import t from 'tap';
import type { Engine } from '../engine.js';
import { passesPrune } from './filters.js';
import { beforeUntil, parseMoment } from './moments.js';
import { integerOf } from './values.js';

t.test('moments', (t) => {
  const now = Date.parse('2024-05-06T07:08:09Z');
  t.equal(parseMoment('since', '1m30s', now), now - 90_000);
  t.equal(parseMoment('since', '1700000000.5', now), 1_700_000_000_500);
  t.equal(parseMoment('since', '2024-05-06T07:00:00Z', now), Date.parse('2024-05-06T07:00:00Z'));
  t.equal(parseMoment('since', '2024-05-06', now), new Date(2024, 4, 6).getTime());
  t.equal(parseMoment('since', undefined, now), undefined);
  t.throws(() => parseMoment('since', 'yesterday', now), { message: /failed to parse value as time or duration: "yesterday"/ });
  t.end();
});

t.test('until=: what is older than a moment, in all notations of moments', (t) => {
  const now = Date.parse('2024-05-06T07:08:09Z');
  const engine = { host: { now: () => now } } as unknown as Engine;
  const passes = (said: string, created: string) => beforeUntil(engine, new Map([['until', [said]]]), created);
  t.same(
    ['1h', '1h30m', '1.5h', '5400s'].map((said) => passes(said, '2024-05-06T06:00:00Z')),
    [true, false, false, false],
  );
  t.equal(passes('2024-05-06T06:00:00Z', '2024-05-06T05:59:59Z'), true);
  t.equal(passes('2024-05-06T06:00:00Z', '2024-05-06T06:00:00Z'), false);
  t.ok(beforeUntil(engine, new Map(), '2024-05-06T07:00:00Z'));
  t.throws(() => passes('noon', '2024-05-06T06:00:00Z'), { message: /failed to parse value as time or duration: "noon"/ });
  t.end();
});

t.test("a prune's labels: several label!= keep only what has all of them, as docker's", (t) => {
  const passes = (words: Readonly<Record<string, readonly string[]>>, labels: Readonly<Record<string, string>>) =>
    passesPrune(new Map(Object.entries(words)), labels);
  t.equal(passes({}, { a: '1' }), true);
  t.equal(passes({ label: ['a=1', 'b'] }, { a: '1' }), false);
  t.equal(passes({ label: ['a=1', 'b'] }, { a: '1', b: '' }), true);
  t.equal(passes({ 'label!': ['a'] }, { a: '1' }), false);
  t.equal(passes({ 'label!': ['a', 'b'] }, { a: '1' }), true);
  t.equal(passes({ 'label!': ['a', 'b'] }, { a: '1', b: '' }), false);
  t.end();
});

t.test('a wrong number: the hint names the command', (t) => {
  t.throws(() => integerOf({ time: 'x' }, 'time', 'stop'), {
    message: 'invalid argument "x" for "--time" flag: strconv.ParseInt: parsing "x": invalid syntax',
    hint: "See 'pocker stop --help'",
  });
  t.end();
});
