// system df --verbose: how much space each image, container and volume takes.
import { containerRow, headings } from '../../listing/rows.js';
import { allContainers, type StoredContainer } from '../../../records/container-store.js';
import type { Engine } from '../../../engine.js';
import { familiarRepository, parseReference } from '../../../images/reference.js';
import { layerPath } from '../../../records/image-store.js';
import type { Image } from '../../../records/image.js';
import { allVolumes, volumeSize } from '../../../volumes/volumes.js';
import type { Call } from '../../command.js';
import type { Fields } from '../../format/go-values.js';
import { rowsText } from '../../format/show-rows.js';
import { template } from '../../format/template.js';
import { ago, humanSize } from '../../format/units.js';
import { refreshed, writtenBytes } from '../../../containers/now.js';
import { allImages } from '../../../images/find.js';
import { shortId } from '../../../records/ids.js';

const imageHeadings = {
  Repository: 'REPOSITORY',
  Tag: 'TAG',
  ID: 'IMAGE ID',
  CreatedSince: 'CREATED',
  Size: 'SIZE',
  SharedSize: 'SHARED SIZE',
  UniqueSize: 'UNIQUE SIZE',
  Containers: 'CONTAINERS',
};
const containerColumns = ['ID', 'Image', 'Command', 'LocalVolumes', 'Size', 'RunningFor', 'Status', 'Names'];
const volumeHeadings = { Name: 'VOLUME NAME', Links: 'LINKS', Size: 'SIZE' };

/** A layer of several images counts as shared. */
function imageRows(engine: Engine, containers: readonly StoredContainer[]): Fields[] {
  const images = allImages(engine);
  const sizes = new Map<string, number>();
  const sizeOf = (diffId: string): number => {
    const path = layerPath(engine, diffId);
    const size = sizes.get(diffId) ?? (engine.host.lstat(path) === null ? 0 : engine.host.treeSize(path));
    sizes.set(diffId, size);
    return size;
  };
  const sum = (diffIds: readonly string[]): number => diffIds.reduce((total, diffId) => total + sizeOf(diffId), 0);
  const isShared = (diffId: string): boolean => images.filter(({ diffIds }) => diffIds.includes(diffId)).length > 1;
  const row = (image: Image): Fields => {
    const [name] = image.names;
    const reference = name === undefined ? null : parseReference(name);
    const shared = sum(image.diffIds.filter(isShared));
    return {
      Repository: reference === null ? '<none>' : familiarRepository(reference),
      Tag: reference?.tag ?? '<none>',
      ID: shortId(image.id),
      CreatedSince: ago(image.created, engine.host.now()),
      Size: humanSize(sum(image.diffIds)),
      SharedSize: humanSize(shared),
      UniqueSize: humanSize(sum(image.diffIds) - shared),
      Containers: String(containers.filter(({ record }) => record.image === image.id).length),
    };
  };
  return images.map(row);
}

function volumeRows(engine: Engine, containers: readonly StoredContainer[]): Fields[] {
  const links = (name: string): number =>
    containers.filter(({ record }) => record.mounts.some(({ Name }) => Name === name)).length;
  return allVolumes(engine).map((volume) => ({
    Name: volume.Name,
    Links: String(links(volume.Name)),
    Size: humanSize(volumeSize(engine, volume)),
  }));
}

export function showEverything({ engine, values }: Call): number {
  const { host } = engine;
  const containers = allContainers(engine).map((one) => refreshed(engine, one));
  const size = (one: StoredContainer): number => writtenBytes(engine, one);
  const Images = imageRows(engine, containers);
  const Containers = containers.map((one) => containerRow(one, { now: host.now(), full: false, size }));
  const Volumes = volumeRows(engine, containers);
  const format = values['format'];
  if (typeof format === 'string' && format !== '' && format !== 'table') {
    const shown = format === 'json' ? '{{json .}}' : format;
    host.write(1, `${template(shown)({ Images, Containers, Volumes, BuildCache: [] })}\n`);
    return 0;
  }
  const part = (title: string, rows: readonly Fields[], headings: Readonly<Record<string, string>>, columns: string[]): string =>
    `${title} space usage:\n\n${rowsText({}, { rows, headings, columns })}\n`;
  host.write(
    1,
    part('Images', Images, imageHeadings, Object.keys(imageHeadings)) +
      part('Containers', Containers, headings, containerColumns) +
      part('Local Volumes', Volumes, volumeHeadings, Object.keys(volumeHeadings)) +
      'Build cache usage: 0B\n\n',
  );
  return 0;
}
