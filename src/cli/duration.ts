// Durations as Go writes them: "5s", "1m30s", "1.5h", "250ms".

const milliseconds: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** What fits Go's 64 bits of nanoseconds. */
const most = 2 ** 63 / 1e6;

/** In milliseconds; undefined if it is not a duration. "0" needs no unit. */
export function parseDuration(text: string): number | undefined {
  const [, sign, rest = ''] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  if (rest === '0') return 0;
  if (!/^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(rest)) return undefined;
  let sum = 0;
  for (const [, number, unit = ''] of rest.matchAll(/([\d.]+)([a-zµμ]+)/g)) sum += Number(number) * (milliseconds[unit] ?? NaN);
  if (sum > most) return undefined;
  return sign === '-' ? -sum : sum;
}
