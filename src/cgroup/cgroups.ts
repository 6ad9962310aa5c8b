// Which cgroups a container has, and how they end. make.ts makes them.
import { fromHost, isHostFailure, PockerError } from '../errors.js';
import type { Host } from '../host/host.js';
import type { CgroupFacts } from '../host/host-facts.js';
import type { CgroupPlan } from '../plan/plan.js';
import { thawForDeath } from './freezer.js';
import type { CgroupRecord } from '../container/record.js';
import { pidfdOpen } from '../container/process.js';
import { isMade, levels } from './make.js';
import { killCgroup, membersOf } from './members.js';

const EBUSY = 16;
const removeWaitMs = 10_000;
/** How long to wait at a time for processes that end by themselves, before looking again who is there. */
const endWaitMs = 1000;
/** access(2) */
const W_OK = 2;

/** Whose a directory is: this container's own, made by some create, or somebody else's. */
type Origin = 'own' | 'made' | 'other';

/** The cgroups that the plan asks for, and those of their parents that go with the last container below. Deepest first. */
function recordsOf(plan: CgroupPlan, originOf: (path: string) => Origin): CgroupRecord[] {
  return plan.directories.flatMap((directory) => {
    const { controller, managed } = directory;
    const records: CgroupRecord[] = [];
    for (const path of levels(directory).reverse()) {
      const parent = path !== directory.path;
      // The parents of a unit's cgroups are slices, which belong to systemd.
      if (parent && managed) continue;
      const origin = originOf(path);
      const fresh = origin === 'own' && !managed;
      if (!parent || origin !== 'other') records.push({ path, controller, fresh, parent });
    }
    return records;
  });
}

/** The origin of a cgroup that another create may have made meanwhile. */
const originNow = (host: Host, path: string): Origin => (isMade(host.lstat(path)) ? 'made' : 'other');

/** Recorded before any is made: those that do not exist yet will be the container's own. */
export function surveyCgroups(host: Host, plan: CgroupPlan): CgroupRecord[] {
  return recordsOf(plan, (path) => {
    const status = host.lstat(path);
    return status === null ? 'own' : isMade(status) ? 'made' : 'other';
  });
}

/** What became of the surveyed cgroups: nearly always the same. */
export function madeCgroups(
  host: Host,
  plan: CgroupPlan,
  { surveyed, made }: { surveyed: readonly CgroupRecord[]; made: ReadonlySet<string> },
): readonly CgroupRecord[] {
  const expected = surveyed.filter(({ fresh }) => fresh);
  if (expected.length === made.size && expected.every(({ path }) => made.has(path))) return surveyed;
  return recordsOf(plan, (path) => (made.has(path) ? 'own' : originNow(host, path)));
}

/**
 * What to remove after a create that died half-way. `made`: whether it had made all of them. If not, another create may have made
 * them, and they go only if nobody is in them.
 */
export function ofIncompleteCreate(cgroups: readonly CgroupRecord[], made: boolean): CgroupRecord[] {
  return cgroups.filter(({ fresh, parent }) => fresh || parent).map((cgroup) => ({ ...cgroup, parent: cgroup.parent || !made }));
}

/** cgroups(7): moving a process requires the right to write to the cgroup that both places are below. */
export function mayMoveInto(host: Host, { unified }: CgroupFacts, into: string): boolean {
  if (unified === null || into === '') return true;
  const own = `${unified.mount}${unified.own}`.split('/');
  const target = into.split('/');
  const apart = target.findIndex((part, index) => part !== own[index]);
  const common = target.slice(0, apart < 0 ? target.length : apart).join('/');
  return host.access(`${common}/cgroup.procs`, W_OK);
}

/** A parent that was made on the way is left to whoever uses it by now. */
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
 * Waits until whoever is in them has ended, or time is up; false if nobody is. Processes that are already dying are not listed.
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
 * Removes the cgroups, waiting for processes that are still dying in them. With `kill`, first kills what runs in those that were
 * made for this container. E_CGROUP names who is left at the deadline.
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
    // With nobody there to make more cgroups, this comes to an end.
    if (!awaitEnds(host, left, dyingMs) && isFewer) deadline = host.monotonic() + removeWaitMs;
  }
  const busy = left.map(({ path }) => `${path} (pids ${host.cgroupProcesses(path).join(' ')})`).join(', ');
  throw new PockerError('E_CGROUP', `cannot remove the cgroup: device or resource busy: ${busy}`, { errno: EBUSY });
}
