// Reads flag values: texts, lists, sizes, durations and numbers, with docker's error texts.
import { parseDuration } from '../../cli/duration.js';
import { usageError } from '../errors.js';

/** Values of flags by long name; a flag that was not given is absent. */
export type EngineValues = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

export function given(values: EngineValues, name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
}

export function givenList(values: EngineValues, name: string): readonly string[] {
  const value = values[name];
  return typeof value === 'object' ? value : [];
}

export function invalid(said: string, flag: string, why: string, command = 'run'): never {
  throw usageError(`invalid argument ${JSON.stringify(said)} for "--${flag}" flag: ${why}`, command);
}

const sizeUnits: Readonly<Record<string, number>> = { b: 0, k: 1, m: 2, g: 3, t: 4, p: 5 };

/** "10m", "1.5GiB", "512": powers of 1024. undefined: it is not a size. */
export function parseSize(text: string): number | undefined {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?) ?([bkmgtp]?)(?:i?b)?$/i.exec(text) ?? [];
  if (number === undefined) return undefined;
  return Math.floor(Number(number) * 1024 ** (sizeUnits[unit.toLowerCase()] ?? 0));
}

/** Bytes; -1: no limit. */
export function sizeOf(values: EngineValues, flag: string): number {
  const said = given(values, flag);
  if (said === undefined || said === '') return 0;
  if (said === '-1') return -1;
  return parseSize(said) ?? invalid(said, flag, `invalid size: '${said}'`);
}

export function integerOf(values: EngineValues, flag: string, command?: string): number {
  const said = given(values, flag);
  if (said === undefined || said === '') return 0;
  if (!/^[+-]?\d{1,15}$/.test(said))
    return invalid(said, flag, `strconv.ParseInt: parsing ${JSON.stringify(said)}: invalid syntax`, command);
  return Number(said);
}

/** "0.5" CPUs in billionths. */
export function nanoCpusOf(values: EngineValues): number {
  const said = given(values, 'cpus');
  if (said === undefined || said === '') return 0;
  if (!/^\d*\.?\d+$|^\d+\.$/.test(said)) return invalid(said, 'cpus', `failed to parse ${said} as a rational number`);
  return Math.round(Number(said) * 1e9);
}

/** Go's durations, "1m30s", in nanoseconds. */
export function durationOf(values: EngineValues, flag: string): number {
  const said = given(values, flag);
  if (said === undefined || said === '') return 0;
  const milliseconds = parseDuration(said);
  if (milliseconds === undefined || milliseconds < 0)
    return invalid(said, flag, `time: invalid duration ${JSON.stringify(said)}`);
  return Math.round(milliseconds * 1e6);
}
