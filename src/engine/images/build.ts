// Makes images from local files: from a layer's tar file (commit, import) or an archive (load).
import type { Engine } from '../engine.js';
import { readJson } from '../store/json-files.js';
import { addImage, digestsOfFiles, stagedBlob, stageJson } from './add.js';
import { asManifest } from './shapes.js';
import { blobPath } from '../records/image-store.js';
import { type ConfigFile, type Descriptor, type ImageRecord, type Manifest, mediaTypes } from '../records/image.js';

/** An image whose config we write. Its layers' blobs are in the store or in `staging`. */
export interface Parts {
  readonly staging: string;
  readonly config: ConfigFile;
  readonly layers: readonly Descriptor[];
  readonly names: readonly string[];
}

/** Moves an uncompressed tar file to the blobs of the staging directory. */
export function stageLayer(engine: Engine, staging: string, file: string, digest?: string): Descriptor {
  const { host } = engine;
  host.mkdir(`${staging}/blobs/sha256`, 0o700, true);
  const own = digest ?? digestsOfFiles(engine, [file])[0]!;
  const { size } = host.lstat(file)!;
  host.rename(file, stagedBlob(staging, own));
  return { mediaType: mediaTypes.layer, digest: own, size };
}

export function addParts(engine: Engine, { staging, config, layers, names }: Parts): ImageRecord {
  const { digest, size } = stageJson(engine, staging, config);
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: { mediaType: mediaTypes.config, digest, size },
    layers,
  };
  return addImage(engine, { staging, manifest: stageJson(engine, staging, manifest).digest, names });
}

/** Descriptors of a local image's layers. */
export function layersOf(engine: Engine, record: ImageRecord): readonly Descriptor[] {
  return readManifest(engine, record).layers;
}

export function readManifest(engine: Engine, { manifest }: ImageRecord): Manifest {
  return asManifest(readJson(engine, blobPath(engine, manifest)));
}
