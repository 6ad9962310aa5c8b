// Where the root filesystem is, and which paths of the host are inside it.
import type { Draft } from '../draft.js';
import { cleanPath } from '../paths.js';
import type { Spec } from '../spec-types.js';

/** Absolute path of the root filesystem in the runtime's mount namespace. */
export function rootfsOf(draft: Pick<Draft, 'spec' | 'options'>): string {
  const { path } = draft.spec.root!;
  return path.startsWith('/') ? path : `${draft.options.bundle}/${path}`;
}

/**
 * Where a container's root is in its mount namespace: "/" in its own one; in a namespace of others, which chroot(2) entered, the
 * path of the root filesystem.
 */
export function rootInNamespace(spec: Spec, rootfs: string): { readonly path: string; readonly change: boolean } {
  const own = spec.linux?.namespaces?.some(({ type, path = '' }) => type === 'mount' && path === '') ?? false;
  return own ? { path: '/', change: false } : { path: rootfs, change: true };
}

/** That path of the host relative to the root filesystem; null if it is outside, as far as the names tell. */
export function pathInRootfs(draft: Draft, path: string): string | null {
  // ".." after a symbolic link does not lead where it seems to.
  if (path.split('/').includes('..')) return null;
  const [rootfs, clean] = [cleanPath(rootfsOf(draft)), cleanPath(path)];
  if (clean === rootfs) return '.';
  return clean.startsWith(`${rootfs}/`) ? clean.slice(rootfs.length + 1) : null;
}
