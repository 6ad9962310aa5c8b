// maskedPaths and readonlyPaths: what the container sees of the root filesystem, but cannot read or change.
import { add, type Draft } from '../draft.js';
import { cleanPath } from '../paths.js';
import type { Linux } from '../spec-types.js';
import { make, MaskPathT, ReadonlyPathT } from '../step.js';

/** The paths, cleaned, each once. */
function pathList(paths: readonly string[], pointer: string): Map<string, string> {
  const list = new Map<string, string>();
  for (let index = 0; index < paths.length; index++) {
    const clean = cleanPath(paths[index]!);
    if (!list.has(clean)) list.set(clean, `${pointer}/${index}`);
  }
  return list;
}

export function planReadonlyPaths(draft: Draft, paths: Linux['readonlyPaths'], pointer: string): void {
  if (paths === undefined) return;
  for (const [path, field] of pathList(paths, pointer)) add(draft, 'paths', field, make(ReadonlyPathT, { path }));
}

export function planMaskedPaths(draft: Draft, paths: Linux['maskedPaths'], pointer: string): void {
  if (paths === undefined) return;
  for (const [path, field] of pathList(paths, pointer)) add(draft, 'paths', field, make(MaskPathT, { path }));
}
