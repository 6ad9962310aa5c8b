// The image store: an OCI image layout (index.json, blobs) whose index has an entry per name, and a record per image that saves
// reading manifest and config. An entry without a name is a dangling image.
import type { Engine } from '../engine.js';
import { isDamaged, namesIn, readRecord as readChecked, withLock, writeJson } from '../store/json-files.js';
import { imageMisfit, indexMisfit } from './image-shapes.js';
import type { Descriptor, ImageRecord, Index } from './image.js';
import { mediaTypes } from './image.js';

/** Annotations of an index entry. */
export const annotation = {
  name: 'org.opencontainers.image.ref.name',
  image: 'io.pocker.image.id',
  /** Repositories that it was pulled from or pushed to: "docker.io/library/busybox@sha256:…", separated by spaces. */
  digests: 'io.pocker.image.digests',
} as const;

export const hexOf = (digest: string): string => digest.slice(digest.indexOf(':') + 1);
export const blobPath = ({ paths }: Engine, digest: string): string => `${paths.images}/blobs/sha256/${hexOf(digest)}`;
const indexPath = ({ paths }: Engine): string => `${paths.images}/index.json`;
export const recordPath = ({ paths }: Engine, id: string): string => `${paths.images}/records/${hexOf(id)}.json`;
/** The unpacked layer, as overlayfs wants it. */
export const layerPath = ({ paths }: Engine, diffId: string): string => `${paths.layers}/${hexOf(diffId)}`;

/** One command at a time changes stored images. */
export function withImageLock<T>(engine: Engine, body: () => T): T {
  return withLock(engine, engine.paths.images, body);
}

export function readIndex(engine: Engine): readonly Descriptor[] {
  return (readChecked(engine, indexPath(engine), indexMisfit) as Index | null)?.manifests ?? [];
}

export function writeIndex(engine: Engine, manifests: readonly Descriptor[]): void {
  const { host, paths } = engine;
  if (host.lstat(`${paths.images}/oci-layout`) === null)
    writeJson(engine, `${paths.images}/oci-layout`, { imageLayoutVersion: '1.0.0' });
  writeJson(engine, indexPath(engine), { schemaVersion: 2, mediaType: mediaTypes.index, manifests });
}

export const nameOf = ({ annotations }: Descriptor): string => annotations?.[annotation.name] ?? '';
export const imageOf = ({ annotations }: Descriptor): string => annotations?.[annotation.image] ?? '';
export const digestsOf = ({ annotations }: Descriptor): readonly string[] =>
  (annotations?.[annotation.digests] ?? '').split(' ').filter((word) => word !== '');

export function readRecord(engine: Engine, id: string): ImageRecord | null {
  return readChecked(engine, recordPath(engine, id), imageMisfit) as ImageRecord | null;
}

/** Whether its record exists and is readable. */
export const isRecorded = (engine: Engine, id: string): boolean =>
  !isDamaged(() => readRecord(engine, id)) && readRecord(engine, id) !== null;

/** The path of the index, if it is unreadable. */
export const damagedIndex = (engine: Engine): string[] => (isDamaged(() => readIndex(engine)) ? [indexPath(engine)] : []);

/** Paths of records that are unreadable, or missing although the index has their images. */
export function damagedImages(engine: Engine): string[] {
  const directory = `${engine.paths.images}/records`;
  const stored = namesIn(engine, directory).filter((name) => /^[0-9a-f]{64}\.json$/.test(name));
  const listed = damagedIndex(engine).length > 0 ? [] : readIndex(engine).map((entry) => `${hexOf(imageOf(entry))}.json`);
  return [...new Set([...stored, ...listed])]
    .filter((name) => !isRecorded(engine, name.slice(0, -'.json'.length)))
    .map((name) => `${directory}/${name}`);
}

function withAnnotation(entry: Descriptor, key: string, value: string): Descriptor {
  const { [key]: _old, ...others } = entry.annotations ?? {};
  return { ...entry, annotations: value === '' ? others : { ...others, [key]: value } };
}

/** Gives a name ("" for none) to an image; an image that loses its last name stays without one. */
export function withName(index: readonly Descriptor[], entry: Descriptor, name: string): Descriptor[] {
  const named = withAnnotation(entry, annotation.name, name);
  const before = index.filter((one) => name !== '' && nameOf(one) === name);
  const others = index.filter((one) => !before.includes(one) && !(imageOf(one) === imageOf(entry) && nameOf(one) === ''));
  const isThere = (id: string): boolean => imageOf(entry) === id || others.some((one) => imageOf(one) === id);
  const dangling = before.filter((one) => !isThere(imageOf(one))).map((one) => withAnnotation(one, annotation.name, ''));
  if (name === '' && others.some((one) => imageOf(one) === imageOf(entry))) return others;
  return [...others, ...dangling, named];
}

/** Adds to all entries of an image where a registry has it. */
export function withDigest(index: readonly Descriptor[], id: string, digest: string): Descriptor[] {
  return index.map((entry) =>
    imageOf(entry) === id
      ? withAnnotation(entry, annotation.digests, [...new Set([...digestsOf(entry), digest])].join(' '))
      : entry,
  );
}
