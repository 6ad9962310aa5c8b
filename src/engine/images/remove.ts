// Removes names and images, then what no image needs any more.
import { allContainers, type StoredContainer } from '../records/container-store.js';
import { engineError } from '../errors.js';
import type { Engine } from '../engine.js';
import { requireImage } from './find.js';
import { collectGarbage } from './garbage.js';
import { Bar } from '../progress.js';
import { canonical, familiar, familiarRepository, parseReference, tryReference } from './reference.js';
import { digestsOf, imageOf, nameOf, readIndex, withImageLock, withName, writeIndex } from '../records/image-store.js';
import type { Descriptor, Image } from '../records/image.js';
import { withStaging } from '../store/staging.js';
import { shortId } from '../records/ids.js';

/** What was done, in docker's words: "Untagged: busybox:latest". */
export interface Removed {
  readonly untagged: readonly string[];
  readonly deleted: readonly string[];
}

function shownDigests(entries: readonly Descriptor[]): string[] {
  return [...new Set(entries.flatMap(digestsOf))].map(
    (one) => `${familiarRepository(parseReference(one))}@${parseReference(one).digest}`,
  );
}

/** The container that keeps the image from being removed. */
function user(engine: Engine, image: Image, force: boolean): StoredContainer | undefined {
  const users = allContainers(engine).filter(({ record }) => record.image === image.id);
  const runs = users.find(({ state }) => ['running', 'paused', 'restarting'].includes(state.status));
  return runs ?? (force ? undefined : users[0]);
}

function refuseUsed(engine: Engine, image: Image, said: string, byName: boolean, force: boolean): void {
  const found = user(engine, image, force);
  if (found === undefined) return;
  const runs = ['running', 'paused', 'restarting'].includes(found.state.status);
  const id = shortId(found.record.id);
  if (byName && runs && force) return; // removing the name alone is fine
  const what = byName ? `remove repository reference ${JSON.stringify(said)}` : `delete ${shortId(image.id)}`;
  const why = byName
    ? `container ${id} is using its referenced image ${shortId(image.id)}`
    : `image is being used by ${runs ? 'running' : 'stopped'} container ${id}`;
  const how = byName ? '(must force)' : runs ? '(cannot be forced)' : '(must be forced)';
  throw engineError(`conflict: unable to ${what} ${how} - ${why}`, `Remove the container: pocker rm ${id}`);
}

/** One of several names of an image: removes only that. */
function untag(engine: Engine, index: readonly Descriptor[], name: string): Removed {
  writeIndex(
    engine,
    index.filter((entry) => nameOf(entry) !== name),
  );
  return { untagged: [familiar(parseReference(name))], deleted: [] };
}

/** Removes the image with all its names. While a container runs from it, it stays without a name. */
function deleteImage(engine: Engine, index: readonly Descriptor[], image: Image, staging: string): Removed {
  const own = index.filter((entry) => imageOf(entry) === image.id);
  const others = index.filter((entry) => imageOf(entry) !== image.id);
  const untagged = [
    ...own
      .map(nameOf)
      .filter((name) => name !== '')
      .map((name) => familiar(parseReference(name))),
    ...shownDigests(own),
  ];
  if (user(engine, image, true) !== undefined) {
    writeIndex(engine, withName(others, own[0]!, ''));
    return { untagged, deleted: [] };
  }
  writeIndex(engine, others);
  const layers = collectGarbage(engine, staging);
  return { untagged, deleted: [image.id, ...layers] };
}

/** With the store's lock, and a directory for things to remove once the lock is released. */
function locked<T>(engine: Engine, body: (staging: string) => T): T {
  return withStaging(engine, (staging) => withImageLock(engine, () => body(staging)));
}

/** Fails with docker's texts. */
export function removeImage(engine: Engine, said: string, force: boolean): Removed {
  return locked(engine, (staging) => {
    const image = requireImage(engine, said);
    const index = readIndex(engine);
    const reference = tryReference(said);
    const name = reference === null ? undefined : index.map(nameOf).find((one) => one !== '' && one === canonical(reference));
    if (name !== undefined && image.names.length > 1) return untag(engine, index, name);
    if (name === undefined && image.names.length > 1 && !force)
      throw engineError(
        `conflict: unable to delete ${shortId(image.id)} (must be forced) - image is referenced in multiple repositories`,
        `Remove it by its names, or with pocker rmi --force ${said}`,
      );
    refuseUsed(engine, image, said, name !== undefined, force);
    return deleteImage(engine, index, image, staging);
  });
}

/** Removes dangling images or, with `all`, every image that no container uses, if it `fits`. Returns the bytes freed. */
export function pruneImages(
  engine: Engine,
  all: boolean,
  fits: (image: Image) => boolean,
  images: readonly Image[],
): Removed & { readonly bytes: number } {
  const used = new Set(allContainers(engine).map(({ record }) => record.image));
  const unneeded = images.filter((image) => (all || image.names.length === 0) && !used.has(image.id) && fits(image));
  return locked(engine, (staging) => {
    const before = unneeded.length === 0 ? 0 : storeSize(engine);
    const bar = new Bar(engine);
    const results = unneeded.map((image, index) => {
      bar.step('Removing images', index, unneeded.length);
      return deleteImage(engine, readIndex(engine), image, staging);
    });
    bar.end();
    const left = collectGarbage(engine, staging);
    return {
      untagged: results.flatMap(({ untagged }) => untagged),
      deleted: [...results.flatMap(({ deleted }) => deleted), ...left],
      bytes: unneeded.length === 0 ? 0 : before - storeSize(engine),
    };
  });
}

/** Bytes of all unpacked layers and blobs. */
export function storeSize({ host, paths }: Engine): number {
  return [paths.layers, `${paths.images}/blobs`].reduce(
    (sum, directory) => sum + (host.lstat(directory) === null ? 0 : host.treeSize(directory)),
    0,
  );
}
