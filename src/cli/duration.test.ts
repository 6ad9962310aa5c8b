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
