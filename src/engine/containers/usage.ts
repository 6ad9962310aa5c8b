// What a running container uses, from its cgroups and network devices.
import { isHostFailure, PockerError } from '../../errors.js';
import { currentStats } from '../../runtime/events.js';
import type { Engine } from '../engine.js';
import type { StoredContainer } from '../records/container-store.js';

export interface Usage {
  /** `Host.monotonic` milliseconds of the sample. */
  readonly at: number;
  /** Nanoseconds of CPU time in total. */
  readonly cpu: number;
  /** Bytes, without cache that the kernel can drop at once. */
  readonly memory: number;
  /** Bytes; the machine's memory if the container has no limit. */
  readonly memoryLimit: number;
  readonly pids: number;
  readonly received: number;
  readonly sent: number;
  readonly blocksRead: number;
  readonly blocksWritten: number;
}

interface Entry {
  readonly op?: string;
  readonly value?: bigint;
}

/** The part of runc's events that we show (src/cgroup/stats/stats.ts). */
interface Stats {
  readonly cpu: { readonly usage: { readonly total?: bigint } };
  readonly memory: {
    readonly usage: { readonly limit: bigint; readonly usage?: bigint };
    readonly raw?: Readonly<Record<string, bigint>>;
  };
  readonly pids: { readonly current?: bigint };
  readonly blkio: { readonly ioServiceBytesRecursive?: readonly Entry[] };
}

const fileLimit = 1024 * 1024;

function machineMemory({ host }: Engine): number {
  const [, kilobytes = '0'] = /^MemTotal:\s*(\d+) kB/m.exec(host.readText('/proc/meminfo', fileLimit)) ?? [];
  return Number(kilobytes) * 1024;
}

/** The sum of all its devices but lo. */
function network({ host }: Engine, pid: number): { readonly received: number; readonly sent: number } {
  let received = 0;
  let sent = 0;
  for (const line of host.readText(`/proc/${pid}/net/dev`, fileLimit).split('\n').slice(2)) {
    const [name = '', numbers = ''] = line.split(':');
    const fields = numbers.trim().split(/\s+/).map(Number);
    if (name.trim() === 'lo' || fields.length < 9) continue;
    received += fields[0]!;
    sent += fields[8]!;
  }
  return { received, sent };
}

const sum = (entries: readonly Entry[] | undefined, op: string): number =>
  (entries ?? []).reduce((total, one) => total + (one.op?.toLowerCase() === op ? Number(one.value ?? 0n) : 0), 0);

/** null: not running (any more). */
export function usageOf(engine: Engine, { record, state }: StoredContainer): Usage | null {
  const { host, paths } = engine;
  try {
    const { cpu, memory, pids, blkio } = currentStats(host, { root: paths.runtime, id: record.id }) as Stats;
    const raw = memory.raw ?? {};
    const inactive = Number(raw['total_inactive_file'] ?? raw['inactive_file'] ?? 0n);
    const used = Number(memory.usage.usage ?? 0n);
    const all = machineMemory(engine);
    const shared = record.hostConfig.NetworkMode === 'host';
    return {
      at: host.monotonic(),
      cpu: Number(cpu.usage.total ?? 0n),
      memory: used > inactive ? used - inactive : used,
      memoryLimit: memory.usage.limit === 0n ? all : Math.min(all, Number(memory.usage.limit)),
      pids: Number(pids.current ?? 0n),
      ...(shared ? { received: 0, sent: 0 } : network(engine, state.pid)),
      blocksRead: sum(blkio.ioServiceBytesRecursive, 'read'),
      blocksWritten: sum(blkio.ioServiceBytesRecursive, 'write'),
    };
  } catch (caught) {
    if (caught instanceof PockerError || isHostFailure(caught)) return null;
    throw caught;
  }
}
