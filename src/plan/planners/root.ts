// root, hostname, domainname, rootfsPropagation: the root filesystem as a whole.
import { add, refuse, type Draft } from '../draft.js';
import type { Spec } from '../spec-types.js';
import {
  DirectoryT,
  DomainnameT,
  EnterRootT,
  HostnameT,
  make,
  MountAttributesT,
  MountRootT,
  RootMethod,
  TreePropagationT,
} from '../step.js';
import { ATTR, MS } from '../tables/mounts.js';
import { sourceSlot } from './mounts/mount-entry.js';
import { addTreePropagation, rootPropagation } from './rootfs.js';

function rootMethod(draft: Draft): RootMethod {
  if (!draft.namespaces.isNew('mount')) return RootMethod.chroot;
  return draft.options.noPivot ? RootMethod.move : RootMethod.pivot;
}

/** The propagation of the container's root once everything is mounted. By then it is slave. */
function planFinalPropagation(draft: Draft): void {
  const { wanted, field } = rootPropagation(draft);
  if ((wanted & MS.SLAVE) !== 0) return;
  const recursive = (wanted & MS.REC) !== 0;
  add(draft, 'propagation', field, make(TreePropagationT, { propagation: wanted & ~MS.REC, recursive }));
}

/** The `root`, `jail` and `propagation` phases. */
export function planRoot(draft: Draft, root: Spec['root'], pointer: string): void {
  const path = draft.rootfs;
  const { wanted, field } = rootPropagation(draft);
  if (draft.options.noPivot && (wanted & MS.PRIVATE) !== 0)
    refuse(field, '"private" is unsafe without pivot_root', 'Omit --no-pivot');
  const fresh = draft.namespaces.isNew('mount');
  if (fresh) addTreePropagation(draft, 'root');
  const slot = sourceSlot(draft, {
    path,
    recursive: true,
    idMap: -1,
    idMapRecursive: false,
    peer: false,
    nofollow: false,
    deferred: false,
    pointer: `${pointer}/path`,
  });
  // In others' mount namespace, only the root is cut off, from the machine's mounts or from theirs.
  const isolateParent = draft.namespaces.joined('mount') !== undefined;
  add(draft, 'root', `${pointer}/path`, make(MountRootT, { path, slot, isolate: !fresh, isolateParent }));
  add(draft, 'jail', '', make(EnterRootT, { method: rootMethod(draft) }));
  planFinalPropagation(draft);
  if (root?.readonly === true) {
    add(draft, 'finish', `${pointer}/readonly`, make(MountAttributesT, { target: '/', attributesSet: BigInt(ATTR.RDONLY) }));
  }
}

/** Makes the directory before the root may become read-only. */
export function planMissingDirectory(draft: Draft, path: string, pointer: string): void {
  add(draft, 'jail', pointer, make(DirectoryT, { path }));
}

export function planHostname(draft: Draft, name: string | undefined, pointer: string): void {
  if (name === undefined || name === '') return;
  add(draft, 'kernel', pointer, make(HostnameT, { name }));
}

export function planDomainname(draft: Draft, name: string | undefined, pointer: string): void {
  if (name === undefined || name === '') return;
  add(draft, 'kernel', pointer, make(DomainnameT, { name }));
}
