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

/** Number of CPUs online. */
export function cpuCount({ host }: Pick<Engine, 'host'>): number {
  const ranges = host.readText('/sys/devices/system/cpu/online', 4096).trim().split(',');
  return ranges.reduce((sum, range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return sum + last - first + 1;
  }, 0);
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
  if (said !== '' && !/^\d+(-\d+)?(,\d+(-\d+)?)*$/.test(said))
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
