// mounts add and remove: what a process does for an existing container. It looks up everything outside the container, and
// makes every filesystem, before it joins the container's mount namespace: no path of the container gets in the way.
import { PockerError } from '../errors.js';
import { add, refuse, unsupported, type Draft } from './draft.js';
import { cleanPath } from './paths.js';
import type { HostFacts } from '../host/host-facts.js';
import type { PlanOptions, PlanWarning } from './plan.js';
import { parseOptions } from './planners/mounts/mount-options.js';
import { planMount } from './planners/mounts/mounts.js';
import { addJoin, addSources, joinedNamespaces, joinOrder, rootInNamespace } from './planners/namespaces.js';
import { finish, newDraft } from './resolve.js';
import type { Mount, Spec } from './spec-types.js';
import {
  BecomeRootT,
  UnshareMountsT,
  ForkT,
  AttachSourcesT,
  make,
  Message,
  MountFilesystemT,
  NotDumpableT,
  OpenDescriptorsT,
  OpenRootT,
  step,
  SyncT,
  TreePropagationT,
  UnmountT,
  type Step,
} from './step.js';
import { MS } from './tables/mounts.js';
import { namespaceTypes, type NamespaceType } from './tables/namespaces.js';

export interface MountsPlan {
  /** CLONE_NEW* flags for the process that carries it out. */
  readonly flags: number;
  /** At the message hooks_ready it has joined all but the mount namespace, and waits. */
  readonly steps: readonly Step[];
  readonly warnings: readonly PlanWarning[];
}

/** The container, its first process, and the machine. */
export interface MountsInput {
  readonly spec: Spec;
  readonly pid: number;
  /** As in the record. */
  readonly rootfs: string;
  readonly facts: HostFacts;
  readonly options: PlanOptions;
}

const slots = 1024;

/** A draft that joins those of the container's own namespaces that are wanted. */
function joining({ spec, pid, facts, options }: MountsInput, wanted: (type: NamespaceType) => boolean): Draft {
  const { mountLabel, rootfsPropagation, namespaces: own = [] } = spec.linux ?? {};
  if (!own.some(({ type }) => type === 'mount'))
    throw new PockerError('E_UNSUPPORTED', "the container does not have its own mount namespace: its mounts are the machine's");
  const namespaces = joinedNamespaces(spec, pid).filter(({ type }) => wanted(type));
  const linux = {
    namespaces,
    ...(mountLabel === undefined ? {} : { mountLabel }),
    ...(rootfsPropagation === undefined ? {} : { rootfsPropagation }),
  };
  return newDraft({ ociVersion: spec.ociVersion, linux }, facts, options, { rootfs: '/' });
}

/** Refuses options that a config may have but that make no sense here. */
function checkMount(draft: Draft, { type, options = [] }: Mount, pointer: string): void {
  const { remount, copyUp, copySymlink } = parseOptions(options);
  if (remount) unsupported(`${pointer}/options`, '"remount" adds no mount', 'Remove the mount and add it with other options');
  // It would be charged to the caller's cgroup, whatever limit the container has.
  if (copyUp) unsupported(`${pointer}/options`, '"tmpcopyup" is for a container that is being created');
  if (copySymlink) unsupported(`${pointer}/options`, '"copy-symlink" is for a container that is being created');
  if (type === 'cgroup' && !draft.namespaces.has('cgroup'))
    unsupported(`${pointer}/type`, 'a cgroup filesystem in an existing container requires a cgroup namespace');
}

/** mount(2) makes and mounts at once, when it is in the container already. */
function checkFilesystem({ flags, data }: MountFilesystemT, pointer: string): void {
  if ((flags & (MS.I_VERSION | MS.SILENT)) !== 0)
    unsupported(`${pointer}/options`, '"iversion" and "silent" are for a container that is being created');
  const encoder = new TextEncoder();
  if (data.some((parameter) => encoder.encode(parameter).length > 255))
    unsupported(`${pointer}/options`, 'a parameter of more than 255 bytes is for a container that is being created');
}

/** Splits every filesystem into two steps: made in a slot, then mounted. */
function makeFilesystemsFirst(draft: Draft): void {
  let slot = draft.sources.length;
  for (const { operation, pointer } of draft.steps.mounts) {
    if (!(operation instanceof MountFilesystemT)) continue;
    checkFilesystem(operation, pointer);
    if (slot >= slots) unsupported(pointer, `more than ${slots} mounts at once`);
    operation.slot = slot++;
    add(draft, 'enter', pointer, Object.assign(new MountFilesystemT(), operation, { detached: true }));
  }
}

/** Waits until the runtime has checked that the namespaces are those of the container's process. */
function addCheck(draft: Draft): void {
  add(draft, 'enter', '', make(SyncT, { send: Message.hooks_ready, expect: Message.hooks_done }));
}

/** Joins all but the mount namespace, which the caller joins last. */
function enterOthers(draft: Draft): void {
  const { namespaces } = draft;
  const privileged = draft.facts.euid === 0;
  // Without privileges, only the user namespace gives the right to open anything.
  const open = (): void => {
    addSources(draft);
    // This is a copy for this process alone; mounts attached in it belong to nobody.
    add(draft, 'enter', '', make(TreePropagationT, { propagation: MS.PRIVATE, recursive: true }));
  };
  if (privileged) open();
  for (const type of joinOrder(privileged)) {
    if (type === 'mount') continue;
    if (type === 'user' && privileged && namespaces.has('user') && draft.sources.length > 0)
      add(draft, 'enter', '', new AttachSourcesT());
    addJoin(draft, type);
    if (type === 'user' && namespaces.has('user')) add(draft, 'enter', '', new UnshareMountsT());
    if (type === 'user' && !privileged) open();
  }
  if (namespaces.has('pid')) add(draft, 'enter', '', make(ForkT, { flags: 0 }));
  if (namespaces.has('user')) add(draft, 'enter', '', new BecomeRootT());
}

function addEnd(draft: Draft): void {
  add(draft, 'park', '', make(SyncT, { send: Message.created, expect: Message.park }));
}

/** Adds all of `mounts` or none. Pure, with the errors of resolve(). */
export function planAdding(input: MountsInput, mounts: readonly Mount[]): MountsPlan {
  // In its pid namespace the container can see the process, and may end it: only a procfs must be made there.
  const procfs = mounts.some(({ type }) => type === 'proc');
  const draft = joining(input, (type) => type !== 'time' && (type !== 'pid' || procfs));
  mounts.forEach((mount, index) => {
    checkMount(draft, mount, `/mounts/${index}`);
    planMount(draft, mount, `/mounts/${index}`);
  });
  add(draft, 'host', '', new NotDumpableT());
  enterOthers(draft);
  addCheck(draft);
  makeFilesystemsFirst(draft);
  add(draft, 'enter', '', make(OpenDescriptorsT, { undo: true }));
  addJoin(draft, 'mount');
  add(draft, 'enter', '', make(OpenRootT, { path: rootInNamespace(input.spec, input.rootfs).path }));
  addEnd(draft);
  const flags = input.facts.euid === 0 ? namespaceTypes.mount.flag : 0;
  return { flags, steps: finish(draft).steps, warnings: draft.warnings };
}

/** Removes what is mounted at the destinations, last one first; nothing if one of them does not exist. */
export function planRemoving(input: MountsInput, mounts: readonly Mount[]): MountsPlan {
  const privileged = input.facts.euid === 0;
  const draft = joining(input, (type) => type === 'mount' || (type === 'user' && !privileged));
  add(draft, 'host', '', new NotDumpableT());
  addJoin(draft, 'user');
  if (draft.namespaces.has('user')) add(draft, 'enter', '', new BecomeRootT());
  addCheck(draft);
  add(draft, 'enter', '', new OpenDescriptorsT());
  addJoin(draft, 'mount');
  add(draft, 'enter', '', make(OpenRootT, { path: rootInNamespace(input.spec, input.rootfs).path }));
  const unmounts = mounts.map(({ destination }, index) => {
    const pointer = `/mounts/${index}/destination`;
    const path = cleanPath(`/${destination}`);
    if (path === '/') refuse(pointer, 'the root itself cannot be removed');
    return (probe: boolean): Step => step(pointer, make(UnmountT, { path, probe }));
  });
  draft.steps.mounts.push(...unmounts.map((unmount) => unmount(true)), ...unmounts.toReversed().map((unmount) => unmount(false)));
  addEnd(draft);
  return { flags: 0, steps: finish(draft).steps, warnings: draft.warnings };
}
