// linux.namespaces, uidMappings, gidMappings, timeOffsets: what is new, what is joined, and in which order.
import type { IdMapping, UserNamespacePlan } from '../plan.js';
import { add, lookUp, refuse, warn, type Draft, type NamespaceEntry, type Namespaces } from '../draft.js';
import type { Linux, Spec } from '../spec-types.js';
import {
  BecomeRootT,
  ForkT,
  IdMapT,
  JoinNamespaceT,
  make,
  Message,
  NotDumpableT,
  DeviceNodeT,
  OpenSourceT,
  SyncT,
  TimeNamespaceT,
} from '../step.js';
import { namespaceTypes, type NamespaceType } from '../tables/namespaces.js';

export class ConfiguredNamespaces implements Namespaces {
  readonly #entries = new Map<NamespaceType, NamespaceEntry>();

  constructor(spec: Spec) {
    const list = spec.linux?.namespaces ?? [];
    for (let index = 0; index < list.length; index++) {
      const { type, path = '' } = list[index]!;
      const pointer = `/linux/namespaces/${index}`;
      lookUp(namespaceTypes, type, `${pointer}/type`, 'namespace type');
      this.#entries.set(type, { type, path, pointer });
    }
  }

  has(type: NamespaceType): boolean {
    return this.#entries.has(type);
  }

  isNew(type: NamespaceType): boolean {
    return this.#entries.get(type)?.path === '';
  }

  joined(type: NamespaceType): NamespaceEntry | undefined {
    const entry = this.#entries.get(type);
    return entry === undefined || entry.path === '' ? undefined : entry;
  }

  get cloneFlags(): number {
    let flags = 0;
    for (const { type, path } of this.#entries.values()) {
      if (path === '' && type !== 'cgroup' && type !== 'time') flags |= namespaceTypes[type].flag;
    }
    return flags;
  }

  get fork(): boolean {
    return this.isNew('user') || this.joined('user') !== undefined || this.joined('pid') !== undefined;
  }
}

/**
 * The order of joining. With root's privileges, the user namespace comes after those that the host may own; without, it comes
 * first because it gives the right to the others. The mount namespace is last, since the other paths are in the runtime's own.
 */
export function joinOrder(privileged: boolean): readonly NamespaceType[] {
  const others: readonly NamespaceType[] = ['network', 'ipc', 'uts', 'pid', 'cgroup', 'time'];
  return privileged ? [...others, 'user', 'mount'] : ['user', ...others, 'mount'];
}

/** Opens id maps, and sources in the runtime's mount namespace. */
export function addSources(draft: Draft): void {
  draft.idMaps.forEach(({ path, uidMap, gidMap, pointer }, slot) => {
    add(draft, 'enter', pointer, make(IdMapT, path === '' ? { slot, uidMap, gidMap } : { slot, path }));
  });
  draft.sources.forEach(({ pointer, ...source }, slot) => {
    add(draft, 'enter', pointer, make(OpenSourceT, { slot, ...source }));
  });
  draft.deviceNodes.forEach(({ pointer, ...fields }, node) => {
    add(draft, 'enter', pointer, make(DeviceNodeT, { node, ...fields }));
  });
}

/** Does nothing unless the config joins it. */
export function addJoin(draft: Draft, type: NamespaceType): void {
  const { namespaces } = draft;
  const entry = namespaces.joined(type);
  if (entry === undefined) return;
  const mount = type === 'user' && draft.facts.euid === 0 ? namespaces.joined('mount') : undefined;
  // From inside the user namespace, we may not read the files of a process from outside of it (one that waits for start).
  if (mount !== undefined) addStep(draft, mount, true);
  addStep(draft, entry, false);
}

function addStep(draft: Draft, { type, path, pointer }: NamespaceEntry, ahead: boolean): void {
  add(draft, 'enter', `${pointer}/path`, make(JoinNamespaceT, { flag: namespaceTypes[type].flag, path, ahead }));
}

/** The `enter` phase, after all mounts have said which sources they need opened. */
export function planEntering(draft: Draft): void {
  const { namespaces } = draft;
  const mappedByUser = draft.facts.euid !== 0 && namespaces.isNew('user');
  if (!mappedByUser) add(draft, 'host', '', new NotDumpableT());
  addSources(draft);
  for (const type of joinOrder(draft.facts.euid === 0)) addJoin(draft, type);
  if (namespaces.fork) add(draft, 'enter', '/linux/namespaces', make(ForkT, { flags: namespaces.cloneFlags }));
  if (namespaces.isNew('user')) {
    add(draft, 'enter', '/linux/uidMappings', make(SyncT, { send: Message.none, expect: Message.maps_written }));
  }
  if (mappedByUser) {
    addTimeNamespace(draft, 'enter');
    add(draft, 'enter', '', new NotDumpableT());
  }
  const joined = namespaces.joined('user');
  const pointer = joined === undefined ? '/linux/uidMappings' : `${joined.pointer}/path`;
  if (namespaces.has('user')) add(draft, 'enter', pointer, new BecomeRootT());
  if (!mappedByUser) addTimeNamespace(draft, 'session');
}

/** The host's id for one of the user namespace; undefined if it is not mapped. */
export function hostId(mappings: readonly IdMapping[], id: number): number | undefined {
  const mapping = mappings.find(({ containerID, size }) => id >= containerID && id - containerID < size);
  return mapping && mapping.hostID + id - mapping.containerID;
}

/** Whether an unprivileged process may write them itself: only its own id. */
function isOwnId(mappings: readonly IdMapping[], own: number): boolean {
  return mappings.length === 1 && mappings[0]!.size === 1 && mappings[0]!.hostID === own;
}

/** The id maps, which the rules have judged. */
export function planUserNamespace(draft: Draft): UserNamespacePlan | null {
  const { namespaces, facts } = draft;
  const { uidMappings = [], gidMappings = [] } = draft.spec.linux ?? {};
  const given = uidMappings.length > 0 ? '/linux/uidMappings' : gidMappings.length > 0 ? '/linux/gidMappings' : undefined;
  if (!namespaces.has('user')) {
    if (facts.euid !== 0)
      refuse(
        '/linux/namespaces',
        'without root, a container requires a user namespace',
        'Start from the config of `pocker-runc spec --rootless`',
      );
    return null;
  }
  if (!namespaces.isNew('user')) {
    // containerd and CRI-O give both, so this cannot be an error.
    if (given !== undefined) warn(draft, given, 'ignored, because the user namespace is joined and has its own mappings');
    return null;
  }
  const unprivileged = facts.euid !== 0;
  const ownIds = isOwnId(uidMappings, facts.euid) && isOwnId(gidMappings, facts.egid);
  return { uidMappings, gidMappings, byHelper: unprivileged && !ownIds, denySetgroups: unprivileged && ownIds };
}

type Offset = NonNullable<Linux['timeOffsets']>['boottime'];

/** A line of /proc/PID/timens_offsets (time_namespaces(7)). */
function clock(name: string, offset: Offset): string {
  return `${name} ${BigInt(offset?.secs ?? 0)} ${offset?.nanosecs ?? 0}\n`;
}

/** linux.timeOffsets of a new time namespace. */
export function planTimeOffsets(draft: Draft, offsets: Linux['timeOffsets']): void {
  if (offsets === undefined) return;
  draft.timeOffsets = clock('monotonic', offsets.monotonic) + clock('boottime', offsets.boottime);
}

/** Where the runtime may write the offsets; an ordinary user may as long as init is dumpable and has the user's id. */
function addTimeNamespace(draft: Draft, phase: 'enter' | 'session'): void {
  if (!draft.namespaces.isNew('time')) return;
  add(draft, phase, '/linux/timeOffsets', make(TimeNamespaceT, { offsets: draft.timeOffsets !== '' }));
}

/** All of the container's own namespaces, by path in /proc. */
export function joinedNamespaces(spec: Spec, pid: number): { type: NamespaceType; path: string }[] {
  return (spec.linux?.namespaces ?? []).map(({ type }) => {
    return { type: type, path: `/proc/${pid}/ns/${namespaceTypes[type].file}` };
  });
}

/**
 * Where a container's root is in its mount namespace: "/" in its own one; in a namespace of others, which chroot(2) entered, the
 * path of the root filesystem.
 */
export function rootInNamespace(spec: Spec, rootfs: string): { readonly path: string; readonly change: boolean } {
  const own = spec.linux?.namespaces?.some(({ type, path = '' }) => type === 'mount' && path === '') ?? false;
  return own ? { path: '/', change: false } : { path: rootfs, change: true };
}
