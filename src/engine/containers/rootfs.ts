// A container's root filesystem, for commands that look into it or copy to it.
import type { Engine } from '../engine.js';
import { withView } from '../layers/changes.js';
import { lowerDirectories, rootfsPath, upperPath, withRootfs } from '../layers/rootfs.js';
import { runs, withContainerLock, type StoredContainer } from '../records/container-store.js';
import { isMounted } from '../store/mounts.js';
import { withStaging } from '../store/staging.js';

/** Calls `body` with its path. If the container is stopped, mounts it for that time and keeps the container locked. */
export function withContainerRootfs<T>(engine: Engine, { record, state }: StoredContainer, body: (path: string) => T): T {
  const { id, image } = record;
  // A start would use this mount, which goes away; after a removal, mounting would bring back directories that nobody knows.
  if (!runs(engine, state)) return withContainerLock(engine, id, (stored) => withRootfs(engine, stored.record, body));
  if (isMounted(engine, rootfsPath(engine, id))) return body(rootfsPath(engine, id));
  // It was started in another mount namespace, such as a service's own: we cannot see what is mounted there.
  return withStaging(engine, (staging) =>
    withView(engine, [upperPath(engine, id), ...lowerDirectories(engine, image)], `${staging}/mount`, body),
  );
}
