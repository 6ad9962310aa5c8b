// Who is in the container's cgroups.
import { isHostFailure } from '../errors.js';
import type { Host } from '../host/host.js';
import { identify, send } from '../container/process.js';
import type { CgroupRecord, ProcessIdentity } from '../container/record.js';

const SIGKILL = 9;
const fileLimit = 4 * 1024 * 1024;

/** Processes of this very cgroup; none when it is gone. 0 is one of another pid namespace. */
export function processesIn(host: Host, path: string): number[] {
  try {
    return host
      .readText(`${path}/cgroup.procs`, fileLimit)
      .split('\n')
      .map(Number)
      .filter((pid) => pid > 0);
  } catch (caught) {
    if (isHostFailure(caught)) return [];
    throw caught;
  }
}

export function childrenOf(host: Host, path: string): string[] {
  try {
    return host
      .readdir(path)
      .map((name) => `${path}/${name}`)
      .filter((child) => host.lstat(child)?.type === 'directory');
  } catch (caught) {
    if (isHostFailure(caught)) return [];
    throw caught;
  }
}

function processesBelow(host: Host, path: string): number[] {
  return [...processesIn(host, path), ...childrenOf(host, path).flatMap((child) => processesBelow(host, child))];
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
  return [...new Set(processesBelow(host, cgroup.path))].sort((one, other) => one - other);
}

/** Whoever was identified between two looks that both show it in the cgroup is the one to signal. */
function membersOf(host: Host, path: string): ProcessIdentity[] {
  const found = processesIn(host, path)
    .map((pid) => identify(host, pid))
    .filter((process) => process !== null);
  const still = new Set(processesIn(host, path));
  return found.filter(({ pid }) => still.has(pid));
}

export function membersBelow(host: Host, path: string): ProcessIdentity[] {
  return [...membersOf(host, path), ...childrenOf(host, path).flatMap((child) => membersBelow(host, child))];
}

/** SIGKILL for everybody in the cgroup and below, whoever is born meanwhile included where the kernel can (v2, Linux 5.14). */
export function killCgroup(host: Host, path: string): void {
  const file = `${path}/cgroup.kill`;
  if (host.lstat(file) === null) {
    signalCgroup(host, path, SIGKILL);
    return;
  }
  try {
    host.writeControl(file, '1');
  } catch (caught) {
    // It was removed meanwhile, and so it was empty.
    if (!isHostFailure(caught)) throw caught;
  }
}

/** Signals every process of the cgroup and of those below it; how many there were. */
export function signalCgroup(host: Host, path: string, signal: number): number {
  let count = 0;
  for (const child of childrenOf(host, path)) count += signalCgroup(host, child, signal);
  for (const process of membersOf(host, path)) {
    if (send(host, process, signal)) count += 1;
  }
  return count;
}
