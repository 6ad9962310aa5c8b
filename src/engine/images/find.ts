// Finds images by name, digest, id or the beginning of an id.
import { engineError } from '../errors.js';
import type { Engine } from '../engine.js';
import { canonical, familiar, familiarRepository, parseReference, repository, tryReference } from './reference.js';
import { unlessDamaged } from '../store/json-files.js';
import { digestsOf, imageOf, nameOf, readIndex, readRecord } from '../records/image-store.js';
import type { Descriptor, Image } from '../records/image.js';

function shownDigest(digest: string): string {
  const reference = parseReference(digest);
  return `${familiarRepository(reference)}@${reference.digest}`;
}

const entriesOf = (index: readonly Descriptor[], id: string): Descriptor[] => index.filter((entry) => imageOf(entry) === id);

/** `entries`: those of the index that are its. */
function assemble(engine: Engine, entries: readonly Descriptor[], id: string): Image | null {
  const record = readRecord(engine, id);
  if (record === null) return null;
  const names = entries.flatMap((entry) => (nameOf(entry) === '' ? [] : [familiar(parseReference(nameOf(entry)))]));
  const digests = [...new Set(entries.flatMap(digestsOf))].map(shownDigest);
  return { ...record, names: names.sort(), digests };
}

/** All images, newest first. */
export function allImages(engine: Engine): Image[] {
  const byImage = new Map<string, Descriptor[]>();
  for (const entry of readIndex(engine)) {
    const entries = byImage.get(imageOf(entry));
    if (entries === undefined) byImage.set(imageOf(entry), [entry]);
    else entries.push(entry);
  }
  return [...byImage]
    .flatMap(([id, entries]) => unlessDamaged(engine, `image ${id}`, () => assemble(engine, entries, id)) ?? [])
    .sort((a, b) => (a.created < b.created ? 1 : -1));
}

function idByName(index: readonly Descriptor[], said: string): string | undefined {
  const reference = tryReference(said);
  if (reference === null) return undefined;
  const { tag, digest } = reference;
  if (digest === '') return byEntry(index, (entry) => nameOf(entry) === canonical(reference));
  const pulled = `${repository(reference)}@${digest}`;
  return byEntry(
    index,
    (entry) => digestsOf(entry).includes(pulled) && (tag === '' || nameOf(entry) === canonical({ ...reference, digest: '' })),
  );
}

function byEntry(index: readonly Descriptor[], fits: (entry: Descriptor) => boolean): string | undefined {
  const entry = index.find(fits);
  return entry === undefined ? undefined : imageOf(entry);
}

function idByPrefix(index: readonly Descriptor[], said: string): string | undefined {
  const digits = said.startsWith('sha256:') ? said.slice(7) : said;
  if (!/^[0-9a-f]{1,64}$/.test(digits)) return undefined;
  const ids = [...new Set(index.map(imageOf))].filter((id) => id.startsWith(`sha256:${digits}`));
  if (ids.length > 1) throw engineError(`multiple IDs found with provided prefix: ${said}`, 'Use more of its digits');
  return ids[0];
}

/** null: no such local image. */
export function findImage(engine: Engine, said: string): Image | null {
  const index = readIndex(engine);
  const id = idByName(index, said) ?? idByPrefix(index, said);
  return id === undefined ? null : assemble(engine, entriesOf(index, id), id);
}

/** The image of a container, which may have been removed meanwhile. */
export function imageById(engine: Engine, id: string): Image | null {
  return assemble(engine, entriesOf(readIndex(engine), id), id);
}

/** Fails with docker's text. */
export function requireImage(engine: Engine, said: string): Image {
  const image = findImage(engine, said);
  if (image === null)
    throw engineError(`No such image: ${shownName(said)}`, "List images with 'pocker images'; get another with 'pocker pull'");
  return image;
}

/** With its tag, as docker names it in messages. */
export function shownName(said: string): string {
  const reference = tryReference(said);
  return reference === null ? said : familiar(reference);
}
