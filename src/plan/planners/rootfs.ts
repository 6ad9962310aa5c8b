// Where the root filesystem is, and which paths of the host lie in it.
import { refuse, type Draft } from '../draft.js';
import { cleanPath } from '../paths.js';

/** Absolute path of the root filesystem in the runtime's mount namespace. */
export function rootfsOf(draft: Pick<Draft, 'spec' | 'options'>): string {
  const path = draft.spec.root?.path;
  if (path === undefined) refuse('/root', 'is missing', 'A container needs a root filesystem: {"root": {"path": "rootfs"}}.');
  if (path === '') refuse('/root/path', 'is empty');
  return path.startsWith('/') ? path : `${draft.options.bundle}/${path}`;
}

/** Where the root filesystem has that path of the host, relative to it; null: it does not lie there, as far as the names tell. */
export function placeInRootfs(draft: Draft, path: string): string | null {
  // ".." after a symbolic link is not what it looks like.
  if (path.split('/').includes('..')) return null;
  const [rootfs, clean] = [cleanPath(rootfsOf(draft)), cleanPath(path)];
  if (clean === rootfs) return '.';
  return clean.startsWith(`${rootfs}/`) ? clean.slice(rootfs.length + 1) : null;
}
