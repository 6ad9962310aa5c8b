// Usage from the files of cgroup v1 (the kernel's Documentation/admin-guide/cgroup-v1).
import { blkioEntry, count, list, pairs, unlessZero, type BlkioEntry, type CgroupReader, type VersionedStats } from './values.js';

/** USER_HZ, the unit of cpuacct.stat on every architecture that we run on. */
const nanosecondsPerTick = 10_000_000n;

function cpu({ read }: CgroupReader): object {
  const stat = pairs(read('cpuacct', 'cpuacct.stat'));
  const throttling = pairs(read('cpu', 'cpu.stat'));
  const perCpu = (read('cpuacct', 'cpuacct.usage_percpu') ?? '').split(' ').filter((text) => text !== '');
  const all = (read('cpuacct', 'cpuacct.usage_all') ?? '').split('\n').slice(1);
  const column = (index: number): bigint[] | undefined =>
    all.length === 0 ? undefined : all.map((line) => count(line.split(' ')[index]));
  return {
    usage: {
      total: unlessZero(count(read('cpuacct', 'cpuacct.usage'))),
      percpu: perCpu.length === 0 ? undefined : perCpu.map((text) => count(text)),
      percpu_kernel: column(2),
      percpu_user: column(1),
      kernel: (stat['system'] ?? 0n) * nanosecondsPerTick,
      user: (stat['user'] ?? 0n) * nanosecondsPerTick,
    },
    throttling: {
      periods: unlessZero(throttling['nr_periods']),
      throttledPeriods: unlessZero(throttling['nr_throttled']),
      throttledTime: unlessZero(throttling['throttled_time']),
    },
  };
}

function cpuset({ read }: CgroupReader): object {
  const file = (name: string): string | undefined => read('cpuset', `cpuset.${name}`);
  return {
    cpus: list(file('cpus')),
    cpu_exclusive: count(file('cpu_exclusive')),
    mems: list(file('mems')),
    mem_hardwall: count(file('mem_hardwall')),
    mem_exclusive: count(file('mem_exclusive')),
    memory_migrate: count(file('memory_migrate')),
    memory_spread_page: count(file('memory_spread_page')),
    memory_spread_slab: count(file('memory_spread_slab')),
    memory_pressure: count(file('memory_pressure')),
    sched_load_balance: count(file('sched_load_balance')),
    sched_relax_domain_level: count(file('sched_relax_domain_level')),
  };
}

function memoryEntry({ read }: CgroupReader, prefix: string): object {
  const file = (name: string): bigint => count(read('memory', `${prefix}.${name}`));
  return {
    limit: file('limit_in_bytes'),
    usage: unlessZero(file('usage_in_bytes')),
    max: unlessZero(file('max_usage_in_bytes')),
    failcnt: file('failcnt'),
  };
}

function memory(reader: CgroupReader): object {
  const raw = pairs(reader.read('memory', 'memory.stat'));
  return {
    cache: unlessZero(raw['cache']),
    usage: memoryEntry(reader, 'memory'),
    swap: memoryEntry(reader, 'memory.memsw'),
    kernel: memoryEntry(reader, 'memory.kmem'),
    kernelTCP: memoryEntry(reader, 'memory.kmem.tcp'),
    raw: Object.keys(raw).length === 0 ? undefined : raw,
  };
}

/** Lines like "8:0 Read 4096" and "8:0 16"; those that begin with "Total" sum up all devices. */
function blkioEntries(text: string | undefined): BlkioEntry[] | undefined {
  const entries = (text ?? '').split('\n').flatMap((line) => {
    const words = line.split(' ');
    const [device = '', op, value] = words.length === 2 ? [words[0], undefined, words[1]] : words;
    return device.includes(':') ? [blkioEntry(device, op, count(value))] : [];
  });
  return entries.length === 0 ? undefined : entries;
}

/** From the scheduler that counts: BFQ, the old CFQ, or else what the throttling layer has seen. */
const blkioFields: readonly (readonly [field: string, file: string])[] = [
  ['ioServiceBytesRecursive', 'io_service_bytes_recursive'],
  ['ioServicedRecursive', 'io_serviced_recursive'],
  ['ioQueueRecursive', 'io_queued_recursive'],
  ['ioServiceTimeRecursive', 'io_service_time_recursive'],
  ['ioWaitTimeRecursive', 'io_wait_time_recursive'],
  ['ioMergedRecursive', 'io_merged_recursive'],
  ['ioTimeRecursive', 'time_recursive'],
  ['sectorsRecursive', 'sectors_recursive'],
];

function blkio({ read }: CgroupReader): object {
  const prefixes = ['blkio.bfq.', 'blkio.', 'blkio.throttle.'];
  const prefix = prefixes.find((one) => blkioEntries(read('blkio', `${one}io_serviced_recursive`)) !== undefined);
  if (prefix === undefined) return {};
  return Object.fromEntries(blkioFields.map(([field, file]) => [field, blkioEntries(read('blkio', `${prefix}${file}`))]));
}

function hugetlb({ read, names }: CgroupReader): object {
  const sizes = names('hugetlb').flatMap((name) => /^hugetlb\.(\d+[KMG]B)\.usage_in_bytes$/.exec(name)?.[1] ?? []);
  const file = (size: string, name: string): bigint => count(read('hugetlb', `hugetlb.${size}.${name}`));
  return Object.fromEntries(
    sizes.map((size) => [
      size,
      {
        usage: unlessZero(file(size, 'usage_in_bytes')),
        max: unlessZero(file(size, 'max_usage_in_bytes')),
        failcnt: file(size, 'failcnt'),
      },
    ]),
  );
}

export function statsV1(reader: CgroupReader): VersionedStats {
  return { cpu: cpu(reader), cpuset: cpuset(reader), memory: memory(reader), blkio: blkio(reader), hugetlb: hugetlb(reader) };
}
