// Limits that an ordinary user asked for and the machine does not grant: the runtime ignores them, so we must warn.
import type { Engine } from '../../engine.js';
import type { Resources } from '../../../plan/spec-types.js';
import { isMissing } from '../../../host/failure.js';
import type { ContainerRecord, HostConfig } from '../../records/container.js';
import { limitResources } from '../bundle/resources.js';
import { bundleDirectory } from '../../records/container-store.js';

const logLimit = 1024 * 1024;
const resources = '/linux/resources';

/** Fields of linux.resources, and the flags that set them. */
const flagOf: Readonly<Record<string, string>> = {
  'memory/limit': 'memory',
  'memory/swap': 'memory-swap',
  'memory/reservation': 'memory-reservation',
  'memory/swappiness': 'memory-swappiness',
  'cpu/quota': 'cpu-quota',
  'cpu/period': 'cpu-period',
  'cpu/shares': 'cpu-shares',
  'cpu/realtimePeriod': 'cpu-rt-period',
  'cpu/realtimeRuntime': 'cpu-rt-runtime',
  'cpu/cpus': 'cpuset-cpus',
  'cpu/mems': 'cpuset-mems',
  'pids/limit': 'pids-limit',
  'blockIO/weight': 'blkio-weight',
  'blockIO/weightDevice': 'blkio-weight-device',
  'blockIO/throttleReadBpsDevice': 'device-read-bps',
  'blockIO/throttleWriteBpsDevice': 'device-write-bps',
  'blockIO/throttleReadIOPSDevice': 'device-read-iops',
  'blockIO/throttleWriteIOPSDevice': 'device-write-iops',
};

/** undefined: nobody asked for it; it follows from another flag. */
function flagFor(field: string, { NanoCpus, Memory, MemorySwap }: HostConfig): string | undefined {
  if (NanoCpus > 0 && field === 'cpu/quota') return 'cpus';
  if (NanoCpus > 0 && field === 'cpu/period') return undefined;
  if (field === 'memory/swap' && MemorySwap === 2 * Memory) return undefined;
  return flagOf[field];
}

export interface Warning {
  readonly msg: string;
  readonly pointer: string;
}

/** Without a cgroup, all of them are lost; otherwise that field, or all fields below it. */
function loses(lost: string, field: string): boolean {
  const pointer = `${resources}/${field}`;
  return lost === '/linux/cgroupsPath' || `${pointer}/`.startsWith(`${lost}/`) || lost.startsWith(`${pointer}/`);
}

/** The flags behind the runtime's warnings, and the reason for each. */
export function lostFlags(limits: Resources, hostConfig: HostConfig, warnings: readonly Warning[]): Map<string, string> {
  const fields = Object.entries(limits).flatMap(([part, values]) =>
    Object.keys(values as object).map((field) => `${part}/${field}`),
  );
  const lost = new Map<string, string>();
  for (const field of fields) {
    const flag = flagFor(field, hostConfig);
    const warning = warnings.find(({ pointer }) => loses(pointer, field));
    if (flag !== undefined && warning !== undefined) lost.set(`--${flag}`, warning.msg.replace(/; ignored$/, ''));
  }
  return lost;
}

/** What the runtime logged while it created the container. */
function warningsOf({ host }: Engine, bundle: string): Warning[] {
  try {
    const lines = host.readRegular(`${bundle}/runtime.log`, logLimit).trim().split('\n');
    const records = lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Partial<Warning & { level: string }>);
    return records.flatMap(({ level, msg = '', pointer = '' }) => (level === 'warning' ? [{ msg, pointer }] : []));
  } catch (caught) {
    if (isMissing(caught)) return [];
    throw caught;
  }
}

/** Warns of each limit that is not in force. Only an ordinary user's container runs without one. */
export function warnOfLostLimits(engine: Engine, { id, hostConfig }: ContainerRecord): void {
  if (!engine.rootless) return;
  const limits = limitResources(engine, hostConfig);
  if (Object.keys(limits).length === 0) return;
  const lost = lostFlags(limits, hostConfig, warningsOf(engine, bundleDirectory(engine, id)));
  if (lost.size === 0) return;
  const reasons = [...new Set(lost.values())].join('; ');
  const advice = 'limits need root, or cgroup v2 with a systemd session that delegates controllers (see docs/pocker-networks.md)';
  engine.log.warn(`${[...lost.keys()].join(', ')} discarded: ${reasons}; ${advice}`);
}
