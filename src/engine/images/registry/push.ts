// Sends an image to a registry: skopeo reads it from the store, compresses uncompressed layers, and sends what is missing there.
import { fromHost } from '../../../errors.js';
import type { Engine } from '../../engine.js';
import { engineError } from '../../errors.js';
import { requireImage } from '../find.js';
import { readManifest } from '../build.js';
import { canonical, familiar, type Reference, repository } from '../reference.js';
import { remote, skopeo, tlsFlags } from './skopeo.js';
import { nameOf, readIndex, withDigest, withImageLock, writeIndex } from '../../records/image-store.js';
import { type Image, mediaTypes } from '../../records/image.js';
import { clearStaging, withStaging } from '../../store/staging.js';

/** A layout with only that image, sharing the store's blobs. */
function layout(engine: Engine, image: Image, staging: string): string {
  const { mediaType = mediaTypes.manifest } = readManifest(engine, image);
  const directory = `${staging}/layout`;
  engine.host.mkdir(directory, 0o700, true);
  const size = engine.host.lstat(`${engine.paths.images}/blobs/sha256/${image.manifest.slice(7)}`)!.size;
  const entry = { mediaType, digest: image.manifest, size, annotations: { 'org.opencontainers.image.ref.name': 'image' } };
  engine.host.writeNew(`${directory}/oci-layout`, JSON.stringify({ imageLayoutVersion: '1.0.0' }), 0o600);
  engine.host.writeNew(`${directory}/index.json`, JSON.stringify({ schemaVersion: 2, manifests: [entry] }), 0o600);
  return `oci:${directory}:image`;
}

export function pushImage(engine: Engine, reference: Reference, quiet: boolean): void {
  const name = canonical(reference);
  if (!readIndex(engine).some((entry) => nameOf(entry) === name))
    throw engineError(
      `An image does not exist locally with the tag: ${familiar(reference)}`,
      "Give it that name with 'pocker tag'",
    );
  const image = requireImage(engine, name);
  clearStaging(engine);
  try {
    withStaging(engine, (staging) => {
      pushFrom(engine, image, reference, { staging, quiet });
    });
  } catch (caught) {
    throw fromHost('E_ENGINE', `cannot push ${familiar(reference)}`, caught);
  }
}

function pushFrom(
  engine: Engine,
  image: Image,
  reference: Reference,
  { staging, quiet }: { readonly staging: string; readonly quiet: boolean },
): void {
  const { host, paths } = engine;
  if (!quiet) host.write(1, `The push refers to repository [${repository(reference)}]\n`);
  const shown = !quiet && host.isTerminal(1);
  const flags = [
    `--src-shared-blob-dir=${paths.images}/blobs`,
    `--digestfile=${staging}/digest`,
    ...tlsFlags(reference, 'dest-'),
  ];
  const words = ['copy', ...(shown ? [] : ['--quiet']), ...flags, layout(engine, image, staging), remote(reference)];
  skopeo(engine, reference, words, shown ? { stdout: 1 } : {});
  const digest = host.readText(`${staging}/digest`, 1024).trim();
  withImageLock(engine, () => {
    writeIndex(engine, withDigest(readIndex(engine), image.id, `${repository(reference)}@${digest}`));
  });
  if (!quiet)
    host.write(
      1,
      `${reference.tag}: digest: ${digest} size: ${host.lstat(`${paths.images}/blobs/sha256/${image.manifest.slice(7)}`)?.size ?? 0}\n`,
    );
}
