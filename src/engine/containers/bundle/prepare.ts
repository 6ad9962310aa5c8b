// Everything around a container before it is created: its root filesystem, volumes, network and files; and after it has ended.
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

/** Where a mount's content is on the host. A named volume that is new gets what the image has there. */
function mounts(engine: Engine, record: ContainerRecord, rootfs: string): Mount[] {
  return record.mounts.map((point) => {
    if (point.Type === 'tmpfs') return mountOf(point, '');
    if (point.Type === 'bind') return mountOf(point, useBind(engine, point));
    return mountOf(point, useVolume(engine, point, { root: rootfs, path: point.Destination }));
  });
}

/** Makes its bundle, which the runtime reads. On failure, leaves what `release` clears. */
export function prepareContainer(engine: Engine, record: ContainerRecord): Connected {
  const { host } = engine;
  const bundle = bundleDirectory(engine, record.id);
  // A copy into it may have mounted its root filesystem there.
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

/** Takes it out of the runtime. */
export function deleteFromRuntime({ host, log, paths }: Engine, id: string): void {
  deleteContainer(host, { root: paths.runtime, id, force: true, warn: (text) => log.warn(text) });
}

/** Releases all that it had while it ran; what is gone already is no error. */
export function release(engine: Engine, id: string): void {
  deleteFromRuntime(engine, id);
  disconnectContainer(engine, id);
  unmountRootfs(engine, id);
}
