// A container's root filesystem, for commands that look into it or copy to it.
import type { Engine } from '../engine.js';
import { withView } from '../layers/changes.js';
import { lowerDirectories, rootfsPath, upperPath, withRootfs } from '../layers/rootfs.js';
import { runs, withContainerLock, type StoredContainer } from '../records/container-store.js';
import { isMounted } from '../store/mounts.js';
import { withStaging } from '../store/staging.js';

/** Calls `body` with its path. If the container does not run, it is mounted only meanwhile, and no other command changes the container. */
export function withContainerRootfs<T>(engine: Engine, { record, state }: StoredContainer, body: (path: string) => T): T {
  const { id, image } = record;
  // A start would use this mount, which goes away; after a removal, mounting would bring directories back that nobody knows.
  if (!runs(engine, state)) return withContainerLock(engine, id, (stored) => withRootfs(engine, stored.record, body));
  if (isMounted(engine, rootfsPath(engine, id))) return body(rootfsPath(engine, id));
  // It was started in another mount namespace, as by a service with mounts of its own: what is mounted there is not seen here.
  return withStaging(engine, (staging) =>
    withView(engine, [upperPath(engine, id), ...lowerDirectories(engine, image)], `${staging}/mount`, body),
  );
}
