// One entry of `mounts` and the steps that several kinds of it share.
import { add, unsupported, type Draft } from '../draft.js';
import { make, MountAttributesT, MountBindT } from '../step.js';
import { MS } from '../tables/mounts.js';
import { firstPropagation, type ParsedOptions } from './mount-options.js';

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

/** Whether bind sources must be opened before the user namespace hides or forbids them. */
function opensSources(draft: Draft): boolean {
  return draft.namespaces.has('user') && draft.facts.euid === 0;
}

/** A slot for the source at `path`, or -1 when it is opened where it is needed. */
export function sourceSlot(draft: Draft, path: string, recursive: boolean, pointer: string): number {
  if (!opensSources(draft)) return -1;
  // The slots of addon/init/context.h.
  if (draft.sources.length >= 1024) unsupported(pointer, 'more than 1024 bind mounts with a user namespace');
  return draft.sources.push({ path, recursive, pointer }) - 1;
}

/** A bind mount of the host's `source` on the entry's target. `idmap`: a user namespace file. */
export function addBind(draft: Draft, entry: MountEntry, source: string, idmap = ''): void {
  const { options, pointer } = entry;
  const operation = make(MountBindT, {
    source,
    slot: sourceSlot(draft, source, options.recursive, `${pointer}/source`),
    target: entry.target,
    recursive: options.recursive,
    attributesSet: BigInt(options.set),
    attributesClear: BigInt(options.clear),
    recursiveSet: BigInt(options.recursiveSet),
    recursiveClear: BigInt(options.recursiveClear),
    idmapPath: idmap === '' ? null : idmap,
    idmapRecursive: options.idmap === 'ridmap',
    ...firstPropagation(options),
  });
  add(draft, 'mounts', pointer, operation);
  addPropagation(draft, entry);
}
