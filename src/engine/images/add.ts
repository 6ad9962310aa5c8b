// Adds an image to the store. Everything is prepared in the command's own directory; others see it appear in one step,
// under the store's lock, the index last: a killed command adds nothing.
import { fromHost } from '../../errors.js';
import { unpackLayer } from '../layers/unpack.js';
import type { Engine } from '../engine.js';
import { engineError } from '../errors.js';
import { runTool } from '../programs.js';
import { namesIn, readJson, writeJson } from '../store/json-files.js';
import { collectGarbage } from './garbage.js';
import { digestPattern } from './reference.js';
import { asConfig, asManifest } from './shapes.js';
import {
  annotation,
  blobPath,
  hexOf,
  imageOf,
  isRecorded,
  layerPath,
  readIndex,
  recordPath,
  withDigest,
  withImageLock,
  withName,
  writeIndex,
} from '../records/image-store.js';
import { type ConfigFile, type Descriptor, type ImageRecord, type Manifest, mediaTypes } from '../records/image.js';

/** An image with its new blobs in `staging`/blobs/sha256. */
export interface NewImage {
  readonly staging: string;
  /** Digest of its manifest. */
  readonly manifest: string;
  /** Canonical; none: stores it without a name. */
  readonly names: readonly string[];
  /** "docker.io/library/busybox@sha256:…", if it comes from there. */
  readonly source?: string;
  /** Called before each layer that must be unpacked. */
  readonly onLayer?: (layer: Descriptor, index: number, count: number) => void;
}

export const stagedBlob = (staging: string, digest: string): string => `${staging}/blobs/sha256/${hexOf(digest)}`;

/** Digests of files. */
export function digestsOfFiles(engine: Engine, paths: readonly string[]): string[] {
  if (paths.length === 0) return [];
  const lines = runTool(engine, 'sha256sum', ['--zero', '--', ...paths], { keep: 512 * 1024 }).split('\0');
  return paths.map((_, index) => `sha256:${lines[index]!.slice(0, 64)}`);
}

/** Writes a JSON blob to the staging directory. */
export function stageJson(engine: Engine, staging: string, value: unknown): { readonly digest: string; readonly size: number } {
  const { host } = engine;
  const directory = `${staging}/blobs/sha256`;
  host.mkdir(directory, 0o700, true);
  const file = `${staging}/json`;
  host.writeNew(file, JSON.stringify(value), 0o600);
  const [digest] = digestsOfFiles(engine, [file]);
  const { size } = host.lstat(file)!;
  host.rename(file, stagedBlob(staging, digest!));
  return { digest: digest!, size };
}

/** A blob, from the staging directory or the store. */
function blobOf(engine: Engine, staging: string, digest: string): string {
  const own = stagedBlob(staging, digest);
  const path = engine.host.lstat(own) === null ? blobPath(engine, digest) : own;
  if (engine.host.lstat(path) === null)
    throw engineError(`the image is broken: ${digest.slice(0, 19)} is missing`, 'Get it again');
  return path;
}

function readBlob(engine: Engine, staging: string, digest: string): unknown {
  return readJson(engine, blobOf(engine, staging, digest));
}

/** The manifest and the config must agree before anything uses them. */
export function checkImage(manifest: Partial<Manifest>, config: Partial<ConfigFile>): void {
  const diffIds: readonly unknown[] = config.rootfs?.diff_ids ?? [];
  const layers = manifest.layers ?? [];
  const all = [manifest.config?.digest, ...diffIds, ...layers.map(({ digest }) => digest as unknown)];
  if (layers.length === diffIds.length && all.every((digest) => typeof digest === 'string' && digestPattern.test(digest))) return;
  throw engineError('the image is broken: its manifest and its config do not fit together', 'Get it again');
}

interface Prepared {
  readonly record: ImageRecord;
  readonly entry: Descriptor;
  readonly layers: readonly Descriptor[];
}

/** Unpacks missing layers; returns the sizes of all layers. */
function unpackAll(engine: Engine, image: NewImage, manifest: Manifest, diffIds: readonly string[]): number[] {
  const { staging, onLayer } = image;
  engine.host.mkdir(`${staging}/layers`, 0o700, false);
  return diffIds.map((diffId, index) => {
    const layer = manifest.layers[index]!;
    for (const ready of [layerPath(engine, diffId), `${staging}/layers/${hexOf(diffId)}`])
      if (engine.host.lstat(ready) !== null) return engine.host.treeSize(ready);
    onLayer?.(layer, index, diffIds.length);
    const blob = blobOf(engine, staging, layer.digest);
    return unpackLayer(engine, { blob, digest: layer.digest, diffId, directory: `${staging}/layers/${hexOf(diffId)}` });
  });
}

/**
 * On the disk before it has its final name: after a power failure, a layer would else be there, and be taken for whole, without what is
 * in its files. One syncfs(2), since nobody wants to wait for each of thousands of files.
 */
function makeLast(engine: Engine, staging: string): void {
  const isNew = ['layers', 'blobs/sha256'].some((name) => namesIn(engine, `${staging}/${name}`).length > 0);
  if (isNew) engine.host.syncfs(staging);
}

function prepare(engine: Engine, image: NewImage): Prepared {
  const { staging } = image;
  const manifest = asManifest(readBlob(engine, staging, image.manifest));
  const config = asConfig(readBlob(engine, staging, manifest.config.digest));
  checkImage(manifest, config);
  const diffIds = config.rootfs.diff_ids;
  const layerSizes = unpackAll(engine, image, manifest, diffIds);
  makeLast(engine, staging);
  const history = config.history ?? [];
  const record: ImageRecord = {
    version: 1,
    id: manifest.config.digest,
    manifest: image.manifest,
    created: config.created ?? '0001-01-01T00:00:00Z',
    author: config.author ?? '',
    comment: history.at(-1)?.comment ?? '',
    architecture: config.architecture,
    variant: config.variant ?? '',
    os: config.os,
    config: config.config ?? {},
    diffIds,
    size: layerSizes.reduce((sum, size) => sum + size, 0),
    layerSizes,
    history,
  };
  const { size } = engine.host.lstat(blobOf(engine, staging, image.manifest))!;
  const annotations = { [annotation.image]: record.id };
  const entry = { mediaType: manifest.mediaType ?? mediaTypes.manifest, digest: image.manifest, size, annotations };
  return { record, entry, layers: manifest.layers };
}

/** Unpacks layers that existed a moment ago, but have gone with their last image. */
function unpackGone(engine: Engine, { staging, onLayer }: NewImage, { record, layers }: Prepared): void {
  const { host } = engine;
  let isNew = false;
  for (const [index, diffId] of record.diffIds.entries()) {
    const staged = `${staging}/layers/${hexOf(diffId)}`;
    if (host.lstat(layerPath(engine, diffId)) !== null || host.lstat(staged) !== null) continue;
    const layer = layers[index]!;
    onLayer?.(layer, index, record.diffIds.length);
    unpackLayer(engine, { blob: blobOf(engine, staging, layer.digest), digest: layer.digest, diffId, directory: staged });
    isNew = true;
  }
  if (isNew) host.syncfs(staging);
}

/** Moves unpacked layers to where all images find them. */
function publishLayers(engine: Engine, image: NewImage, prepared: Prepared): void {
  const { host, paths } = engine;
  host.mkdir(paths.layers, 0o700, true);
  unpackGone(engine, image, prepared);
  for (const diffId of prepared.record.diffIds) {
    const final = layerPath(engine, diffId);
    if (host.lstat(final) === null) host.rename(`${image.staging}/layers/${hexOf(diffId)}`, final);
  }
  host.fsync(paths.layers);
}

function publishBlobs(engine: Engine, staging: string, { record, layers }: Prepared): void {
  const { host, paths } = engine;
  const directory = `${paths.images}/blobs/sha256`;
  host.mkdir(directory, 0o700, true);
  for (const digest of [record.manifest, record.id, ...layers.map((layer) => layer.digest)])
    if (host.lstat(stagedBlob(staging, digest)) !== null) host.rename(stagedBlob(staging, digest), blobPath(engine, digest));
  host.fsync(directory);
}

/** Publishes all that was prepared, or nothing. Under the store's lock. */
function publish(engine: Engine, image: NewImage, prepared: Prepared): void {
  try {
    publishAll(engine, image, prepared);
  } catch (caught) {
    try {
      collectGarbage(engine, image.staging);
    } catch (again) {
      engine.log.debug(`what was published stays until the next prune: ${String(again)}`);
    }
    throw caught;
  }
}

function publishAll(engine: Engine, image: NewImage, prepared: Prepared): void {
  const { record } = prepared;
  let index: readonly Descriptor[] = readIndex(engine);
  // The same image may have arrived another way, with other blobs: keeps existing ones, unless the disk has lost them.
  const existing = index.find((one) => imageOf(one) === record.id);
  const isWhole = existing !== undefined && isRecorded(engine, record.id);
  const entry = isWhole ? existing : { ...prepared.entry, annotations: existing?.annotations ?? prepared.entry.annotations! };
  publishLayers(engine, image, prepared);
  if (!isWhole) {
    publishBlobs(engine, image.staging, prepared);
    writeJson(engine, recordPath(engine, record.id), record);
    index = index.map((one) => (imageOf(one) === record.id ? { ...prepared.entry, annotations: one.annotations! } : one));
  }
  for (const name of image.names.length === 0 ? [''] : image.names) index = withName(index, entry, name);
  writeIndex(engine, image.source === undefined ? index : withDigest(index, record.id, image.source));
}

/** Adds it; returns its record. */
export function addImage(engine: Engine, image: NewImage): ImageRecord {
  try {
    const prepared = prepare(engine, image);
    withImageLock(engine, () => publish(engine, image, prepared));
    return prepared.record;
  } catch (caught) {
    throw fromHost('E_ENGINE', 'cannot store the image', caught);
  }
}
