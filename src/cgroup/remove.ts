// Removes a container's cgroups, with whatever still runs in them.
import { fromHost, isHostFailure, PockerError } from '../errors.js';
import type { Host } from '../host/host.js';
import { thawForDeath } from './freezer.js';
import type { CgroupRecord } from '../container/record.js';
import { pidfdOpen } from '../container/process.js';
import { killCgroup, membersOf } from './members.js';

const EBUSY = 16;
const removeWaitMs = 10_000;
/** How long to wait for processes that end by themselves, before looking again. */
const endWaitMs = 1000;

/** A parent that was made on the way is left to its current users. */
function removeParent(host: Host, path: string): void {
  try {
    host.rmdir(path);
  } catch (caught) {
    if (!isHostFailure(caught)) throw caught;
  }
}

/** Limits one round of removing, since a container may go on making new cgroups. */
const roundMs = 1000;

/** Removes the cgroup and all below it. */
function tryRemove(host: Host, path: string): { readonly gone: boolean; readonly removed: number } {
  try {
    return host.removeCgroup(path, roundMs);
  } catch (caught) {
    throw fromHost('E_CGROUP', 'cannot remove the cgroup', caught);
  }
}

/**
 * Waits until its processes have ended, or time is up; false if there are none. Processes that are already dying are not listed.
 */
function awaitEnds(host: Host, left: readonly CgroupRecord[], dyingMs: number): boolean {
  const deadline = host.monotonic() + endWaitMs;
  let found = false;
  for (const process of left.flatMap(({ path }) => membersOf(host, path))) {
    const pidfd = pidfdOpen(host, process);
    if (pidfd < 0) continue;
    found = true;
    host.waitPidfd(pidfd, Math.max(0, Math.ceil(deadline - host.monotonic())));
    host.close(pidfd);
  }
  if (!found) host.sleep(dyingMs);
  return found;
}

/**
 * Removes the cgroups, waiting for processes that are still dying in them. With `kill`, first kills everything in those that were
 * made for this container. At the deadline, E_CGROUP names what is left.
 */
export function removeCgroups(host: Host, cgroups: readonly CgroupRecord[], kill: boolean): void {
  let left = cgroups.filter(({ parent }) => !parent);
  let deadline = host.monotonic() + removeWaitMs;
  for (let dyingMs = 1; ; dyingMs = Math.min(dyingMs * 2, 50)) {
    const tries = left.map((cgroup) => ({ cgroup, ...tryRemove(host, cgroup.path) }));
    left = tries.filter(({ gone }) => !gone).map(({ cgroup }) => cgroup);
    if (left.length === 0) return cgroups.filter(({ parent }) => parent).forEach(({ path }) => removeParent(host, path));
    if (kill) {
      left.filter(({ fresh }) => fresh).forEach(({ path }) => killCgroup(host, path));
      thawForDeath(host, left);
    }
    if (host.monotonic() > deadline) break;
    const isFewer = tries.some(({ removed }) => removed > 0);
    // With no process left to make more cgroups, this comes to an end.
    if (!awaitEnds(host, left, dyingMs) && isFewer) deadline = host.monotonic() + removeWaitMs;
  }
  const busy = left.map(({ path }) => `${path} (pids ${host.cgroupProcesses(path).join(' ')})`).join(', ');
  throw new PockerError('E_CGROUP', `cannot remove the cgroup: device or resource busy: ${busy}`, { errno: EBUSY });
}
