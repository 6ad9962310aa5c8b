// The files of a test stage.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fail, root } from '../run.mjs';

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

/** Those whose path contains one of `parts`. A part of none of them belongs to a file that was moved: exits with one line. */
export function selected(files, parts) {
  const outdated = parts.filter((part) => !files.some((file) => file.includes(part)));
  if (outdated.length > 0) fail(`no test file is called ${outdated.join(' or ')}`);
  return files.filter((file) => parts.some((part) => file.includes(part)));
}
