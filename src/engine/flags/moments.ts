// Moments on a command line (--since, --until, --filter until=): a duration before now, seconds since the epoch, or a date.
import { parseDuration } from '../../cli/duration.js';
import type { Engine } from '../engine.js';
import { usageError } from '../errors.js';
import type { Filters } from './filters.js';

const date = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?(Z|[+-]\d\d:\d\d)?$/;

/** Milliseconds since the epoch; undefined without a value. */
export function parseMoment(flag: string, value: unknown, now: number): number | undefined {
  if (typeof value !== 'string' || value === '') return undefined;
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value) * 1000;
  const duration = parseDuration(value);
  if (duration !== undefined) return now - duration;
  const [, zone] = date.exec(value) ?? [];
  // A date alone means its start here, not in UTC.
  const time = date.test(value) ? Date.parse(zone === undefined && !value.includes('T') ? `${value}T00:00:00` : value) : NaN;
  if (!Number.isNaN(time)) return time;
  throw usageError(
    `invalid value for ${JSON.stringify(flag)}: failed to parse value as time or duration: ${JSON.stringify(value)}`,
  );
}

/** --filter until=: whether something made at that time (ISO 8601) is older, if the filter is given. */
export function beforeUntil({ host }: Engine, filters: Filters, created: string): boolean {
  const until = filters.get('until') ?? [];
  return until.every((said) => Date.parse(created) < (parseMoment('until', said, host.now()) ?? Infinity));
}
