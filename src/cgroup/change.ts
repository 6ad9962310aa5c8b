// Changes to a cgroup that is in use, which can be reverted.
import { fromHost, PockerError } from '../errors.js';
import type { Host } from '../host/host.js';
import { compileDeviceRules } from '../plan/cgroup/device-program.js';
import type { CgroupFile, DeviceRule } from '../plan/plan.js';
import { writeFile } from './make.js';

const EBUSY = 16;
const EINVAL = 22;
const fileLimit = 1024 * 1024;

interface Step {
  readonly path: string;
  readonly restore: () => void;
}

/** How it was before the changes. */
export class Before {
  readonly #steps: Step[] = [];

  add(path: string, restore: () => void): void {
    this.#steps.push({ path, restore });
  }

  /** Reverts everything, newest first, so that each step leads to an earlier state. Returns the error, with what is stuck. */
  restore(cause: unknown): unknown {
    const stuck = new Set<string>();
    for (const { path, restore } of this.#steps.splice(0).reverse()) {
      try {
        restore();
      } catch {
        stuck.add(path);
      }
    }
    if (stuck.size === 0 || !(cause instanceof PockerError)) return cause;
    return new PockerError(cause.code, `${cause.message}; could not be reverted: ${[...stuck].join(', ')}`, cause.details);
  }
}

export interface Change {
  readonly directory: string;
  readonly entry: CgroupFile;
}

/** Files with a line per device or interface: the line that removes a limit that was not there before. */
const noLimit: readonly (readonly [file: RegExp, line: (device: string) => string])[] = [
  [/^blkio\.throttle\./, (device) => `${device} 0`],
  [/^io\.max$/, (device) => `${device} rbps=max wbps=max riops=max wiops=max`],
  [/^rdma\.max$/, (device) => `${device} hca_handle=max hca_object=max`],
  [/^(blk)?io\.(bfq\.)?(leaf_)?weight/, (device) => `${device} default`],
];

/** What to write to restore a file that contained `text` before `value` was written to it. */
export function textBefore(file: string, text: string, value: string): string {
  const disabled = /^oom_kill_disable (\d)/.exec(text)?.[1];
  if (disabled !== undefined) return disabled;
  const [device = '', second] = value.split(' ');
  const byDevice = second === undefined ? undefined : noLimit.find(([pattern]) => pattern.test(file));
  const isList = byDevice !== undefined || file === 'net_prio.ifpriomap' || text.includes('\n');
  // Writing nothing changes nothing: an empty line means "none".
  if (!isList) return text === '' ? '\n' : text;
  const key = second === undefined ? 'default' : device;
  const line = text.split('\n').find((one) => one.startsWith(`${key} `));
  return line ?? byDevice?.[1](device) ?? text;
}

/** Reads each file that the change may write to. */
function readBefore(host: Host, { directory, entry }: Change): Step[] {
  const limits = [entry, ...(entry.otherwise === undefined ? [] : [entry.otherwise])];
  return limits.flatMap(({ file, value }) => {
    const path = `${directory}/${file}`;
    if (host.lstat(path) === null) return [];
    const text = tryRead(host, path);
    return { path, restore: () => host.writeControl(path, textBefore(file, text(), value)) };
  });
}

/** An unreadable file cannot be restored; that is an error only when it must be. */
function tryRead(host: Host, path: string): () => string {
  try {
    const text = host.readText(path, fileLimit).trim();
    return () => text;
  } catch (caught) {
    return () => {
      throw caught;
    };
  }
}

interface Refusal {
  readonly change: Change;
  readonly reason: unknown;
}

const isRefusal = (reason: unknown): boolean =>
  reason instanceof PockerError && [EINVAL, EBUSY].includes(reason.details.errno ?? 0);

/** null once it is written. */
function tryWrite(host: Host, change: Change, before: Before): Refusal | null {
  const steps = readBefore(host, change);
  try {
    writeFile(host, change.directory, change.entry);
  } catch (reason) {
    if (isRefusal(reason)) return { change, reason };
    throw reason;
  }
  for (const { path, restore } of steps) before.add(path, restore);
  return null;
}

/** The kernel refuses some limits until another one has changed (memory and swap, quota and period): retries those. */
export function writeChanges(host: Host, changes: readonly Change[], before: Before): void {
  let left = changes;
  while (left.length > 0) {
    const refused = left.map((change) => tryWrite(host, change, before)).filter((refusal) => refusal !== null);
    if (refused.length === left.length) throw refused[0]!.reason;
    left = refused.map(({ change }) => change);
  }
}

/** v1: takes several writes; in between, nobody should open a device. `recorded`: what was written before. */
export function writeDevices(
  host: Host,
  directory: string,
  { files, recorded }: { readonly files: readonly CgroupFile[]; readonly recorded: readonly CgroupFile[] },
  before: Before,
): void {
  before.add(`${directory}/devices.list`, () => recorded.forEach((entry) => writeFile(host, directory, entry)));
  for (const entry of files) writeFile(host, directory, entry);
}

/** v2: a single change. */
export function replaceDevices(
  host: Host,
  directory: string,
  { rules, recorded }: { readonly rules: readonly DeviceRule[]; readonly recorded: readonly DeviceRule[] },
  before: Before,
): void {
  try {
    host.replaceDeviceProgram(directory, compileDeviceRules(rules));
  } catch (caught) {
    throw fromHost('E_CGROUP', 'cannot restrict devices', caught, { pointer: '/linux/resources/devices' });
  }
  before.add(directory, () => host.replaceDeviceProgram(directory, compileDeviceRules(recorded)));
}
