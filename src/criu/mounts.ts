// Which of a container's mounts criu cannot recreate from its images: those whose content belongs to the host.
import type { MountPoint } from '../host/mountinfo.js';
import { cleanPath } from '../plan/paths.js';
import type { Spec } from '../plan/spec-types.js';

/** Whether `path` is `base` or below it. */
export function isWithin(path: string, base: string): boolean {
  return base === '/' || path === base || path.startsWith(`${base}/`);
}

function isBind({ type, options = [] }: NonNullable<Spec['mounts']>[number]): boolean {
  return type === 'bind' || options.some((option) => option === 'bind' || option === 'rbind');
}

/** Where the config mounts something, and which of these are bind mounts. `resolve`: follows links in the root filesystem. */
export interface ConfiguredMounts {
  readonly all: ReadonlySet<string>;
  readonly binds: ReadonlySet<string>;
}

export function configuredMounts(spec: Spec, resolve: (path: string) => string): ConfiguredMounts {
  const resolved = (destination: string): string => resolve(cleanPath(`/${destination}`));
  const mounts = (spec.mounts ?? []).map((mount) => ({ point: resolved(mount.destination), bind: isBind(mount) }));
  return {
    all: new Set(mounts.map(({ point }) => point)),
    binds: new Set(mounts.filter(({ bind }) => bind).map(({ point }) => point)),
  };
}

/** Whether another mount of the container shows the filesystem that this one is part of. */
function isReachable(mount: MountPoint, mounts: readonly MountPoint[]): boolean {
  const whole = mounts.filter(({ device, root, point }) => device === mount.device && (root === '/' || point === '/'));
  return whole.some(({ root }) => isWithin(mount.root, root));
}

/** A mount point, and its name in the images. */
export type ExternalMount = readonly [point: string, name: string];

/**
 * The mounts to name to criu as external: bind mounts, including what a recursive one brings along; of the others, those that are
 * part of a filesystem that the container does not see as a whole. The names are those of runc.
 */
export function externalMounts(mounts: readonly MountPoint[], spec: Spec, { all, binds }: ConfiguredMounts): ExternalMount[] {
  const masked = spec.linux?.maskedPaths ?? [];
  const ownCgroups = (spec.linux?.namespaces ?? []).some(({ type }) => type === 'cgroup');
  const isExternal = (mount: MountPoint): boolean => {
    if (mount.point === '/') return false;
    if (binds.has(mount.point)) return true;
    // In a cgroup namespace these are mounts of their own, though from outside they look like a part.
    if (ownCgroups && mount.type.startsWith('cgroup')) return false;
    const cameAlong = !all.has(mount.point) && [...binds].some((bind) => isWithin(mount.point, bind));
    return cameAlong || !isReachable(mount, mounts);
  };
  const points = new Set(mounts.filter(isExternal).map(({ point }) => point));
  return [...points].map((point) => [point, masked.includes(point) ? '/dev/null' : point]);
}
