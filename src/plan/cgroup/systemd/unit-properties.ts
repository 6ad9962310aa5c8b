// linux.resources as properties of a unit (systemd.resource-control(5), org.freedesktop.systemd1(5)), as far as systemd has them.
// The files are written, too; properties are what systemd writes whenever it applies the unit again.
import { refuse } from '../../draft.js';
import { pointerKey } from '../../paths.js';
import type { UnitProperty } from '../../plan.js';
import type { Integer, Resources } from '../../spec-types.js';
import { isSet } from '../files.js';
import { ioWeight, swapAlone, weightOfShares } from '../v2.js';

/** "infinity", for every limit. */
const infinity = 0xffff_ffff_ffff_ffffn;
const microseconds = 1_000_000n;
/** systemd stores a quota as a percentage of one CPU. */
const percent = 10_000n;
const defaultPeriod = 100_000n;
const maximumCpu = 8191;

function number(name: string, value: Integer, since = 0): UnitProperty {
  const shown = BigInt(value) < 0n ? infinity : value;
  return { name, signature: 't', words: [String(shown)], ...(since === 0 ? {} : { since }) };
}

/** The quota, rounded up to what systemd can store; also written to the file, so that both agree. */
export function roundedQuota(resources: Resources): Resources {
  const { quota, period } = resources.cpu ?? {};
  if (!isSet(quota) || quota < 0) return resources;
  const length = isSet(period) ? BigInt(period) : defaultPeriod;
  const perSecond = quotaPerSecond(BigInt(quota), length);
  const exact = (BigInt(quota) * microseconds) / length === perSecond;
  return exact ? resources : { ...resources, cpu: { ...resources.cpu, quota: (perSecond * length) / microseconds } };
}

function quotaPerSecond(quota: bigint, period: bigint): bigint {
  const rounded = (((quota * microseconds) / period + percent - 1n) / percent) * percent;
  return rounded < infinity ? rounded : infinity;
}

function quotaProperties(quota: Integer | undefined, period: Integer | undefined): UnitProperty[] {
  if (!isSet(quota) && !isSet(period)) return [];
  const length = isSet(period) ? BigInt(period) : defaultPeriod;
  const perSecond = isSet(quota) && quota > 0 ? quotaPerSecond(BigInt(quota), length) : infinity;
  return [...(isSet(period) ? [number('CPUQuotaPeriodUSec', period, 242)] : []), number('CPUQuotaPerSecUSec', perSecond)];
}

/** "0-2,5" as in systemd: one bit for each, lowest first. */
export function cpuBits(text: string, pointer: string): number[] {
  const bytes: number[] = [];
  for (const part of text.split(',').map((one) => one.trim())) {
    if (part === '') continue;
    const range = /^(\d+)(?:\s*-\s*(\d+))?$/.exec(part);
    const first = Number(range?.[1]);
    const last = Number(range?.[2] ?? first);
    if (range === null || last < first || last > maximumCpu)
      refuse(pointer, `${JSON.stringify(part)} is not a number or a range`);
    for (let bit = first; bit <= last; bit++) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (1 << (bit & 7));
  }
  if (bytes.length === 0) refuse(pointer, `${JSON.stringify(text)} names no number`);
  return Array.from(bytes, (byte: number | undefined) => byte ?? 0);
}

function bitProperty(name: string, text: string, pointer: string): UnitProperty {
  const bits = cpuBits(text, pointer);
  return { name, signature: 'ay', words: [String(bits.length), ...bits.map(String)], since: 244 };
}

function cpuProperties(cpu: Resources['cpu'], v2: boolean): UnitProperty[] {
  if (cpu === undefined) return [];
  const weight = (): UnitProperty[] => {
    // Since systemd 252, 0 means idle.
    if (v2 && cpu.idle === 1) return [number('CPUWeight', 0, 252)];
    // No longer idle, and no weight was chosen.
    if (!isSet(cpu.shares)) return v2 && cpu.idle === 0 ? [number('CPUWeight', -1)] : [];
    return [v2 ? number('CPUWeight', weightOfShares(cpu.shares)) : number('CPUShares', cpu.shares)];
  };
  return [
    ...weight(),
    ...quotaProperties(cpu.quota, cpu.period),
    ...(cpu.cpus ? [bitProperty('AllowedCPUs', cpu.cpus, '/linux/resources/cpu/cpus')] : []),
    ...(cpu.mems ? [bitProperty('AllowedMemoryNodes', cpu.mems, '/linux/resources/cpu/mems')] : []),
  ];
}

function memoryProperties(memory: Resources['memory'], v2: boolean): UnitProperty[] {
  if (memory === undefined) return [];
  const { limit = 0, swap = 0, reservation } = memory;
  if (!v2) return isSet(limit) ? [number('MemoryLimit', limit)] : [];
  const alone = swapAlone(BigInt(limit), BigInt(swap), '/linux/resources/memory');
  return [
    ...(isSet(limit) ? [number('MemoryMax', limit)] : []),
    ...(isSet(reservation) ? [number('MemoryLow', reservation)] : []),
    ...(alone === undefined ? [] : [number('MemorySwapMax', alone === 'max' ? -1 : BigInt(alone))]),
  ];
}

/** systemd does not accept 0, which means one process without children. */
const tasksMax = (limit: Integer): UnitProperty => number('TasksMax', isSet(limit) ? limit : 1);

function parseLimit(value: string, pointer: string): bigint {
  if (value === 'max') return -1n;
  if (!/^\d+$/.test(value)) refuse(pointer, `${JSON.stringify(value)} is neither a number nor "max"`);
  return BigInt(value);
}

const limit =
  (name: string) =>
  (value: string, pointer: string): UnitProperty[] => [number(name, parseLimit(value, pointer))];

/** Keys of linux.resources.unified that systemd has a property for. */
const unifiedProperties: Readonly<Record<string, (value: string, pointer: string) => UnitProperty[]>> = {
  'cpu.idle': (value) => (value === '1' ? [number('CPUWeight', 0, 252)] : []),
  'cpu.max': (value, pointer) => {
    const [quota = '', period = String(defaultPeriod), ...more] = value.split(/\s+/);
    if (more.length > 0 || !/^\d+$/.test(period) || BigInt(period) === 0n)
      refuse(pointer, `${JSON.stringify(value)} is not a quota with a period`);
    return quotaProperties(parseLimit(quota, pointer), BigInt(period));
  },
  'cpu.weight': limit('CPUWeight'),
  'cpuset.cpus': (value, pointer) => [bitProperty('AllowedCPUs', value, pointer)],
  'cpuset.mems': (value, pointer) => [bitProperty('AllowedMemoryNodes', value, pointer)],
  'memory.high': limit('MemoryHigh'),
  'memory.low': limit('MemoryLow'),
  'memory.max': limit('MemoryMax'),
  'memory.min': limit('MemoryMin'),
  'memory.oom.group': (value) => {
    const policy = { '0': 'continue', '1': 'kill' }[value];
    return policy === undefined ? [] : [{ name: 'OOMPolicy', signature: 's', words: [policy], since: 253 }];
  },
  'memory.swap.max': limit('MemorySwapMax'),
  'pids.max': (value, pointer) => [tasksMax(parseLimit(value, pointer))],
};

function planUnified(unified: Resources['unified']): UnitProperty[] {
  return Object.entries(unified ?? {}).flatMap(([file, value]) => {
    // An idle cgroup has no weight.
    if (file === 'cpu.weight' && unified!['cpu.idle']?.trim() === '1') return [];
    const read = Object.hasOwn(unifiedProperties, file) ? unifiedProperties[file] : undefined;
    return read?.(value.trim(), `/linux/resources/unified/${pointerKey(file)}`) ?? [];
  });
}

function blockIOProperties(io: Resources['blockIO'], v2: boolean): UnitProperty[] {
  if (!isSet(io?.weight)) return [];
  return [v2 ? number('IOWeight', ioWeight(io.weight)) : number('BlockIOWeight', io.weight)];
}

/** All except devices (unit-devices.ts). If a name occurs twice, the last one counts. */
export function resourceProperties(resources: Resources, v2: boolean): UnitProperty[] {
  const { memory, cpu, pids, blockIO, unified } = resources;
  return [
    ...memoryProperties(memory, v2),
    ...cpuProperties(cpu, v2),
    ...(pids?.limit === undefined ? [] : [tasksMax(pids.limit)]),
    ...blockIOProperties(blockIO, v2),
    ...(v2 ? planUnified(unified) : []),
  ];
}
