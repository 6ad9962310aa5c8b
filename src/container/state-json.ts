// state.json as text: the record of an older version is migrated, one that is newer or not ours is refused, and one of an earlier
// boot names nothing that exists. Never guesses.
import { fromHost, isGone, PockerError } from '../errors.js';
import type { Host } from '../host/host.js';
import { bootId } from './process.js';
import { currentVersion, type ContainerRecord, type ProcessIdentity } from './record.js';

const TMPFS_MAGIC = 0x0102_1994;

type Fields = Readonly<Record<string, unknown>>;

/** newer: by a later version of this program. foreign: by another program. broken: by nobody. */
export type Unreadable = 'newer' | 'foreign' | 'broken';

export class UnreadableRecord extends PockerError {
  constructor(
    readonly why: Unreadable,
    id: string,
    text: string,
    details: { readonly hint: string; readonly cause?: unknown },
  ) {
    super('E_HOST', `container ${JSON.stringify(id)}: ${text}`, details);
  }
}

function broken(id: string, what: string, cause?: unknown): UnreadableRecord {
  const hint = 'Remove its state directory, but nothing else of the container, with delete --force';
  return new UnreadableRecord('broken', id, `its state.json ${what}`, { hint, cause });
}

const v1Controllers = /^(?:(?:cpu|cpuacct|cpuset|memory|devices|freezer|blkio|pids|net_cls|net_prio|hugetlb)(?:,|$))+/;

/** The directory that the hierarchy is mounted on. */
const mountOf = (path: unknown): string => /^\/sys\/fs\/cgroup\/([^/]+)\//.exec(String(path))?.[1] ?? '';

/** Judges by the paths alone: where one is in the hierarchy of a v1 controller, v2 has a mount of its own. */
function withControllers(entries: readonly Fields[]): Fields[] {
  const isV1 = entries.some(({ path }) => v1Controllers.test(mountOf(path)));
  return entries.map((entry) => {
    const mount = mountOf(entry['path']);
    const controller = !isV1 || mount === 'unified' ? '' : mount === 'systemd' ? 'name=systemd' : mount;
    return { controller, ...entry };
  });
}

/** By the version that they start from: each makes a record of the next one. A field that did not exist then means: not done. */
const migrations: Readonly<Record<number, (record: Fields) => Fields>> = {
  1: (record) => ({
    unit: null,
    rdt: null,
    noNewKeyring: false,
    seccompListener: null,
    ...record,
    cgroups: withControllers(record['cgroups'] as readonly Fields[]),
  }),
  2: ({ late, ...record }) => ({ ...record, startSteps: late }),
  // `criu` is new: a version that does not know it would not wait for criu.
  3: (record) => record,
};

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
const isIdentity = (value: unknown): boolean =>
  isObject(value) && Number.isSafeInteger(value['pid']) && Number.isSafeInteger(value['startTime']);
const isCriu = (value: unknown): boolean => isObject(value) && isIdentity(value) && typeof value['paused'] === 'boolean';
const isAbsolute = (value: unknown): boolean => typeof value === 'string' && value.startsWith('/');
const isString = (value: unknown): boolean => typeof value === 'string';
const isCgroup = (value: unknown): boolean =>
  isObject(value) && isAbsolute(value['path']) && isString(value['controller']) && typeof value['fresh'] === 'boolean';
const isUnit = (value: unknown): boolean =>
  isObject(value) && (value['manager'] === 'system' || value['manager'] === 'user') && isString(value['name']);
const isHook = (value: unknown): boolean => isObject(value) && typeof value['path'] === 'string' && Array.isArray(value['args']);
const all = (test: (value: unknown) => boolean) => (value: unknown) => Array.isArray(value) && value.every(test);
const orNull = (test: (value: unknown) => boolean) => (value: unknown) => value === null || test(value);
const isRdt = (value: unknown): boolean => isObject(value) && all(isAbsolute)(value['groups']) && all(isAbsolute)(value['made']);

/** The fields that this program acts on: a process, paths to remove, programs to run. */
const checks: Readonly<Partial<Record<keyof ContainerRecord, (value: unknown) => boolean>>> = {
  bundle: isString,
  rootfs: isString,
  created: isString,
  boot: (value) => value === undefined || isString(value),
  annotations: isObject,
  status: (value) => value === 'creating' || value === 'created',
  creator: isIdentity,
  init: orNull(isIdentity),
  criu: (value) => value === undefined || isCriu(value),
  cgroups: all(isCgroup),
  unit: orNull(isUnit),
  rdt: orNull(isRdt),
  hostMount: orNull(isAbsolute),
  poststart: all(isHook),
  poststop: all(isHook),
  startSteps: all(isObject),
};

function check(record: Fields, id: string): void {
  if (record['id'] !== id) throw broken(id, `is of another container, ${JSON.stringify(record['id'])}`);
  for (const [field, test] of Object.entries(checks)) {
    if (!test(record[field])) throw broken(id, `is broken: ${field}`);
  }
}

function versionOf(parsed: unknown, id: string): number {
  const version = isObject(parsed) ? parsed['version'] : undefined;
  if (version === undefined && isObject(parsed)) {
    const hint = 'Use the runtime that made it';
    throw new UnreadableRecord('foreign', id, 'another program made it', { hint });
  }
  if (typeof version !== 'number' || !Number.isSafeInteger(version) || version < 1) throw broken(id, 'is broken: version');
  if (version <= currentVersion) return version;
  const text = `a newer version of this program made it (state version ${version}, supported: up to ${currentVersion})`;
  throw new UnreadableRecord('newer', id, text, { hint: 'Use that version, even to delete it' });
}

/** The record as it was written. Throws UnreadableRecord if this version cannot read it. */
export function parseRecord(text: string, id: string): ContainerRecord {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw broken(id, 'is not JSON', cause);
  }
  const version = versionOf(parsed, id);
  let record = parsed as Fields;
  try {
    for (let from = version; from < currentVersion; from += 1) record = { ...migrations[from]!(record), version: from + 1 };
  } catch (cause) {
    throw broken(id, `is broken: no record of version ${version}`, cause);
  }
  check(record, id);
  return record as unknown as ContainerRecord;
}

/** For a file that is not even text. */
export function unreadableFile(id: string, cause: unknown): UnreadableRecord {
  return broken(id, 'cannot be read as text', cause);
}

/** Whether it does not outlive a boot, as is usual below /run. False if it does not exist yet. */
function isVolatile(host: Host, root: string): boolean {
  try {
    return host.statfsType(root) === TMPFS_MAGIC;
  } catch (caught) {
    if (isGone(caught)) return false;
    throw fromHost('E_HOST', 'cannot use the state directory', caught);
  }
}

/** What a new record says; undefined if it needs none. */
export function bootOfRecord(host: Host, root: string): string | undefined {
  return isVolatile(host, root) ? undefined : bootId(host);
}

export function isOfEarlierBoot(host: Host, { boot }: ContainerRecord): boolean {
  return boot !== undefined && boot !== bootId(host);
}

/** No process has this start time. */
const gone = <T extends ProcessIdentity | null>(identity: T): T =>
  identity === null ? identity : { ...identity, startTime: -1 };

/** If it is of an earlier boot, nothing of it exists any more: what has those paths now belongs to somebody else. */
export function readRecord(host: Host, text: string, id: string): ContainerRecord {
  const record = parseRecord(text, id);
  if (!isOfEarlierBoot(host, record)) return record;
  const nothing = { cgroups: [], unit: null, rdt: null, hostMount: null };
  const { criu: _, ...rest } = record;
  return { ...rest, ...nothing, creator: gone(record.creator), init: gone(record.init) };
}
