// The processes in the container's cgroups.
import { isGone, isHostFailure } from '../errors.js';
import type { Host } from '../host/host.js';
import { identify, send } from '../container/process.js';
import type { CgroupRecord, ProcessIdentity } from '../container/record.js';

const SIGKILL = 9;
const EOPNOTSUPP = 95;
const fileLimit = 4 * 1024 * 1024;

/** A cgroup of threads, whose processes belong to the one above (cgroups(7), "Thread mode"). */
const isThreaded = (caught: unknown): boolean => isHostFailure(caught) && caught.errno === EOPNOTSUPP;

/** The processes of this cgroup itself; none if it is gone. 0 stands for a process of another pid namespace. */
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

/** The container's cgroup that holds every process of it: v1 has one per hierarchy. */
export function mainCgroup(cgroups: readonly CgroupRecord[]): CgroupRecord | undefined {
  const own = cgroups.filter(({ parent }) => !parent);
  return own.find(({ controller }) => controller.split(',').includes('freezer')) ?? own[0];
}

/** All processes of the container, sorted by pid. */
export function processesOf(host: Host, cgroups: readonly CgroupRecord[]): number[] {
  const cgroup = mainCgroup(cgroups);
  if (cgroup === undefined) return [];
  return [...new Set(host.cgroupProcesses(cgroup.path))].sort((one, other) => one - other);
}

/** Processes identified between two looks that both show them there: these are safe to signal. */
export function membersOf(host: Host, path: string): ProcessIdentity[] {
  const found = host.cgroupProcesses(path).map((pid) => identify(host, pid));
  const still = found.length === 0 ? new Set() : new Set(host.cgroupProcesses(path));
  return found.filter((process) => process !== null && still.has(process.pid)) as ProcessIdentity[];
}

/** Sends SIGKILL to every process in the cgroup and below, including those born meanwhile if the kernel can (v2, Linux 5.14). */
export function killCgroup(host: Host, path: string): void {
  const file = `${path}/cgroup.kill`;
  if (host.lstat(file) !== null) {
    try {
      host.writeControl(file, '1');
      return;
    } catch (caught) {
      // A cgroup removed meanwhile was empty; one of threads cannot be killed as a whole.
      if (!isHostFailure(caught)) throw caught;
    }
  }
  signalCgroup(host, path, SIGKILL);
}

/** Signals every process of the cgroup and of those below it. Returns how many there were. */
export function signalCgroup(host: Host, path: string, signal: number): number {
  return membersOf(host, path).filter((process) => send(host, process, signal)).length;
}
