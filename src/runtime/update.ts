// update: changes the limits of a running container, all of them or none.
import { PockerError } from '../errors.js';
import { gatherFacts } from '../host/facts.js';
import type { Host } from '../host/host.js';
import { writeJson } from '../json/write.js';
import type { CgroupFile, PlanOptions } from '../plan/plan.js';
import type { Linux, Resources, Spec } from '../plan/spec-types.js';
import { planUpdate, type UpdatePlan } from '../plan/update.js';
import { freeze, isFrozen, thawQuietly } from '../cgroup/freezer.js';
import { withLocked } from './shared/state-machine.js';
import type { ContainerRecord } from '../container/record.js';
import type { LockedDirectory } from '../container/store.js';
import { Before, replaceDevices, writeChanges, writeDevices } from '../cgroup/change.js';
import { updateRdt, type IntelRdt } from '../container/resctrl.js';
import { validateStored } from '../spec/validate.js';
import { setUnitProperties } from '../cgroup/systemd.js';

const fileLimit = 1024 * 1024;

export interface UpdateOptions {
  readonly root: string;
  readonly id: string;
  readonly change: Resources;
  /** Limits of its Intel RDT group, judged. */
  readonly rdt: IntelRdt;
  readonly rootless: boolean;
  readonly warn: (text: string, fields?: Readonly<Record<string, unknown>>) => void;
}

/** E_STATE ("container not running") if it has stopped, E_CGROUP with the file that the kernel refuses. */
export function updateContainer(host: Host, options: UpdateOptions): void {
  const { id, change, rdt, warn } = options;
  withLocked(host, options, 'update', ({ store, directory, record }) => {
    const spec = validateStored(store.readConfig(id));
    const targets = record.cgroups.filter(({ parent }) => !parent);
    const input = { change, recorded: spec.linux?.resources ?? {}, targets };
    const facts = gatherFacts(host);
    const plan = planUpdate(input, facts, planOptions(record, options));
    for (const { pointer, text } of plan.warnings) warn(text, { pointer });
    checkMemory(host, plan, change);
    const before = new Before();
    const config = { ...spec, linux: { ...spec.linux, resources: plan.resources, ...merged(spec, rdt) } };
    whileFrozen(host, record, plan, () => {
      try {
        before.add('', updateRdt(host, { root: facts.resctrl, rdt: record.rdt, change: rdt, warn }));
        apply(host, plan, before);
        remember(directory, store.readConfig(id), writeJson(config), before);
        // Last, because it takes the longest. What systemd does not accept must not stay in the files either.
        if (record.unit !== null) setUnitProperties(host, record.unit, plan.properties);
      } catch (caught) {
        throw before.restore(caught);
      }
    });
  });
}

function planOptions({ id, bundle, unit }: ContainerRecord, { rootless }: UpdateOptions): PlanOptions {
  const none = { noPivot: false, noNewKeyring: true, preserveFds: 0, listenFds: 0, consoleSocket: false } as const;
  return { id, bundle, cgroupManager: unit === null ? 'cgroupfs' : 'systemd', rootless, ...none };
}

function merged({ linux }: Spec, change: IntelRdt): Pick<Linux, 'intelRdt'> {
  return linux?.intelRdt === undefined ? {} : { intelRdt: { ...linux.intelRdt, ...change } };
}

function remember(directory: LockedDirectory, old: string, text: string, before: Before): void {
  directory.replaceConfig(text);
  before.add(directory.path, () => directory.replaceConfig(old));
}

/** config-linux.md, checkBeforeUpdate: v2 would kill for a limit below the usage; v1 refuses by itself. */
function checkMemory(host: Host, { version, directories }: UpdatePlan, { memory }: Resources): void {
  if (version === 1 || memory?.checkBeforeUpdate !== true) return;
  const usage = BigInt(host.readText(`${directories[0]!.path}/memory.current`, fileLimit).trim());
  for (const [key, what] of [
    ['swap', 'memory+swap limit'],
    ['limit', 'memory limit'],
  ] as const) {
    const value = BigInt(memory[key] ?? 0);
    if (value > 0n && value <= usage) {
      const pointer = `/linux/resources/memory/${key}`;
      throw new PockerError('E_CGROUP', `rejecting ${what} ${value} <= usage ${usage}`, { pointer });
    }
  }
}

const ofDevices = ({ file }: CgroupFile): boolean => file.startsWith('devices.');

/** Writes the limits first, since the kernel may refuse some; then what it refuses only if something is wrong. */
function apply(host: Host, { directories }: UpdatePlan, before: Before): void {
  const limits = directories.flatMap(({ path, files }) =>
    files.filter((entry) => !ofDevices(entry)).map((entry) => ({ directory: path, entry })),
  );
  writeChanges(host, limits, before);
  for (const { path, files, devices, before: recorded } of directories) {
    const rules = files.filter(ofDevices);
    if (rules.length > 0) writeDevices(host, path, { files: rules, recorded: recorded.files }, before);
    if (devices !== null) replaceDevices(host, path, { rules: devices, recorded: recorded.rules }, before);
  }
}

/** Changing devices on v1 takes several steps; in between, nobody may open one. */
function whileFrozen(host: Host, { cgroups }: ContainerRecord, { directories }: UpdatePlan, body: () => void): void {
  const inSteps = directories.some(({ files }) => files.some(ofDevices)) && !isFrozen(host, cgroups);
  if (!inSteps) return body();
  freeze(host, cgroups);
  try {
    body();
  } finally {
    thawQuietly(host, cgroups);
  }
}
