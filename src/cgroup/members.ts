// Who is in the container's cgroups.
import { isGone, isHostFailure } from '../errors.js';
import type { Host } from '../host/host.js';
import { identify, send } from '../container/process.js';
import type { CgroupRecord, ProcessIdentity } from '../container/record.js';

const SIGKILL = 9;
const EOPNOTSUPP = 95;
const fileLimit = 4 * 1024 * 1024;

/** A cgroup of threads, whose processes are those of the one above (cgroups(7), "Thread mode"). */
const isThreaded = (caught: unknown): boolean => isHostFailure(caught) && caught.errno === EOPNOTSUPP;

/** Processes of this very cgroup; none when it is gone. 0 is one of another pid namespace. */
export function processesIn(host: Host, path: string): number[] {
  try {
    return host
      .readText(`${path}/cgroup.procs`, fileLimit)
      .split('\n')
      .map(Number)
      .filter((pid) => pid > 0);
  } catch (caught) {
    if (isGone(caught) || isThreaded(caught)) return [];
    throw caught;
  }
}

/** The one of the container's cgroups that every process of it is in: v1 has one per hierarchy. */
export function mainCgroup(cgroups: readonly CgroupRecord[]): CgroupRecord | undefined {
  const own = cgroups.filter(({ parent }) => !parent);
  return own.find(({ controller }) => controller.split(',').includes('freezer')) ?? own[0];
}

/** Every process of the container, in the order of their pids. */
export function processesOf(host: Host, cgroups: readonly CgroupRecord[]): number[] {
  const cgroup = mainCgroup(cgroups);
  if (cgroup === undefined) return [];
  return [...new Set(host.cgroupProcesses(cgroup.path))].sort((one, other) => one - other);
}

/** Whoever was identified between two looks that both show it there is the one to signal. */
export function membersOf(host: Host, path: string): ProcessIdentity[] {
  const found = host.cgroupProcesses(path).map((pid) => identify(host, pid));
  const still = found.length === 0 ? new Set() : new Set(host.cgroupProcesses(path));
  return found.filter((process) => process !== null && still.has(process.pid)) as ProcessIdentity[];
}

/** SIGKILL for everybody in the cgroup and below, whoever is born meanwhile included where the kernel can (v2, Linux 5.14). */
export function killCgroup(host: Host, path: string): void {
  const file = `${path}/cgroup.kill`;
  if (host.lstat(file) !== null) {
    try {
      host.writeControl(file, '1');
      return;
    } catch (caught) {
      // One that was removed meanwhile was empty; one of threads cannot be killed as a whole.
      if (!isHostFailure(caught)) throw caught;
    }
  }
  signalCgroup(host, path, SIGKILL);
}

/** Signals every process of the cgroup and of those below it; how many there were. */
export function signalCgroup(host: Host, path: string, signal: number): number {
  return membersOf(host, path).filter((process) => send(host, process, signal)).length;
}
