// Intel RDT: the container's groups in resctrl, which explains failures in its file info/last_cmd_status.
import { fromHost, isHostFailure, PockerError } from '../errors.js';
import type { Host } from '../host/host.js';
import { schemataOf } from '../plan/planners/intel-rdt.js';
import type { RdtPlan } from '../plan/plan.js';
import { resourceOf, schemataAgree } from '../plan/rdt-schemata.js';
import type { RdtRecord } from './record.js';
import type { Linux } from '../plan/spec-types.js';
import type { UndoStack } from './undo.js';

const pointer = '/linux/intelRdt';
const smallFile = 65_536;
const ENOENT = 2;

/** What create is about to make, and therefore delete removes. A group that exists already, or that closID names, stays. */
export function surveyRdt(host: Host, plan: RdtPlan | null): RdtRecord | null {
  if (plan === null) return null;
  const groups = plan.monitoring === '' ? [plan.directory] : [plan.directory, plan.monitoring];
  const made = groups.filter((group) => (group === plan.monitoring || plan.remove) && host.lstat(group) === null);
  return { groups, made: made.reverse() };
}

function read(host: Host, path: string): string {
  try {
    return host.readText(path, smallFile).trim();
  } catch {
    return '';
  }
}

/** Runs one call on resctrl. Its error has the kernel's words. */
function attempt<T>(host: Host, root: string, field: string, action: () => T): T {
  try {
    return action();
  } catch (caught) {
    const words = read(host, `${root}/info/last_cmd_status`);
    const hint = words === '' || words === 'ok' ? {} : { hint: `The answer of resctrl: ${words}` };
    throw fromHost('E_HOST', 'cannot set up Intel RDT', caught, { pointer: field, ...hint });
  }
}

function assertAgrees(host: Host, { root, directory, schemata }: RdtPlan): void {
  const present = read(host, `${directory}/schemata`);
  const step = Number(read(host, `${root}/info/MB/bandwidth_gran`)) || 1;
  for (const { line, compared, pointer: field } of schemata) {
    if (!compared || schemataAgree(line, present, step)) continue;
    throw new PockerError('E_CONFIG_RULE', `${field}: ${directory} already exists with limits other than ${line}`, {
      pointer: field,
      path: `${directory}/schemata`,
      hint: 'Use another closID, or the limits of the existing group',
    });
  }
}

/** Makes the groups and writes their limits. */
export function makeRdt(host: Host, plan: RdtPlan | null, undo: UndoStack): void {
  if (plan === null) return;
  const { root, directory, make, schemata, monitoring } = plan;
  const there = host.lstat(directory) !== null;
  if (!there && !make) {
    throw new PockerError('E_CONFIG_RULE', `${pointer}/closID: ${directory} does not exist`, {
      pointer: `${pointer}/closID`,
      path: directory,
      hint: 'Create it first, or give schemata for a new one',
    });
  }
  const makeGroup = (group: string, field: string): void => {
    if (attempt(host, root, field, () => host.mkdir(group, 0o755, false))) undo.push('recorded', () => removeGroup(host, group));
  };
  if (there) assertAgrees(host, plan);
  else makeGroup(directory, `${pointer}/closID`);
  if (schemata.length > 0) {
    const text = schemata.map(({ line }) => `${line}\n`).join('');
    attempt(host, root, schemata[0]!.pointer, () => host.writeControl(`${directory}/schemata`, text));
  }
  if (monitoring !== '') makeGroup(monitoring, `${pointer}/enableMonitoring`);
}

/** Moves a process and all that it will fork. Its control group comes first: a monitoring group accepts only members of that. */
export function joinRdt(host: Host, rdt: RdtRecord | null | undefined, pid: number): void {
  for (const group of rdt?.groups ?? []) {
    try {
      host.writeControl(`${group}/tasks`, String(pid));
    } catch (caught) {
      throw fromHost('E_HOST', 'cannot put the process into its Intel RDT group', caught, { pointer });
    }
  }
}

function removeGroup(host: Host, group: string): void {
  try {
    host.rmdir(group);
  } catch (caught) {
    if (!(isHostFailure(caught) && caught.errno === ENOENT))
      throw fromHost('E_HOST', 'cannot remove the Intel RDT group', caught);
  }
}

/** Removes what create made for the container alone. */
export function removeRdt(host: Host, rdt: RdtRecord | null | undefined): void {
  for (const group of rdt?.made ?? []) removeGroup(host, group);
}

export type IntelRdt = NonNullable<Linux['intelRdt']>;

/** The errors of a machine without the feature, in runc's words. */
const features = {
  l3CacheSchema: { directory: 'L3', missing: 'Intel RDT/CAT: l3 cache schema is not enabled' },
  memBwSchema: { directory: 'MB', missing: 'Intel RDT/MBA: memory bandwidth schema is not enabled' },
} as const;

export interface RdtChange {
  /** Where resctrl is mounted, "" if it is not. */
  readonly root: string;
  readonly rdt: RdtRecord | null | undefined;
  readonly change: IntelRdt;
  readonly warn: (text: string) => void;
}

function assertChangeable(host: Host, { root, rdt, change }: RdtChange): string {
  for (const key of Object.keys(features) as (keyof typeof features)[]) {
    const { directory, missing } = features[key];
    if (change[key] === undefined || (root !== '' && host.lstat(`${root}/info/${directory}`) !== null)) continue;
    const hint = 'Mount resctrl, on a processor that supports it: mount -t resctrl resctrl /sys/fs/resctrl';
    throw new PockerError('E_UNSUPPORTED', missing, { pointer: `${pointer}/${key}`, hint });
  }
  const [group] = rdt?.groups ?? [];
  if (group !== undefined) return group;
  const hint = 'Set linux.intelRdt in its config: a container gets a group only when it is created';
  throw new PockerError('E_UNSUPPORTED', 'the container has no Intel RDT group', { pointer, hint });
}

/** Changes the limits of the container's group, which others may share (closID). Returns a function that reverts them. */
export function updateRdt(host: Host, request: RdtChange): () => void {
  const lines = schemataOf(request.change);
  if (lines.length === 0) return () => undefined;
  const path = `${assertChangeable(host, request)}/schemata`;
  const resources = new Set(lines.flatMap(({ line }) => line.split('\n').map(resourceOf)));
  const before = read(host, path)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => resources.has(resourceOf(line)));
  const write = (texts: readonly string[]): void => host.writeControl(path, texts.map((text) => `${text}\n`).join(''));
  const restore = (): void => {
    try {
      if (before.length > 0) write(before);
    } catch {
      request.warn(`could not be restored: ${path}`);
    }
  };
  try {
    attempt(host, request.root, lines[0]!.pointer, () => write(lines.map(({ line }) => line)));
  } catch (caught) {
    // The kernel accepts line by line, until one fails.
    restore();
    throw caught;
  }
  return restore;
}
