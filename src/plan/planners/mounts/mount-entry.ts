// One entry of `mounts`, and the steps that several kinds of entry share.
import { add, unsupported, type Draft, type MountSource } from '../../draft.js';
import { make, MountAttributesT, MountBindT, type MountFilesystemT } from '../../step.js';
import { MS } from '../../tables/mounts.js';
import { firstPropagation, type ParsedOptions } from './mount-options.js';
import { isPeer, pathInRootfs, sourcePropagation } from '../rootfs.js';

/** One entry of `mounts`, parsed. */
export interface MountEntry {
  readonly type: string;
  readonly source: string;
  readonly target: string;
  readonly options: ParsedOptions;
  readonly pointer: string;
}

/** An operation that finds or makes a mount. */
export type Mounting = MountFilesystemT | MountBindT | MountAttributesT;

/** The slot by which later steps find the mount: whoever shares the root filesystem may move its name by then. */
export function keptMount(draft: Draft, operation: Mounting, pointer: string): number {
  if (operation instanceof MountAttributesT && operation.kept >= 0) return operation.kept;
  if (operation.keepAs >= 0) return operation.keepAs;
  // The slots of addon/init/context.h.
  if (draft.keptMounts >= 1024) unsupported(pointer, 'more than 1024 mounts with options that take a step of their own');
  operation.keepAs = draft.keptMounts++;
  return operation.keepAs;
}

/** Further propagation flags of one mount ("shared" after "slave"): each is a separate change. */
export function addPropagation(draft: Draft, { target, options, pointer }: MountEntry, operation: Mounting): void {
  for (let index = 1; index < options.propagation.length; index++) {
    const value = options.propagation[index]!;
    const kept = keptMount(draft, operation, pointer);
    const fields = { target, kept, propagation: value & ~MS.REC, propagationRecursive: (value & MS.REC) !== 0 };
    add(draft, 'mounts', `${pointer}/options`, make(MountAttributesT, fields));
  }
}

/** Whether bind sources must be opened before the user namespace hides or forbids them, or the mount namespace has others. */
function opensSources(draft: Draft): boolean {
  return draft.inExistingContainer || (draft.namespaces.has('user') && draft.facts.euid === 0);
}

/** Whether a source is opened when its turn comes, after the earlier mounts of the list. */
function inTurn(draft: Draft, idMap: number, peer: boolean): boolean {
  return !peer && (idMap < 0 || draft.namespaces.isNew('mount')) && !opensSources(draft);
}

/** `peer`: whether it is to be a peer of the host's mount. */
type WantedSource = Omit<MountSource, 'slave' | 'propagation'> & { readonly peer: boolean };

/** A slot for the source, or -1 if it is opened in turn. */
export function sourceSlot(draft: Draft, { peer, ...source }: WantedSource): number {
  if (inTurn(draft, source.idMap, peer)) return -1;
  // The slots of addon/init/context.h.
  if (draft.sources.length >= 1024) unsupported(source.pointer, 'more than 1024 bind mounts with a user namespace');
  const propagation = peer ? { slave: false, propagation: 0 } : sourcePropagation(draft);
  return draft.sources.push({ ...source, ...propagation }) - 1;
}

/** Which tree to bind: by its slot, or by its path when its turn comes. */
function sourceOf(draft: Draft, { options, pointer }: MountEntry, path: string, idMap: number): Partial<MountBindT> {
  const { recursive, srcNofollow, copySymlink } = options;
  const peer = isPeer(draft, options.propagation);
  const idMapRecursive = options.idmap === 'ridmap';
  if (inTurn(draft, idMap, peer)) return { idMap, idMapRecursive };
  const fresh = draft.namespaces.isNew('mount');
  const user = draft.namespaces.has('user');
  const slot = sourceSlot(draft, {
    path,
    recursive,
    idMap,
    idMapRecursive,
    peer,
    nofollow: srcNofollow || copySymlink,
    deferred: opensSources(draft) && idMap < 0 && user && fresh,
    pointer: `${pointer}/source`,
  });
  // The kernel locks nothing of a tree that was opened before the user namespace was entered; one with an id map must be.
  const reopen = user && idMap < 0 && fresh;
  return { slot, locked: user, reopen, verify: !reopen && fresh, inside: fresh ? pathInRootfs(draft, path) : null };
}

/** A bind mount of the host's `path` on the entry's target. */
export function addBind(draft: Draft, entry: MountEntry, path: string, idMap = -1): void {
  const { options, pointer } = entry;
  const operation = make(MountBindT, {
    source: path,
    ...sourceOf(draft, entry, path, idMap),
    target: entry.target,
    recursive: options.recursive,
    sourceNofollow: options.srcNofollow,
    targetNofollow: options.destNofollow,
    copySymlink: options.copySymlink,
    attributesSet: BigInt(options.set),
    attributesClear: BigInt(options.clear),
    attributesUnnamed: BigInt(options.unnamed),
    timesClear: BigInt(options.timesClear),
    recursiveSet: BigInt(options.recursiveSet),
    recursiveClear: BigInt(options.recursiveClear),
    ...firstPropagation(options),
  });
  add(draft, 'mounts', pointer, operation);
  addPropagation(draft, entry, operation);
}
