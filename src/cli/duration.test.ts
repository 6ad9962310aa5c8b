import fc from 'fast-check';
import t from 'tap';
import { parseDuration } from './duration.js';

t.test('parsed as in Go', (t) => {
  const durations: readonly (readonly [string, number | undefined])[] = [
    ['5s', 5000],
    ['1m30s', 90_000],
    ['1.5h', 5_400_000],
    ['250ms', 250],
    ['.5s', 500],
    ['1.s', 1000],
    ['100us', 0.1],
    ['100µs', 0.1],
    ['0', 0],
    ['0s', 0],
    ['-1s', -1000],
    ['600h', 2_160_000_000],
    ['2562047h', 9_223_369_200_000],
    ['2562048h', undefined],
    [`${'9'.repeat(400)}h`, undefined],
    ['+1s', 1000],
    ['', undefined],
    ['5', undefined],
    ['s', undefined],
    ['.s', undefined],
    ['5 s', undefined],
    ['5d', undefined],
    ['1s2', undefined],
  ];
  for (const [text, expected] of durations) t.equal(parseDuration(text), expected, JSON.stringify(text));
  t.end();
});

const units = { ns: 1e-6, us: 1e-3, ms: 1, s: 1e3, m: 6e4, h: 3.6e6 } as const;
const parts = fc.array(fc.tuple(fc.nat(9999), fc.constantFrom(...(Object.keys(units) as (keyof typeof units)[]))), {
  minLength: 1,
  maxLength: 4,
});

t.test('a duration is the sum of its parts', (t) => {
  const property = fc.property(fc.constantFrom('', '+', '-'), parts, (sign, all) => {
    const sum = all.reduce((total, [count, unit]) => total + count * units[unit], 0);
    const parsed = parseDuration(sign + all.map(([count, unit]) => `${count}${unit}`).join(''));
    return parsed !== undefined && Math.abs(parsed - (sign === '-' ? -sum : sum)) <= 1e-9 * sum;
  });
  fc.assert(property);
  t.end();
});

t.test('any other text is refused, and never becomes NaN or infinite', (t) => {
  const unit = fc.constantFrom(...'0123456789.+-hmsnuµ e\n');
  const property = fc.property(fc.oneof(fc.string({ unit }), fc.string()), (text) => {
    const parsed = parseDuration(text);
    return parsed === undefined || (Number.isFinite(parsed) && /\d/.test(text));
  });
  fc.assert(property, { numRuns: 1000 });
  t.end();
});
