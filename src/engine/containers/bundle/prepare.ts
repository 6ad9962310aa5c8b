// Prepares what a container needs before it is created (root filesystem, volumes, network, files), and releases it afterwards.
import { deleteContainer } from '../../../runtime/delete.js';
import type { Mount } from '../../../plan/spec-types.js';
import { writeJson } from '../../../json/write.js';
import type { Engine } from '../../engine.js';
import { mountRootfs, unmountRootfs } from '../../layers/rootfs.js';
import { connectContainer, disconnectContainer } from '../../networks/container-network.js';
import { useBind, useVolume } from '../../volumes/volumes.js';
import type { ContainerRecord, ContainerState } from '../../records/container.js';
import { mountOf } from './mounts.js';
import { containerSpec } from './spec.js';
import { bundleDirectory } from '../../records/container-store.js';
import { containerFiles } from '../../networks/container-files.js';

export type Connected = Pick<ContainerState, 'endpoints' | 'ports'>;

/** Where a mount's content is on the host. A new named volume gets what the image has at that path. */
function mounts(engine: Engine, record: ContainerRecord, rootfs: string): Mount[] {
  return record.mounts.map((point) => {
    if (point.Type === 'tmpfs') return mountOf(point, '');
    if (point.Type === 'bind') return mountOf(point, useBind(engine, point));
    return mountOf(point, useVolume(engine, point, { root: rootfs, path: point.Destination }));
  });
}

/** Makes the bundle, which the runtime reads. On failure, leaves what `release` clears. */
export function prepareContainer(engine: Engine, record: ContainerRecord): Connected {
  const { host } = engine;
  const bundle = bundleDirectory(engine, record.id);
  // A copy into the container may have mounted its root filesystem there.
  unmountRootfs(engine, record.id);
  host.removeDirectory(bundle);
  host.mkdir(bundle, 0o700, true);
  const rootfs = mountRootfs(engine, { id: record.id, image: record.image, volatile: record.hostConfig.AutoRemove });
  const { netns, endpoints, ports } = connectContainer(engine, record);
  const spec = containerSpec(engine, {
    record,
    rootfs,
    network: netns,
    files: containerFiles(engine, record, endpoints),
    mounts: mounts(engine, record, rootfs),
  });
  host.writeNew(`${bundle}/config.json`, writeJson(spec), 0o600);
  return { endpoints, ports };
}

/** Deletes it from the runtime. */
export function deleteFromRuntime({ host, log, paths }: Engine, id: string): void {
  deleteContainer(host, { root: paths.runtime, id, force: true, warn: (text) => log.warn(text) });
}

/** Releases all that it had while it ran; missing parts are no error. */
export function release(engine: Engine, id: string): void {
  deleteFromRuntime(engine, id);
  disconnectContainer(engine, id);
  unmountRootfs(engine, id);
}
