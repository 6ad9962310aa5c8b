// Usage from the files of cgroup v2, in the fields that v1 introduced (the kernel's Documentation/admin-guide/cgroup-v2.rst).
import {
  blkioEntry,
  count,
  pairs,
  pressure,
  unlessZero,
  type BlkioEntry,
  type CgroupReader,
  type VersionedStats,
} from './values.js';

/** The limit "max", as runc shows it. */
const unlimited = (1n << 64n) - 1n;

const nanoseconds = (microseconds: bigint | undefined): bigint => (microseconds ?? 0n) * 1000n;

function cpu({ read }: CgroupReader): object {
  const stat = pairs(read('cpu', 'cpu.stat'));
  return {
    usage: {
      total: unlessZero(nanoseconds(stat['usage_usec'])),
      kernel: nanoseconds(stat['system_usec']),
      user: nanoseconds(stat['user_usec']),
    },
    throttling: {
      periods: unlessZero(stat['nr_periods']),
      throttledPeriods: unlessZero(stat['nr_throttled']),
      throttledTime: unlessZero(nanoseconds(stat['throttled_usec'])),
    },
    psi: pressure(read('cpu', 'cpu.pressure')),
  };
}

/** v2 has none of this but the lists, which runc leaves out, too. */
const cpuset = {
  cpu_exclusive: 0,
  mem_hardwall: 0,
  mem_exclusive: 0,
  memory_migrate: 0,
  memory_spread_page: 0,
  memory_spread_slab: 0,
  memory_pressure: 0,
  sched_load_balance: 0,
  sched_relax_domain_level: 0,
};

interface Amounts {
  readonly limit: bigint;
  readonly usage: bigint;
  readonly max: bigint;
}

function amounts({ read }: CgroupReader, prefix: string): Amounts {
  return {
    limit: count(read('memory', `${prefix}.max`), read('memory', `${prefix}.max`) === undefined ? 0n : unlimited),
    usage: count(read('memory', `${prefix}.current`)),
    max: count(read('memory', `${prefix}.peak`)),
  };
}

const entry = ({ limit, usage, max }: Amounts): object => ({ limit, usage: unlessZero(usage), max: unlessZero(max), failcnt: 0 });

/** v1 counts memory and swap together, so we add them up. */
function memory(reader: CgroupReader): object {
  const raw = pairs(reader.read('memory', 'memory.stat'));
  const own = amounts(reader, 'memory');
  const swap = amounts(reader, 'memory.swap');
  const both: Amounts = {
    limit: [own.limit, swap.limit].includes(unlimited) ? unlimited : own.limit + swap.limit,
    usage: own.usage + swap.usage,
    max: own.max + swap.max,
  };
  const none = { limit: 0, failcnt: 0 };
  return {
    cache: unlessZero(raw['file']),
    usage: entry(own),
    swap: entry(both),
    kernel: none,
    kernelTCP: none,
    raw: Object.keys(raw).length === 0 ? undefined : raw,
    psi: pressure(reader.read('memory', 'memory.pressure')),
  };
}

/** Fields of io.stat: where they go, and their names in v1. */
const ioFields: Readonly<Record<string, readonly [field: string, op: string]>> = {
  rbytes: ['ioServiceBytesRecursive', 'Read'],
  wbytes: ['ioServiceBytesRecursive', 'Write'],
  rios: ['ioServicedRecursive', 'Read'],
  wios: ['ioServicedRecursive', 'Write'],
};

/** Lines like "8:0 rbytes=4096 wbytes=0 rios=1 …". */
function blkio({ read }: CgroupReader): object {
  const found: Record<string, BlkioEntry[]> = {};
  for (const line of (read('io', 'io.stat') ?? '').split('\n')) {
    const [device = '', ...fields] = line.split(' ');
    for (const text of fields) {
      const [name = '', value] = text.split('=');
      const [field, op] = ioFields[name] ?? [];
      if (field !== undefined) (found[field] ??= []).push(blkioEntry(device, op, count(value)));
    }
  }
  return { ...found, psi: pressure(read('io', 'io.pressure')) };
}

function hugetlb({ read, names }: CgroupReader): object {
  const sizes = names('hugetlb').flatMap((name) => /^hugetlb\.(\d+[KMG]B)\.current$/.exec(name)?.[1] ?? []);
  return Object.fromEntries(
    sizes.map((size) => [
      size,
      {
        usage: unlessZero(count(read('hugetlb', `hugetlb.${size}.current`))),
        failcnt: pairs(read('hugetlb', `hugetlb.${size}.events`))['max'] ?? 0n,
      },
    ]),
  );
}

export function statsV2(reader: CgroupReader): VersionedStats {
  return { cpu: cpu(reader), cpuset, memory: memory(reader), blkio: blkio(reader), hugetlb: hugetlb(reader) };
}
