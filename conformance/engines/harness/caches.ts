// Compiled seccomp filters. Our runtime deliberately keeps them in its state directory for the next container. If an engine uses
// the default state directory, the filters that a script added are removed when it ends.
import { readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Podman's and BuildKit's; that of containerd's CRI service. */
const defaultRoots = ['/run/pocker-runc', '/run/containerd/runc/k8s.io'];

/** undefined: it does not exist. */
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
    // Something else is in it, or it is gone.
  }
}

export class Caches {
  /** What each directory contains at the beginning. */
  readonly #before: ReadonlyMap<string, readonly string[] | undefined>;

  constructor(roots: readonly string[] = defaultRoots) {
    // Inner directories first.
    const directories = roots.flatMap((root) => [join(root, '@seccomp'), root]);
    this.#before = new Map(directories.map((directory) => [directory, names(directory)]));
  }

  /** Removes the new filters, and directories that are new and empty. */
  putAway(): void {
    for (const [directory, before] of this.#before) {
      const added = (names(directory) ?? []).filter((name) => before?.includes(name) !== true);
      if (directory.endsWith('/@seccomp')) for (const name of added) rmSync(join(directory, name), { force: true });
      if (before === undefined) removeEmpty(directory);
    }
  }
}
