// update: other limits for a container that runs, all of them or none.
import { fromHost, isHostFailure, PockerError } from '../errors.js';
import { gatherFacts } from '../host/facts.js';
import type { Host } from '../host/host.js';
import { writeJson } from '../json/write.js';
import { compileDeviceRules } from '../plan/cgroup/device-program.js';
import type { CgroupFile, PlanOptions } from '../plan/plan.js';
import type { Linux, Resources, Spec } from '../plan/spec-types.js';
import { planUpdate, type UpdatePlan } from '../plan/update.js';
import { freeze, isFrozen, thawQuietly } from '../cgroup/freezer.js';
import { assertAllowed } from '../container/machine.js';
import { statusOf } from './query.js';
import type { ContainerRecord, UnitRecord } from '../container/record.js';
import { Store, type LockedDirectory } from '../container/store.js';
import { writeFile } from '../cgroup/make.js';
import { updateRdt, type IntelRdt } from '../container/resctrl.js';
import { readSpec } from './stored-config.js';
import { setUnitProperties } from '../cgroup/systemd.js';

const EBUSY = 16;
const EINVAL = 22;
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

/** E_STATE ("container not running") when it has stopped, E_CGROUP with the file that the kernel refuses. */
export function updateContainer(host: Host, options: UpdateOptions): void {
  const { root, id, change, rdt, warn } = options;
  const store = new Store(host, root);
  const directory = store.lock(id);
  try {
    const record = store.read(id);
    assertAllowed('update', statusOf(host, directory.path, record), id);
    const spec = readSpec(store, id);
    const targets = record.cgroups.filter(({ parent }) => !parent);
    const input = { change, recorded: spec.linux?.resources ?? {}, targets };
    const facts = gatherFacts(host);
    const plan = planUpdate(input, facts, planOptions(record, options));
    for (const { pointer, text } of plan.warnings) warn(text, { pointer });
    checkMemory(host, plan, change);
    const restore = updateRdt(host, { root: facts.resctrl, rdt: record.rdt, change: rdt, warn });
    try {
      apply(host, record, plan);
    } catch (caught) {
      restore();
      throw caught;
    }
    remember(directory, { ...spec, linux: { ...spec.linux, resources: plan.resources, ...merged(spec, rdt) } });
  } finally {
    directory.unlock();
  }
}

function planOptions({ id, bundle, unit }: ContainerRecord, { rootless }: UpdateOptions): PlanOptions {
  const none = { noPivot: false, noNewKeyring: true, preserveFds: 0, listenFds: 0, consoleSocket: false } as const;
  return { id, bundle, cgroupManager: unit === null ? 'cgroupfs' : 'systemd', rootless, ...none };
}

function merged({ linux }: Spec, change: IntelRdt): Pick<Linux, 'intelRdt'> {
  return linux?.intelRdt === undefined ? {} : { intelRdt: { ...linux.intelRdt, ...change } };
}

function remember(directory: LockedDirectory, config: object): void {
  directory.replaceConfig(writeJson(config));
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

interface Change {
  readonly directory: string;
  readonly entry: CgroupFile;
}

/** What a file had before; null when it cannot be written back as it was read. */
interface Previous {
  readonly path: string;
  readonly text: string | null;
}

function apply(host: Host, record: ContainerRecord, plan: UpdatePlan): void {
  const changes = plan.directories.flatMap(({ path, files }) => files.map((entry) => ({ directory: path, entry })));
  // Devices of v1 change in several steps, between which nobody may open one.
  const inSteps = changes.some(({ entry }) => entry.file.startsWith('devices.')) && !isFrozen(host, record.cgroups);
  if (inSteps) freeze(host, record.cgroups);
  try {
    const previous = writeAll(host, changes);
    if (record.unit !== null) tellSystemd(host, record.unit, plan, previous);
    for (const { path, devices } of plan.directories) {
      if (devices !== null) host.replaceDeviceProgram(path, compileDeviceRules(devices));
    }
  } catch (caught) {
    throw fromHost('E_CGROUP', 'cannot restrict devices', caught, { pointer: '/linux/resources/devices' });
  } finally {
    if (inSteps) thawQuietly(host, record.cgroups);
  }
}

/** Last, since it takes the longest: what it will not keep is not to stay in the files either. */
function tellSystemd(host: Host, unit: UnitRecord, { properties }: UpdatePlan, previous: readonly Previous[]): void {
  try {
    setUnitProperties(host, unit, properties);
  } catch (caught) {
    throw undone(host, previous, caught);
  }
}

function errnoOf(caught: unknown): number {
  return caught instanceof PockerError ? (caught.details.errno ?? 0) : 0;
}

/** The kernel refuses some limits until another one has changed (memory and swap, quota and period): those are tried again. */
function writeAll(host: Host, changes: readonly Change[]): Previous[] {
  const previous: Previous[] = [];
  let left = changes;
  while (left.length > 0) {
    const refused = left.map((change) => tryWrite(host, change, previous)).filter((refusal) => refusal !== null);
    if (refused.length === left.length) throw undone(host, previous, refused[0]!.reason);
    left = refused.map(({ change }) => change);
  }
  return previous;
}

interface Refusal {
  readonly change: Change;
  readonly reason: unknown;
}

/** null when it is written; what was there before is then added to `previous`. */
function tryWrite(host: Host, change: Change, previous: Previous[]): Refusal | null {
  const before = read(host, change);
  try {
    writeFile(host, change.directory, change.entry);
  } catch (reason) {
    if ([EINVAL, EBUSY].includes(errnoOf(reason))) return { change, reason };
    throw undone(host, previous, reason);
  }
  previous.push(...before);
  return null;
}

function read(host: Host, { directory, entry }: Change): Previous[] {
  const names = [entry.file, ...(entry.otherwise === undefined ? [] : [entry.otherwise.file])];
  return names.flatMap((name) => {
    const path = `${directory}/${name}`;
    if (host.stat(path) === null) return [];
    try {
      const text = host.readText(path, fileLimit).trim();
      return [{ path, text: /^[^\n:]*$/.test(text) ? text : null }];
    } catch (caught) {
      if (isHostFailure(caught)) return [{ path, text: null }];
      throw caught;
    }
  });
}

/** The error, once what was written before it is set back; what could not be is named. */
function undone(host: Host, previous: readonly Previous[], caught: unknown): unknown {
  const stuck = new Set<string>();
  for (const { path, text } of previous.toReversed()) {
    try {
      if (text !== null) host.writeControl(path, text);
      if (text === null) stuck.add(path);
    } catch {
      stuck.add(path);
    }
  }
  if (stuck.size === 0 || !(caught instanceof PockerError)) return caught;
  return new PockerError(caught.code, `${caught.message}; changed all the same: ${[...stuck].join(', ')}`, caught.details);
}
