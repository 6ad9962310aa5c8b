// Blobs, records and unpacked layers that no image needs any more.
import { allContainers, unreadableContainers, type StoredContainer } from '../records/container-store.js';
import type { Engine } from '../engine.js';
import { namesIn, readJson } from '../store/json-files.js';
import { blobPath, hexOf, imageOf, layerPath, readIndex, readRecord, recordPath } from '../records/image-store.js';
import type { Descriptor, ImageRecord, Manifest } from '../records/image.js';

/** Records of the images in use: those with an entry, and those of containers. */
function neededRecords(engine: Engine, index: readonly Descriptor[]): ImageRecord[] {
  const ids = new Set([...index.map(imageOf), ...allContainers(engine).map(({ record }) => record.image)]);
  return [...ids].flatMap((id) => readRecord(engine, id) ?? []);
}

function neededBlobs(engine: Engine, records: readonly ImageRecord[]): Set<string> {
  return new Set(
    records.flatMap(({ manifest }) => {
      const read = readJson(engine, blobPath(engine, manifest)) as Manifest | null;
      return read === null ? [] : [manifest, read.config.digest, ...read.layers.map(({ digest }) => digest)].map(hexOf);
    }),
  );
}

/**
 * Removes blobs, records and unpacked layers that no image needs. Under the store's lock. Moves layers to the staging directory
 * first: a half-removed one must not be found again. Returns their digests. A container whose record cannot be read may need any
 * image, and an image without its record may have any layer.
 */
export function collectGarbage(engine: Engine, staging: string): string[] {
  const { host, paths } = engine;
  const isLost = ({ record }: StoredContainer): boolean => readRecord(engine, record.image) === null;
  if (unreadableContainers(engine).length > 0 || allContainers(engine).some(isLost)) return [];
  const records = neededRecords(engine, readIndex(engine));
  const blobs = neededBlobs(engine, records);
  for (const name of namesIn(engine, `${paths.images}/blobs/sha256`))
    if (!blobs.has(name)) host.unlink(`${paths.images}/blobs/sha256/${name}`);
  const files = new Set(records.map(({ id }) => recordPath(engine, id)));
  for (const name of namesIn(engine, `${paths.images}/records`))
    if (!files.has(`${paths.images}/records/${name}`)) host.unlink(`${paths.images}/records/${name}`);
  const layers = new Set(['empty', ...records.flatMap(({ diffIds }) => diffIds.map(hexOf))]);
  const unneeded = namesIn(engine, paths.layers).filter((name) => !layers.has(name));
  for (const name of unneeded) host.rename(layerPath(engine, name), `${staging}/${name}`);
  return unneeded.map((name) => `sha256:${name}`);
}
