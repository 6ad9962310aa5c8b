// Sets the offsets of a new time namespace (time_namespaces(7)) before the first process enters it.
import { fromHost } from '../errors.js';
import type { Host } from '../host/host.js';

/** `pid`: the process whose children will be in it. */
export function writeTimeOffsets(host: Host, pid: number, offsets: string): void {
  try {
    host.writeControl(`/proc/${pid}/timens_offsets`, offsets);
  } catch (caught) {
    throw fromHost('E_NAMESPACE', '/linux/timeOffsets: cannot set the offsets of the time namespace', caught, {
      pointer: '/linux/timeOffsets',
    });
  }
}
