// linux.resources for an existing container: which files of its cgroups change, and what the record remembers.
import { writeJson } from '../json/write.js';
import { PockerError } from '../errors.js';
import type { DeviceRule } from './plan.js';
import { HierarchyFiles, isSet, UnifiedFiles, type CgroupFiles } from './cgroup/files.js';
import type { ResourcePlanner } from './cgroup/shared.js';
import { planUnitChange } from './cgroup/systemd/systemd.js';
import { roundedQuota } from './cgroup/systemd/unit-properties.js';
import { resourcesV1 } from './cgroup/v1.js';
import { resourcesV2 } from './cgroup/v2.js';
import { warn, type Draft } from './draft.js';
import { pointerKey } from './paths.js';
import type { HostFacts } from '../host/host-facts.js';
import type { CgroupFile, PlanOptions, PlanWarning, UnitProperty } from './plan.js';
import { newDraft } from './resolve.js';
import type { Integer, Resources } from './spec-types.js';

/** One of the container's cgroups, as in the record. */
export interface UpdateTarget {
  /** v1: "cpu,cpuacct"; "" is v2. */
  readonly controller: string;
  readonly path: string;
}

export interface UpdatedDirectory {
  readonly path: string;
  readonly files: readonly CgroupFile[];
  /** v2: the rules of a new device program; null: it does not change. */
  readonly devices: readonly DeviceRule[] | null;
  /** The device rules so far, which cannot be read from files: needed to revert to them. */
  readonly before: DeviceRules;
}

/** v1 has files, v2 a program made from rules. */
export interface DeviceRules {
  readonly files: readonly CgroupFile[];
  readonly rules: readonly DeviceRule[];
}

export interface UpdatePlan {
  readonly version: 1 | 2;
  readonly directories: readonly UpdatedDirectory[];
  /** Properties for the cgroups' systemd unit. */
  readonly properties: readonly UnitProperty[];
  readonly warnings: readonly PlanWarning[];
  /** What the container's config says from now on. */
  readonly resources: Resources;
}

export interface UpdateInput {
  /** What is to change, judged. */
  readonly change: Resources;
  /** What the container's config says so far. */
  readonly recorded: Resources;
  readonly targets: readonly UpdateTarget[];
}

type Section = Readonly<Record<string, unknown>>;

function isSection(value: unknown): value is Section {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Engines send 0 and "" for "unchanged", except in the limit of pids. */
function isGiven(value: unknown, key: string): boolean {
  return value !== undefined && value !== '' && (key === 'pids' || (value !== 0 && value !== 0n));
}

/** Puts the sections of `change` over those of `recorded`, field by field. */
function merge(recorded: Resources, change: Resources): Resources {
  const merged: Record<string, unknown> = { ...recorded };
  for (const [key, value] of Object.entries(change)) {
    const before = merged[key];
    const given = isSection(value) ? Object.fromEntries(Object.entries(value).filter(([, one]) => isGiven(one, key))) : value;
    merged[key] = isSection(given) && isSection(before) ? { ...before, ...given } : given;
  }
  return merged;
}

const either = (given: Integer | undefined, recorded: Integer | undefined): Integer | undefined =>
  isSet(given) ? given : recorded;

/** v2 has one file for quota and period, and counts swap without memory: a missing half keeps its former value. */
function completed({ cpu, memory, ...change }: Resources, recorded: Resources): Resources {
  const bandwidth = isSet(cpu?.quota) || isSet(cpu?.period);
  const quota = either(cpu?.quota, recorded.cpu?.quota);
  const period = either(cpu?.period, recorded.cpu?.period);
  const limit = isSet(memory?.swap) ? either(memory.limit, recorded.memory?.limit) : memory?.limit;
  return {
    ...change,
    ...(cpu === undefined
      ? {}
      : {
          cpu: bandwidth
            ? { ...cpu, ...(quota === undefined ? {} : { quota }), ...(period === undefined ? {} : { period }) }
            : cpu,
        }),
    ...(memory === undefined ? {} : { memory: limit === undefined ? memory : { ...memory, limit } }),
  };
}

/** v2: a new memory limit leaves the swap limit as it is, so their sum changes. */
function keepSwap(resources: Resources, { memory: change }: Resources, { memory: before }: Resources): Resources {
  const [limit, swap, now] = [before?.limit, before?.swap, change?.limit];
  if (!isSet(now) || isSet(change?.swap) || !isSet(limit) || !isSet(swap) || swap < 0 || limit < 0) return resources;
  const sum = BigInt(swap) - BigInt(limit) + BigInt(now);
  const kept = BigInt(now) === -1n ? -1 : sum <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(sum) : sum;
  return { ...resources, memory: { ...resources.memory, swap: kept } };
}

/** Devices that stay allowed must not be taken away even for a moment: an equal list counts as none. */
function withoutSameDevices(change: Resources, recorded: Resources): Resources {
  const { devices, ...others } = change;
  const same = devices === undefined || writeJson(devices) === writeJson(recorded.devices ?? []);
  return same ? others : change;
}

function planFiles<T extends CgroupFiles>(files: T, planners: Readonly<Record<string, unknown>>, change: Resources): T {
  for (const key of Object.keys(planners) as (keyof Resources)[]) {
    if (change[key] !== undefined) (planners[key] as ResourcePlanner<unknown>)(files, change[key], `/linux/resources/${key}`);
  }
  return files;
}

const isKnown = (key: string): key is keyof Resources => Object.hasOwn(resourcesV2, key);

/** As in a config, unknown fields are ignored. */
function withoutUnknown(change: Resources): Resources {
  return Object.fromEntries(Object.entries(change).filter(([key]) => isKnown(key)));
}

/** Warns, since a mistyped name may be all that there is. */
function warnOfUnknown(draft: Draft, change: Resources): void {
  for (const key of Object.keys(change))
    if (!isKnown(key)) warn(draft, `/linux/resources/${pointerKey(key)}`, 'is unknown; ignored');
}

/** What the resources write into the container's cgroups: by directory, in the order of the targets. */
function filesFor(draft: Draft, targets: readonly UpdateTarget[], resources: Resources): DeviceRules[] {
  if (isUnified(targets)) {
    const { list, devices } = planFiles(new UnifiedFiles(draft), resourcesV2, resources);
    return [{ files: list, rules: devices }];
  }
  const lists = new Map<string, CgroupFile[]>();
  const directories = targets.map(({ controller }) => {
    const files: CgroupFile[] = [];
    for (const one of controller.split(',')) lists.set(one, files);
    return { files, rules: [] };
  });
  planFiles(new HierarchyFiles(draft, lists), resourcesV1, resources);
  return directories;
}

const isUnified = (targets: readonly UpdateTarget[]): boolean => targets.every(({ controller }) => controller === '');

/** Pure, with the errors of resolve(). */
export function planUpdate(input: UpdateInput, facts: HostFacts, options: PlanOptions): UpdatePlan {
  const { recorded } = input;
  const change = withoutSameDevices(withoutUnknown(input.change), recorded);
  if (input.targets.length === 0)
    throw new PockerError('E_CGROUP', 'the container has no cgroup of its own to limit', {
      hint: 'Create it where cgroups can be made: as root, or as a user to whom systemd delegates cgroup v2 controllers',
    });
  const draft = newDraft({ ociVersion: '1.0.0', linux: { resources: change } }, facts, options);
  warnOfUnknown(draft, input.change);
  const v2 = isUnified(input.targets);
  const targets = v2 ? input.targets.slice(0, 1) : input.targets.filter(({ controller }) => controller !== '');
  const ofUnit = options.cgroupManager === 'systemd';
  const full = v2 || ofUnit ? completed(change, recorded) : change;
  const limits = ofUnit ? roundedQuota(full) : full;
  const properties = ofUnit ? planUnitChange(draft, limits, v2) : [];
  const written = filesFor(draft, targets, limits);
  const before = filesFor(draft, targets, change.devices === undefined ? {} : { devices: recorded.devices ?? [] });
  const directories = targets.map(({ path }, index) => {
    const { files, rules } = written[index]!;
    return { path, files, devices: v2 && change.devices !== undefined ? rules : null, before: before[index]! };
  });
  const resources = v2 ? keepSwap(merge(recorded, change), change, recorded) : merge(recorded, change);
  return { version: v2 ? 2 : 1, directories, properties, warnings: draft.warnings, resources };
}
