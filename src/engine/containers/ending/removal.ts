// Removes a stopped container, with everything that belongs to it.
import type { Engine } from '../../engine.js';
import { emit } from '../../records/events.js';
import { removeRootfs } from '../../layers/rootfs.js';
import { removeRecord, withLock } from '../../store/json-files.js';
import { removeAnonymousVolumes } from '../../volumes/volumes.js';
import { release } from '../bundle/prepare.js';
import {
  attributesOf,
  bundleDirectory,
  containerDirectory,
  isNameLost,
  nameOwner,
  writeState,
  type StoredContainer,
} from '../../records/container-store.js';

export interface Removal {
  /** Also removes its anonymous volumes. */
  readonly volumes: boolean;
}

/** The container is not running, and the caller holds its lock. If this crashes half-way, repair finishes it. */
export function removeStored(engine: Engine, { record, state }: StoredContainer, { volumes }: Removal): void {
  const { host } = engine;
  const { id } = record;
  writeState(engine, id, { ...state, status: 'removing' });
  // Without a bundle, everything has been released.
  if (host.lstat(bundleDirectory(engine, id)) !== null) release(engine, id);
  removeRootfs(engine, id);
  freeName(engine, record.name, id);
  host.removeDirectory(bundleDirectory(engine, id));
  host.removeDirectory(containerDirectory(engine, id));
  if (volumes) removeAnonymousVolumes(engine, record.mounts);
  emit(engine, { Type: 'container', Action: 'destroy', id, attributes: attributesOf(record) });
}

/** Keeps a name that belongs to another container. null: the disk has lost the owner, and no container claims the name. */
export function freeName(engine: Engine, name: string, id: string | null): void {
  const isIts = (): boolean => nameOwner(engine, name) === id && (id !== null || isNameLost(engine, name));
  if (!isIts()) return;
  // Between the check and the removal, another command must not free the name and take it.
  withLock(engine, engine.paths.names, () => {
    if (isIts()) removeRecord(engine, `${engine.paths.names}/${name}`);
  });
}
