// Which boot of the machine a record is of. Pids and start times begin anew with each boot, so a process of the next one could be
// taken for the container's.
import { fromHost, isGone } from '../errors.js';
import type { Host } from '../host/host.js';
import type { ContainerRecord, ProcessIdentity } from './record.js';

const TMPFS_MAGIC = 0x0102_1994;
const smallFile = 128;

/** The kernel's random id of this boot; undefined without /proc/sys. */
export function bootId(host: Host): string | undefined {
  try {
    return host.readText('/proc/sys/kernel/random/boot_id', smallFile).trim();
  } catch (caught) {
    if (isGone(caught)) return undefined;
    throw fromHost('E_HOST', 'cannot find out which boot this is', caught);
  }
}

/** Whether it does not outlive a boot, as is usual below /run. False if it does not exist yet. */
function isVolatile(host: Host, root: string): boolean {
  try {
    return host.statfsType(root) === TMPFS_MAGIC;
  } catch (caught) {
    if (isGone(caught)) return false;
    throw fromHost('E_HOST', 'cannot use the state directory', caught);
  }
}

/** What a new record says; undefined if it needs none. */
export function bootOfRecord(host: Host, root: string): string | undefined {
  return isVolatile(host, root) ? undefined : bootId(host);
}

export function isOfEarlierBoot(host: Host, { boot }: ContainerRecord): boolean {
  return boot !== undefined && boot !== bootId(host);
}

/** No process has this start time. */
const gone = <T extends ProcessIdentity | null>(identity: T): T =>
  identity === null ? identity : { ...identity, startTime: -1 };

/** The record; if it is of an earlier boot, nothing of it exists any more: what has its cgroups' paths now is somebody else's. */
export function asOfThisBoot(host: Host, record: ContainerRecord): ContainerRecord {
  if (!isOfEarlierBoot(host, record)) return record;
  const nothing = { cgroups: [], unit: null, rdt: null, hostMount: null };
  const { criu: _, ...rest } = record;
  return { ...rest, ...nothing, creator: gone(record.creator), init: gone(record.init) };
}
