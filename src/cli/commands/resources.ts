// What update changes: a LinuxResources object in JSON, or a flag for each field.
import type { Host } from '../../host/host.js';
import { GivenValue } from '../../json/json.js';
import type { Linux, Resources } from '../../plan/spec-types.js';
import type { Values } from '../invocation.js';
import { usageError } from '../parse.js';
import { intelRdtPart, judgePart, resourcesPart, type Part } from '../../spec/parts.js';
import { readPart } from './part-file.js';

/** E_HOST when it cannot be read; E_CONFIG_JSON, E_CONFIG_SCHEMA and E_CONFIG_RULE with pointers below /linux/resources. */
export function readResources(host: Host, path: string): Resources {
  return readPart(host, path, resourcesPart, 'resources').value;
}

function ofFlags<T>(part: Part<T>, value: unknown): T {
  return judgePart(part, new GivenValue('the flags', value, part.base)).value;
}

/** As JSON.parse would give it. */
const narrow = (value: bigint): number | bigint => (Number.isSafeInteger(Number(value)) ? Number(value) : value);

const units: Readonly<Record<string, bigint>> = { '': 1n, k: 1n << 10n, m: 1n << 20n, g: 1n << 30n, t: 1n << 40n, p: 1n << 50n };

/** "100M", "1.5GiB" or "-1", in docker's units; undefined if it is not a size. */
export function parseSize(text: string): bigint | undefined {
  if (text === '-1') return -1n;
  const [, whole, fraction = '', letter] = /^(\d{1,19})(?:\.(\d{1,9}))? ?([kmgtp])?(?:i?b)?$/i.exec(text) ?? [];
  const unit = units[(letter ?? '').toLowerCase()];
  if (whole === undefined || unit === undefined) return undefined;
  return BigInt(whole) * unit + (BigInt(`${fraction}0`) * unit) / 10n ** BigInt(fraction.length + 1);
}

const integer = {
  parse: (text: string) => (/^-?\d{1,20}$/.test(text) ? BigInt(text) : undefined),
  reason: (text: string) => `${JSON.stringify(text)} is not a number`,
};

const kinds = {
  size: { parse: parseSize, reason: (text: string) => `invalid size: '${text}'` },
  integer,
  /** An integer, but an empty value differs from no value, as in runc. */
  count: integer,
  text: { parse: (text: string) => text, reason: () => '' },
} as const;

/** The field that each flag sets. */
const fields: Readonly<Record<string, readonly [section: string, field: string, kind: keyof typeof kinds]>> = {
  'blkio-weight': ['blockIO', 'weight', 'count'],
  'cpu-period': ['cpu', 'period', 'integer'],
  'cpu-quota': ['cpu', 'quota', 'integer'],
  'cpu-burst': ['cpu', 'burst', 'integer'],
  'cpu-share': ['cpu', 'shares', 'integer'],
  'cpu-rt-period': ['cpu', 'realtimePeriod', 'integer'],
  'cpu-rt-runtime': ['cpu', 'realtimeRuntime', 'integer'],
  'cpu-idle': ['cpu', 'idle', 'integer'],
  'cpuset-cpus': ['cpu', 'cpus', 'text'],
  'cpuset-mems': ['cpu', 'mems', 'text'],
  memory: ['memory', 'limit', 'size'],
  'memory-reservation': ['memory', 'reservation', 'size'],
  'memory-swap': ['memory', 'swap', 'size'],
  'pids-limit': ['pids', 'limit', 'count'],
};

const ignored = ['kernel-memory', 'kernel-memory-tcp'];

export function resourcesOfFlags(values: Values, warn: (text: string) => void): Resources {
  const resources: Record<string, Record<string, unknown>> = {};
  for (const [flag, [section, field, kind]] of Object.entries(fields)) {
    const text = values[flag];
    if (text === undefined || (text === '' && kind !== 'count')) continue;
    const { parse, reason } = kinds[kind];
    const value = parse(String(text));
    if (value === undefined) throw usageError(`invalid value for ${flag}: ${reason(String(text))}`);
    (resources[section] ??= {})[field] = typeof value === 'bigint' ? narrow(value) : value;
  }
  if (ignored.some((flag) => values[flag] !== undefined)) warn('Kernel memory settings are ignored and will be removed');
  return ofFlags(resourcesPart, resources);
}

/** These limits are not in linux.resources, so a file of them cannot contain them. */
export function rdtOfFlags(values: Values): NonNullable<Linux['intelRdt']> {
  const given: Record<string, string> = {};
  for (const [flag, field] of [
    ['l3-cache-schema', 'l3CacheSchema'],
    ['mem-bw-schema', 'memBwSchema'],
  ] as const) {
    const text = String(values[flag] ?? '');
    if (text !== '') given[field] = text;
  }
  // Most updates have none of these: nothing to judge.
  if (Object.keys(given).length === 0) return {};
  return ofFlags(intelRdtPart, given);
}
