// Limits on memory, CPUs, processes and disks, with docker's rules.
import type { Engine } from '../../engine.js';
import { engineError, usageError } from '../../errors.js';
import type { HostConfig } from '../../records/container.js';
import { given, givenList, integerOf, nanoCpusOf, sizeOf, type EngineValues, parseSize } from '../../flags/values.js';

const leastMemory = 6 * 2 ** 20;

type OfMemory = Pick<HostConfig, 'Memory' | 'MemorySwap' | 'MemoryReservation' | 'MemorySwappiness'>;
type OfCpus = Pick<
  HostConfig,
  'NanoCpus' | 'CpuShares' | 'CpuPeriod' | 'CpuQuota' | 'CpuRealtimePeriod' | 'CpuRealtimeRuntime' | 'CpusetCpus' | 'CpusetMems'
>;
type OfDisks = Pick<
  HostConfig,
  | 'BlkioWeight'
  | 'BlkioWeightDevice'
  | 'BlkioDeviceReadBps'
  | 'BlkioDeviceWriteBps'
  | 'BlkioDeviceReadIOps'
  | 'BlkioDeviceWriteIOps'
>;
export type Limits = OfMemory & OfCpus & OfDisks & Pick<HostConfig, 'PidsLimit'>;

/** "0-3,7": first and last of each range. */
const rangesOf = (text: string): (readonly [first: number, last: number])[] =>
  text
    .trim()
    .split(',')
    .filter((range) => range !== '')
    .map((range) => {
      const [first = 0, last = first] = range.split('-').map(Number);
      return [first, last];
    });

const cpusOnline = '/sys/devices/system/cpu/online';
const nodesOnline = '/sys/devices/system/node/online';

/** Number of CPUs online. */
export function cpuCount({ host }: Pick<Engine, 'host'>): number {
  return rangesOf(host.readText(cpusOnline, 4096)).reduce((sum, [first, last]) => sum + last - first + 1, 0);
}

/** docker's rule and text. */
export function refuseMoreCpus(engine: Pick<Engine, 'host'>, { NanoCpus }: Pick<Limits, 'NanoCpus'>): void {
  if (NanoCpus === 0) return;
  const count = cpuCount(engine);
  if (NanoCpus > count * 1e9)
    throw engineError(
      `range of CPUs is from 0.01 to ${count}.00, as there are only ${count} CPUs available`,
      `Pass --cpus at most ${count}`,
    );
}

function refuseMissing({ host }: Pick<Engine, 'host'>, asked: string, list: string, what: string, flag: string): void {
  if (asked === '') return;
  // A kernel without NUMA has one node.
  const online = list === nodesOnline && !host.access(list, 0) ? '0' : host.readText(list, 4096).trim();
  const there = rangesOf(online);
  if (rangesOf(asked).every(([first, last]) => hasAll(there, first, last))) return;
  throw engineError(
    `Requested ${what} are not available - requested ${asked}, available: ${online}`,
    `Use some of these for ${flag}`,
  );
}

/** The kernel lists neighbours as one range. */
const hasAll = (there: readonly (readonly [number, number])[], first: number, last: number): boolean =>
  there.some(([from, to]) => from <= first && last <= to);

/** docker's rule and text. */
export function refuseMissingSets(engine: Pick<Engine, 'host'>, limits: Pick<Limits, 'CpusetCpus' | 'CpusetMems'>): void {
  refuseMissing(engine, limits.CpusetCpus, cpusOnline, 'CPUs', '--cpuset-cpus');
  refuseMissing(engine, limits.CpusetMems, nodesOnline, 'memory nodes', '--cpuset-mems');
}

function memory(values: EngineValues): OfMemory {
  const Memory = sizeOf(values, 'memory');
  const MemorySwap = sizeOf(values, 'memory-swap');
  const MemoryReservation = sizeOf(values, 'memory-reservation');
  const MemorySwappiness = given(values, 'memory-swappiness') === undefined ? -1 : integerOf(values, 'memory-swappiness');
  if (Memory !== 0 && Memory < leastMemory) throw engineError('Minimum memory limit allowed is 6MB', 'Use a larger --memory');
  if (Memory === 0 && MemorySwap > 0)
    throw engineError('You should always set the Memory limit when using Memoryswap limit', 'Pass --memory as well');
  if (MemorySwap > 0 && MemorySwap < Memory)
    throw engineError(
      'Minimum memoryswap limit should be larger than memory limit',
      'Use a larger --memory-swap: it counts memory and swap together',
    );
  if (Memory > 0 && MemoryReservation > Memory)
    throw engineError(
      'Minimum memory limit can not be less than memory reservation limit',
      'Use a larger --memory or a smaller --memory-reservation',
    );
  if (MemorySwappiness < -1 || MemorySwappiness > 100)
    throw usageError(`invalid value: ${MemorySwappiness}. Valid memory swappiness range is 0-100`, 'run');
  return {
    Memory,
    MemorySwap: MemorySwap === 0 ? Math.max(0, Memory * 2) : MemorySwap,
    MemoryReservation,
    MemorySwappiness: MemorySwappiness < 0 ? null : MemorySwappiness,
  };
}

/** "0-3,7" */
function numbers(values: EngineValues, flag: string): string {
  const said = given(values, flag) ?? '';
  const isList = /^\d+(-\d+)?(,\d+(-\d+)?)*$/.test(said) && rangesOf(said).every(([first, last]) => first <= last);
  if (said !== '' && !isList)
    throw engineError(`Invalid value ${said} for ${flag.replace('-', ' ')}`, 'Use numbers and ranges: 0-3,7');
  return said;
}

function cpus(values: EngineValues): OfCpus {
  const NanoCpus = nanoCpusOf(values);
  const CpuPeriod = integerOf(values, 'cpu-period');
  const CpuQuota = integerOf(values, 'cpu-quota');
  const both = (name: string): Error =>
    engineError(`Conflicting options: Nano CPUs and CPU ${name} cannot both be set`, 'Omit --cpus');
  if (NanoCpus > 0 && CpuPeriod > 0) throw both('Period');
  if (NanoCpus > 0 && CpuQuota > 0) throw both('Quota');
  return {
    NanoCpus,
    CpuShares: integerOf(values, 'cpu-shares'),
    CpuPeriod,
    CpuQuota,
    CpuRealtimePeriod: integerOf(values, 'cpu-rt-period'),
    CpuRealtimeRuntime: integerOf(values, 'cpu-rt-runtime'),
    CpusetCpus: numbers(values, 'cpuset-cpus'),
    CpusetMems: numbers(values, 'cpuset-mems'),
  };
}

/** Parses "PATH:VALUE". */
function ofDevices<T>(values: EngineValues, flag: string, make: (path: string, value: number) => T): T[] {
  return givenList(values, flag).map((word) => {
    const [, path = '', value = ''] = /^(\/dev\/[^:]+):(.+)$/.exec(word) ?? [];
    const number = flag.endsWith('-bps') ? parseSize(value) : /^\d{1,15}$/.test(value) ? Number(value) : undefined;
    if (path === '' || number === undefined)
      throw usageError(`invalid argument ${JSON.stringify(word)} for "--${flag}" flag: bad format: ${word}`, 'run');
    return make(path, number);
  });
}

function disks(values: EngineValues): OfDisks {
  const BlkioWeight = integerOf(values, 'blkio-weight');
  const BlkioWeightDevice = ofDevices(values, 'blkio-weight-device', (Path, Weight) => ({ Path, Weight }));
  if ([BlkioWeight, ...BlkioWeightDevice.map(({ Weight }) => Weight)].some((one) => one !== 0 && (one < 10 || one > 1000)))
    throw engineError('Range of blkio weight is from 10 to 1000', 'Pass --blkio-weight a number in that range');
  const rates = (flag: string) => ofDevices(values, flag, (Path, Rate) => ({ Path, Rate }));
  return {
    BlkioWeight,
    BlkioWeightDevice,
    BlkioDeviceReadBps: rates('device-read-bps'),
    BlkioDeviceWriteBps: rates('device-write-bps'),
    BlkioDeviceReadIOps: rates('device-read-iops'),
    BlkioDeviceWriteIOps: rates('device-write-iops'),
  };
}

export function limitsOf(values: EngineValues): Limits {
  return { ...memory(values), ...cpus(values), ...disks(values), PidsLimit: integerOf(values, 'pids-limit') };
}
