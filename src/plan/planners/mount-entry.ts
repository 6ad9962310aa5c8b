// One entry of `mounts` and the steps that several kinds of it share.
import { add, unsupported, type Draft, type MountSource } from '../draft.js';
import { make, MountAttributesT, MountBindT } from '../step.js';
import { MS } from '../tables/mounts.js';
import { firstPropagation, type ParsedOptions } from './mount-options.js';
import { isPeer } from './propagation.js';

/** One entry of `mounts`, read. */
export interface MountEntry {
  readonly type: string;
  readonly source: string;
  readonly target: string;
  readonly options: ParsedOptions;
  readonly pointer: string;
}

/** Further propagation flags of one mount ("shared" after "slave"), each a change of its own. */
export function addPropagation(draft: Draft, { target, options, pointer }: MountEntry): void {
  for (let index = 1; index < options.propagation.length; index++) {
    const value = options.propagation[index]!;
    const fields = { target, propagation: value & ~MS.REC, propagationRecursive: (value & MS.REC) !== 0 };
    add(draft, 'mounts', `${pointer}/options`, make(MountAttributesT, fields));
  }
}

/** Whether bind sources must be opened before the user namespace hides or forbids them, or the mount namespace has others. */
function opensSources(draft: Draft): boolean {
  return draft.joins || (draft.namespaces.has('user') && draft.facts.euid === 0);
}

/** A slot for the source, or -1 when it is opened where it is needed. */
export function sourceSlot(draft: Draft, source: MountSource): number {
  if (!opensSources(draft) && source.idMap < 0 && !source.peer) return -1;
  // The slots of addon/init/context.h.
  if (draft.sources.length >= 1024) unsupported(source.pointer, 'more than 1024 bind mounts with a user namespace');
  return draft.sources.push(source) - 1;
}

/** A bind mount of the host's `path` on the entry's target. */
export function addBind(draft: Draft, entry: MountEntry, path: string, idMap = -1): void {
  const { options, pointer } = entry;
  const { recursive } = options;
  const peer = isPeer(draft, options.propagation);
  const source = { path, recursive, idMap, idMapRecursive: options.idmap === 'ridmap', peer, pointer: `${pointer}/source` };
  const slot = sourceSlot(draft, source);
  // Of a tree that was opened before the user namespace was entered, the kernel locks nothing; one with an id map must be.
  const locked = slot >= 0 && draft.namespaces.has('user');
  const operation = make(MountBindT, {
    source: path,
    slot,
    locked,
    reopen: locked && idMap < 0 && draft.namespaces.isNew('mount'),
    target: entry.target,
    recursive,
    attributesSet: BigInt(options.set),
    attributesClear: BigInt(options.clear),
    attributesUnnamed: BigInt(options.unnamed),
    timesClear: BigInt(options.timesClear),
    recursiveSet: BigInt(options.recursiveSet),
    recursiveClear: BigInt(options.recursiveClear),
    ...firstPropagation(options),
  });
  add(draft, 'mounts', pointer, operation);
  addPropagation(draft, entry);
}
