// A container's usage, in the shape of runc's events.
import { isHostFailure } from '../../errors.js';
import type { Host } from '../../host/host.js';
import type { CgroupRecord } from '../../container/record.js';
import { statsV1 } from './v1.js';
import { statsV2 } from './v2.js';
import { count, unlessZero, type CgroupReader } from './values.js';

const fileLimit = 4 * 1024 * 1024;

function pathOf(cgroups: readonly CgroupRecord[], controller: string): string | undefined {
  const own = cgroups.filter(({ parent }) => !parent);
  return own.find((one) => one.controller.split(',').includes(controller))?.path;
}

export function cgroupReader(host: Host, cgroups: readonly CgroupRecord[]): CgroupReader {
  const attempt = <T>(controller: string, otherwise: T, body: (path: string) => T): T => {
    const path = pathOf(cgroups, isV2(cgroups) ? '' : controller);
    if (path === undefined) return otherwise;
    try {
      return body(path);
    } catch (caught) {
      if (isHostFailure(caught)) return otherwise;
      throw caught;
    }
  };
  return {
    read: (controller, file) => attempt(controller, undefined, (path) => host.readText(`${path}/${file}`, fileLimit).trimEnd()),
    names: (controller) => attempt<string[]>(controller, [], (path) => host.readdir(path)),
  };
}

/** Whether its controllers are those of v2. */
export function isV2(cgroups: readonly CgroupRecord[]): boolean {
  return cgroups.every(({ controller, parent }) => parent || controller === '');
}

/** In the order of runc. */
export function statsOf(reader: CgroupReader, version: 1 | 2): object {
  const { read } = reader;
  const { cpu, cpuset, memory, blkio, hugetlb } = version === 2 ? statsV2(reader) : statsV1(reader);
  const pids = { current: unlessZero(count(read('pids', 'pids.current'))), limit: unlessZero(count(read('pids', 'pids.max'))) };
  return { cpu, cpuset, memory, pids, blkio, hugetlb, intel_rdt: {}, network_interfaces: null };
}

export function containerStats(host: Host, cgroups: readonly CgroupRecord[]): object {
  return statsOf(cgroupReader(host, cgroups), isV2(cgroups) ? 2 : 1);
}
