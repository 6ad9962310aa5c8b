// The root filesystem: which paths of the host are inside it, and linux.rootfsPropagation: what is cut off from the host's mounts
// and when, and what stays tied to them.
import { add, lookUp, type Draft, type MountSource, type Phase } from '../draft.js';
import { cleanPath } from '../paths.js';
import { make, TreePropagationT } from '../step.js';
import { MS, rootPropagations } from '../tables/mounts.js';

/** That path of the host relative to the root filesystem; null if it is outside, as far as the names tell. */
export function pathInRootfs(draft: Draft, path: string): string | null {
  // ".." after a symbolic link does not lead where it seems to.
  if (path.split('/').includes('..')) return null;
  const [rootfs, clean] = [cleanPath(draft.rootfs), cleanPath(path)];
  if (clean === rootfs) return '.';
  return clean.startsWith(`${rootfs}/`) ? clean.slice(rootfs.length + 1) : null;
}

interface Propagation {
  /** MS_*, perhaps with MS_REC. */
  readonly wanted: number;
  readonly field: string;
}

export function rootPropagation(draft: Draft): Propagation {
  const name = draft.spec.linux?.rootfsPropagation ?? '';
  const field = name === '' ? '' : '/linux/rootfsPropagation';
  return { field, wanted: name === '' ? MS.SLAVE | MS.REC : lookUp(rootPropagations, name, field, 'propagation') };
}

/**
 * Comes first in a new mount namespace, whatever propagation is requested: mounts and unmounts from here on stay in it. Nothing
 * can be bound from an unbindable tree, so only the root becomes unbindable, at the end.
 */
export function addTreePropagation(draft: Draft, phase: Phase): void {
  const { wanted, field } = rootPropagation(draft);
  const apart = (wanted & (MS.PRIVATE | MS.UNBINDABLE)) !== 0;
  const recursive = apart && (wanted & MS.REC) !== 0;
  if (!recursive) add(draft, phase, field, make(TreePropagationT, { propagation: MS.SLAVE, recursive: true }));
  if (apart) add(draft, phase, field, make(TreePropagationT, { propagation: MS.PRIVATE, recursive }));
}

/** Whether a bind mount with these MS_* must be a peer of the host's mount; it is then opened before its namespace is cut off. */
export function isPeer(draft: Draft, propagation: readonly number[]): boolean {
  const { wanted } = rootPropagation(draft);
  const copied = draft.inExistingContainer || draft.namespaces.isNew('mount');
  if ((wanted & MS.SHARED) === 0 || draft.namespaces.has('user') || !copied) return false;
  return propagation.some((value) => (value & MS.SHARED) !== 0);
}

/** For a clone of a host's tree that is opened early: it would remain a peer, whatever its namespace becomes later. */
export function sourcePropagation(draft: Draft): Pick<MountSource, 'slave' | 'propagation'> {
  const { wanted } = rootPropagation(draft);
  const apart = (wanted & (MS.PRIVATE | MS.UNBINDABLE)) !== 0 && (wanted & MS.REC) !== 0;
  return { slave: !apart, propagation: apart ? MS.PRIVATE : 0 };
}
