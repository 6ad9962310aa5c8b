// The files of a test stage.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../run.mjs';

const compiled = 'build/js/';

/** tsc leaves what it made of a file that has been moved or removed; that test must not run any more. */
function hasSource(base, file) {
  if (!file.startsWith(compiled)) return true;
  return existsSync(join(base, file.slice(compiled.length).replace(/\.js$/, '.ts')));
}

/** Paths from the root, sorted. */
export function filesBelow(folder, ending, base = root) {
  return readdirSync(join(base, folder), { recursive: true })
    .filter((file) => file.endsWith(ending))
    .map((file) => join(folder, file))
    .filter((file) => hasSource(base, file))
    .sort();
}
