// Compiled seccomp filters, which our runtime keeps in its state directory for the next container, by design: where an engine leaves
// that directory at its default, what a script has added is put away at its end.
import { readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Of Podman and BuildKit; of containerd's CRI service. */
const defaultRoots = ['/run/pocker-runc', '/run/containerd/runc/k8s.io'];

/** undefined: not there. */
function names(directory: string): string[] | undefined {
  try {
    return readdirSync(directory);
  } catch {
    return undefined;
  }
}

function removeEmpty(directory: string): void {
  try {
    rmdirSync(directory);
  } catch {
    // Something else is in it, or it has gone.
  }
}

export class Caches {
  /** What is in each directory at the beginning. */
  readonly #before: ReadonlyMap<string, readonly string[] | undefined>;

  constructor(roots: readonly string[] = defaultRoots) {
    // The inner ones first.
    const directories = roots.flatMap((root) => [join(root, '@seccomp'), root]);
    this.#before = new Map(directories.map((directory) => [directory, names(directory)]));
  }

  /** Removes the filters that are new, and directories that are new and empty. */
  putAway(): void {
    for (const [directory, before] of this.#before) {
      const added = (names(directory) ?? []).filter((name) => before?.includes(name) !== true);
      if (directory.endsWith('/@seccomp')) for (const name of added) rmSync(join(directory, name), { force: true });
      if (before === undefined) removeEmpty(directory);
    }
  }
}
