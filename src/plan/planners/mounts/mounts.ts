// mounts: each entry, in order, becomes a new filesystem, a bind mount or a change of an existing mount.
import { add, advise, refuse, warn, type Draft } from '../../draft.js';
import { cleanPath } from '../../paths.js';
import type { Mount } from '../../spec-types.js';
import { make, MountAttributesT, MountBindT, MountFilesystemT } from '../../step.js';
import { ATTR, MS } from '../../tables/mounts.js';
import type { NamespaceType } from '../../tables/namespaces.js';
import { planCgroupMount } from './cgroup-mounts.js';
import { idMapSlot } from './id-maps.js';
import { addBind, addPropagation, keptMount, type MountEntry, type Mounting } from './mount-entry.js';
import { firstPropagation, parseOptions } from './mount-options.js';

/** What lxcfs and the like may cover below /proc. Anything else there could fake what the runtime itself reads or writes. */
const coverable = new Set([
  '/proc/cpuinfo',
  '/proc/diskstats',
  '/proc/meminfo',
  '/proc/stat',
  '/proc/swaps',
  '/proc/uptime',
  '/proc/loadavg',
  '/proc/slabinfo',
  '/proc/sys/kernel/ns_last_pid',
  '/proc/sys/crypto/fips_enabled',
]);

function checkTarget({ target, type, options, pointer }: MountEntry): void {
  const field = `${pointer}/destination`;
  if (target === '/') refuse(field, 'cannot mount on the root itself', 'Use that filesystem as root.path');
  if (options.remount || !target.startsWith('/proc')) return;
  if (target === '/proc' && type !== 'proc' && !options.bind)
    refuse(field, `cannot mount a filesystem of type ${JSON.stringify(type)} on /proc`, 'Use "proc" or a bind mount there');
  if (target.startsWith('/proc/') && !coverable.has(target))
    refuse(field, `${target} is inside /proc`, `Choose one of: ${[...coverable].join(', ')}`);
}

/** Options that say what is mounted, or where: never ignored. */
function checkWords({ options, pointer }: MountEntry): void {
  const field = `${pointer}/options`;
  const { bind, copySymlink, srcNofollow, destNofollow } = options;
  if (!bind && (copySymlink || srcNofollow || destNofollow))
    refuse(field, '"copy-symlink", "src-nofollow" and "dest-nofollow" are for bind mounts');
  if (copySymlink && (srcNofollow || destNofollow))
    refuse(field, '"copy-symlink" contradicts "src-nofollow" and "dest-nofollow"');
  const other = bind
    ? options.data.find((name) => /^(r?idmap|X-mount\.(subdir|idmap)|loop|offset|sizelimit)(=|$)/.test(name))
    : undefined;
  if (other !== undefined)
    refuse(
      field,
      `${JSON.stringify(other)} would bind something other than the source`,
      'Put id maps into uidMappings and gidMappings',
    );
}

function readEntry(draft: Draft, mount: Mount, pointer: string): MountEntry {
  const options = parseOptions(mount.options ?? []);
  const { destination, source = '', type = '' } = mount;
  if (!destination.startsWith('/'))
    advise(draft, `${pointer}/destination`, 'a relative destination is deprecated; resolved from "/"');
  // No filesystem has that name; callers that forget the option mean it all the same.
  if (type === 'bind') options.bind = true;
  // As in mount(8) and crun; runc 1.2 and later refuse what runc 1.1 accepted.
  if (options.bind && options.data.length > 0)
    warn(draft, `${pointer}/options`, `a bind mount has no parameters; ignored: ${options.data.join(', ')}`);
  const entry = { type: options.bind ? 'bind' : type, source, target: cleanPath(`/${destination}`), options, pointer };
  checkTarget(entry);
  checkWords(entry);
  return entry;
}

/** /dev and every tmpfs stay writable until the runtime has put its own files there. */
function becomesReadonlyLast(entry: MountEntry): boolean {
  return (entry.options.set & ATTR.RDONLY) !== 0 && (entry.type === 'tmpfs' || entry.target === '/dev');
}

function contextOf(draft: Draft, type: string): string[] {
  const label = draft.spec.linux?.mountLabel ?? '';
  if (label === '' || !draft.facts.selinux || type === 'proc' || type === 'sysfs' || type === 'mqueue') return [];
  return [`context=${label}`];
}

/**
 * A filesystem that the kernel may refuse in a user namespace, and the path of the runtime's own one, which is the same only if
 * the container shares `namespace`.
 */
interface Fallback {
  readonly path: string;
  readonly namespace?: NamespaceType;
  /** MOUNT_ATTR_* for all of it, whatever the config says. */
  readonly set: number;
}
const fallbacks: Readonly<Record<string, Fallback>> = {
  // It shows the devices of another network namespace, and the host's cgroups, of which the user owns some (CVE-2023-25809).
  sysfs: { path: '/sys', set: ATTR.RDONLY },
  proc: { path: '/proc', namespace: 'pid', set: 0 },
  mqueue: { path: '/dev/mqueue', namespace: 'ipc', set: 0 },
};

/** As in crun. */
function fallbackOf(draft: Draft, type: string): Fallback | null {
  const row = Object.hasOwn(fallbacks, type) ? fallbacks[type] : undefined;
  // If it is joined, the runtime's own mount is out of reach when that turns out.
  if (row === undefined || draft.inExistingContainer || !(draft.namespaces.has('user') || draft.facts.inUserNamespace))
    return null;
  return row.namespace === undefined || !draft.namespaces.has(row.namespace) ? row : null;
}

/** On a new mount, nothing else must be cleared. */
const TIMES = ATTR.ATIME | ATTR.NODIRATIME;

function addFilesystem(draft: Draft, entry: MountEntry, idMap: number): void {
  const { type, source, target, options, pointer } = entry;
  if (type === '') refuse(pointer, 'has neither a type nor the option "bind" or "rbind"');
  if (options.copyUp && type !== 'tmpfs') refuse(`${pointer}/options`, '"tmpcopyup" is for a tmpfs');
  const readonlyLast = becomesReadonlyLast(entry);
  const set = readonlyLast ? options.set & ~ATTR.RDONLY : options.set;
  // mount(2) has one "ro" for both the filesystem and this mount of it.
  const flags = (set & ATTR.RDONLY) !== 0 ? options.flags | MS.RDONLY : options.flags;
  const fallback = fallbackOf(draft, type);
  const operation = make(MountFilesystemT, {
    type,
    idMap,
    fallback: fallback?.path ?? null,
    fallbackAttributes: fallback === null ? 0n : BigInt((set & ~ATTR.ATIME) | fallback.set),
    source: source === '' ? null : source,
    target,
    flags,
    attributesSet: BigInt(set),
    attributesClear: BigInt(options.clear & TIMES),
    data: [...options.data, ...contextOf(draft, type)],
    copyUp: options.copyUp,
    inheritMode: type === 'tmpfs' && !options.data.some((parameter) => parameter.startsWith('mode=')),
    refuseSymlink: type === 'proc' || type === 'sysfs',
    ...firstPropagation(options),
  });
  add(draft, 'mounts', pointer, operation);
  addPropagation(draft, entry, operation);
  if (options.recursiveSet !== 0 || options.recursiveClear !== 0) addRecursive(draft, entry, operation);
  if (readonlyLast) addReadonlyLast(draft, entry, operation);
}

function addReadonlyLast(draft: Draft, { target, pointer }: MountEntry, operation: Mounting): void {
  const kept = keptMount(draft, operation, pointer);
  add(draft, 'finish', pointer, make(MountAttributesT, { target, kept, attributesSet: BigInt(ATTR.RDONLY) }));
}

function addRecursive(draft: Draft, { target, options, pointer }: MountEntry, operation: Mounting): void {
  const fields = {
    target,
    kept: keptMount(draft, operation, pointer),
    attributesSet: BigInt(options.recursiveSet),
    attributesClear: BigInt(options.recursiveClear),
    recursive: true,
  };
  add(draft, 'mounts', `${pointer}/options`, make(MountAttributesT, fields));
}

const MS_SELDOM = MS.I_VERSION | MS.SILENT;

/** What mount(2) clears on a filesystem unless its remount names it. */
const MS_REMOUNTED = MS.RDONLY | MS.SYNCHRONOUS | MS.MANDLOCK | MS.LAZYTIME;

/** The remount of a bind mount leaves the filesystem itself alone. */
function reconfiguration(draft: Draft, { options, pointer }: MountEntry, set: number): Partial<MountAttributesT> {
  if (options.bind) return {};
  if (((options.flags | options.flagsClear) & MS_SELDOM) !== 0)
    warn(draft, `${pointer}/options`, 'iversion, noiversion, silent and loud change nothing in a remount');
  const flags = (options.flags & ~MS_SELDOM) | ((set & ATTR.RDONLY) !== 0 ? MS.RDONLY : 0);
  return { flags, flagsClear: MS_REMOUNTED & ~flags, data: options.data };
}

/** The mount that an earlier entry made at exactly this place; or -1: then it is looked up when its turn comes. */
function madeBefore(draft: Draft, target: string, pointer: string): number {
  for (const { operation } of draft.steps.mounts.toReversed()) {
    const mounts = operation instanceof MountFilesystemT || operation instanceof MountBindT;
    if (mounts && operation.target === target) return keptMount(draft, operation, pointer);
    if (mounts && target.startsWith(`${operation.target}/`)) return -1;
  }
  return -1;
}

/** As in mount(2) and runc: clears what it does not name, even if that is locked. */
function addRemount(draft: Draft, entry: MountEntry): void {
  const { target, options, pointer } = entry;
  const readonlyLast = becomesReadonlyLast(entry);
  const set = readonlyLast ? options.set & ~ATTR.RDONLY : options.set;
  const operation = make(MountAttributesT, {
    target,
    kept: madeBefore(draft, target, pointer),
    attributesSet: BigInt(set),
    attributesClear: BigInt(options.clear),
    attributesUnnamed: BigInt(options.unnamed),
    timesClear: BigInt(options.timesClear),
    ...reconfiguration(draft, entry, set),
    ...firstPropagation(options),
  });
  add(draft, 'mounts', pointer, operation);
  addPropagation(draft, entry, operation);
  if (options.recursiveSet !== 0 || options.recursiveClear !== 0) addRecursive(draft, entry, operation);
  if (readonlyLast) addReadonlyLast(draft, entry, operation);
}

/** Not cleaned: ".." after a symbolic link means what the kernel takes it to mean. */
function fromBundle(draft: Draft, path: string): string {
  return path.startsWith('/') ? path : `${draft.options.bundle}/${path}`;
}

/** Plans one entry. */
export function planMount(draft: Draft, mount: Mount, pointer: string): void {
  const entry = readEntry(draft, mount, pointer);
  const idMap = idMapSlot(draft, mount, entry);
  if (entry.options.remount) addRemount(draft, entry);
  else if (entry.type === 'cgroup') planCgroupMount(draft, entry);
  else if (!entry.options.bind) addFilesystem(draft, entry, idMap);
  else if (entry.source === '') refuse(`${pointer}/source`, 'a bind mount requires a source');
  else addBind(draft, entry, fromBundle(draft, entry.source), idMap);
}

/** The `mounts` phase. */
export function planMounts(draft: Draft, mounts: readonly Mount[] | undefined, pointer: string): void {
  if (mounts === undefined) return;
  for (let index = 0; index < mounts.length; index++) planMount(draft, mounts[index]!, `${pointer}/${index}`);
}

/** Whether the config binds something on /dev: then its content belongs to others. */
export function bindsDev(mounts: readonly Mount[] | undefined): boolean {
  if (mounts === undefined) return false;
  return mounts.some((mount) => {
    if (cleanPath(`/${mount.destination}`) !== '/dev') return false;
    return mount.type === 'bind' || (mount.options?.some((option) => option === 'bind' || option === 'rbind') ?? false);
  });
}
