// system df: how much space images, containers and volumes take, and how much of it a prune would free.
import { allContainers, type StoredContainer } from '../../../records/container-store.js';
import { storeSize } from '../../../images/remove.js';
import { layerPath } from '../../../records/image-store.js';
import type { Image } from '../../../records/image.js';
import type { Engine } from '../../../engine.js';
import { allVolumes, volumeSize } from '../../../volumes/volumes.js';
import type { Call } from '../../command.js';
import type { Fields } from '../../format/go-values.js';
import { showRows } from '../../format/show-rows.js';
import { humanSize } from '../../format/units.js';
import { showEverything } from './df-verbose.js';
import { refreshed, writtenBytes } from '../../../containers/now.js';
import { allImages } from '../../../images/find.js';

const headings = { Type: 'TYPE', TotalCount: 'TOTAL', Active: 'ACTIVE', Size: 'SIZE', Reclaimable: 'RECLAIMABLE' };
const columns = ['Type', 'TotalCount', 'Active', 'Size', 'Reclaimable'];

interface Amount {
  readonly bytes: number;
  readonly active: boolean;
}

function row(Type: string, amounts: readonly Amount[], size: number, reclaimable: number): Fields {
  const share = size > 0 ? ` (${Math.floor((100 * reclaimable) / size)}%)` : '';
  return {
    Type,
    TotalCount: String(amounts.length),
    Active: String(amounts.filter(({ active }) => active).length),
    Size: humanSize(size),
    Reclaimable: `${humanSize(reclaimable)}${share}`,
  };
}

const total = (amounts: readonly Amount[]): number => amounts.reduce((sum, { bytes }) => sum + bytes, 0);
const idle = (amounts: readonly Amount[]): Amount[] => amounts.filter(({ active }) => !active);

/** A prune frees the layers that belong only to images without containers. */
function images(engine: Engine, containers: readonly StoredContainer[]): Fields {
  const all = allImages(engine);
  const used = new Set(containers.map(({ record }) => record.image));
  const layers = (some: readonly Image[]): Set<string> => new Set(some.flatMap(({ diffIds }) => diffIds));
  const kept = layers(all.filter(({ id }) => used.has(id)));
  const free = [...layers(all)].filter((diffId) => !kept.has(diffId)).map((diffId) => layerPath(engine, diffId));
  const reclaimable = free.reduce((sum, path) => sum + (engine.host.lstat(path) === null ? 0 : engine.host.treeSize(path)), 0);
  return row(
    'Images',
    all.map(({ id }) => ({ bytes: 0, active: used.has(id) })),
    storeSize(engine),
    reclaimable,
  );
}

export function run(call: Call): number {
  if (call.values['verbose'] === true) return showEverything(call);
  const { engine } = call;
  const containers = allContainers(engine).map((one) => refreshed(engine, one));
  const written = containers.map((one) => ({
    bytes: writtenBytes(engine, one),
    active: ['running', 'paused', 'restarting'].includes(one.state.status),
  }));
  const mounted = new Set(containers.flatMap(({ record }) => record.mounts.flatMap(({ Name }) => Name ?? [])));
  const volumes = allVolumes(engine).map((one) => ({ bytes: volumeSize(engine, one), active: mounted.has(one.Name) }));
  showRows(call, {
    headings,
    columns,
    rows: [
      images(engine, containers),
      row('Containers', written, total(written), total(idle(written))),
      row('Local Volumes', volumes, total(volumes), total(idle(volumes))),
      row('Build Cache', [], 0, 0),
    ],
  });
  return 0;
}
