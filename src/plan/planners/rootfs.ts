// Where the root filesystem is, and which paths of the host lie in it.
import type { Draft } from '../draft.js';
import { cleanPath } from '../paths.js';
import type { Spec } from '../spec-types.js';

/** Absolute path of the root filesystem in the runtime's mount namespace. */
export function rootfsOf(draft: Pick<Draft, 'spec' | 'options'>): string {
  const { path } = draft.spec.root!;
  return path.startsWith('/') ? path : `${draft.options.bundle}/${path}`;
}

/** Where the root of a container is in its mount namespace: one of its own has it at "/"; that of others was left by chroot(2). */
export function rootInNamespace(spec: Spec, rootfs: string): { readonly path: string; readonly change: boolean } {
  const own = spec.linux?.namespaces?.some(({ type, path = '' }) => type === 'mount' && path === '') ?? false;
  return own ? { path: '/', change: false } : { path: rootfs, change: true };
}

/** Where the root filesystem has that path of the host, relative to it; null: it does not lie there, as far as the names tell. */
export function pathInRootfs(draft: Draft, path: string): string | null {
  // ".." after a symbolic link is not what it looks like.
  if (path.split('/').includes('..')) return null;
  const [rootfs, clean] = [cleanPath(rootfsOf(draft)), cleanPath(path)];
  if (clean === rootfs) return '.';
  return clean.startsWith(`${rootfs}/`) ? clean.slice(rootfs.length + 1) : null;
}
