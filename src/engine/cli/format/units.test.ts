import t from 'tap';
import { ago, binarySize, humanDuration, humanSize, localTime } from './units.js';
import { parseSize } from '../../flags/values.js';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

t.test('durations, in the words of go-units', (t) => {
  const expected: readonly (readonly [number, string])[] = [
    [0, 'Less than a second'],
    [1900, '1 second'],
    [59 * second, '59 seconds'],
    [60 * second, 'About a minute'],
    [3 * minute, '3 minutes'],
    [59 * minute, '59 minutes'],
    [60 * minute, 'About an hour'],
    [89 * minute, 'About an hour'],
    [90 * minute, '2 hours'],
    [47 * hour, '47 hours'],
    [2 * day, '2 days'],
    [13 * day, '13 days'],
    [14 * day, '2 weeks'],
    [59 * day, '8 weeks'],
    [60 * day, '2 months'],
    [729 * day, '24 months'],
    [730 * day, '2 years'],
  ];
  for (const [milliseconds, text] of expected) t.equal(humanDuration(milliseconds), text);
  t.equal(ago('2024-05-06T07:08:09.5Z', Date.parse('2024-05-06T07:10:09.5Z')), '2 minutes ago');
  t.equal(ago('0001-01-01T00:00:00Z', 0), 'N/A');
  t.end();
});

t.test('sizes', (t) => {
  const decimal = [0, 1, 999, 1000, 1234, 999_999, 4_262_000, 77_800_000, 1e9, 1.5e12].map((size) => humanSize(size));
  t.same(decimal, ['0B', '1B', '999B', '1kB', '1.23kB', '1000kB', '4.26MB', '77.8MB', '1GB', '1.5TB']);
  t.same([0, 1023, 1024, 1_500_000, 10 * 1024 ** 3].map(binarySize), ['0B', '1023B', '1KiB', '1.431MiB', '10GiB']);
  t.same(['10m', '1.5GiB', '512', '1kb', '2 MB'].map(parseSize), [10 * 1024 ** 2, 1.5 * 1024 ** 3, 512, 1024, 2 * 1024 ** 2]);
  t.same(['', 'm', '-1', '1x', '0x10'].map(parseSize), [undefined, undefined, undefined, undefined, undefined]);
  t.end();
});

t.test('times as Go prints them', (t) => {
  t.match(localTime('2024-05-06T07:08:09.123Z'), /^2024-05-0\d \d\d:\d\d:09 [+-]\d{4} \S+$/);
  t.end();
});
