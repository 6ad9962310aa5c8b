// The record of a container's cgroups: which it has, and which of them it made. make.ts makes them, remove.ts removes them.
import type { Host } from '../host/host.js';
import type { CgroupPlan } from '../plan/plan.js';
import type { CgroupRecord } from '../container/record.js';
import { isMade, levels } from './make.js';

/** Whose a directory is: this container's own, made by some create, or somebody else's. */
type Origin = 'own' | 'made' | 'other';

/** The plan's cgroups, and those of their parents that go with the last container below. Deepest first. */
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

/** The outcome for the surveyed cgroups: nearly always the same. */
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
