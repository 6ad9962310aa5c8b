// `save` and `load`. `save` writes an OCI layout that also has docker's manifest.json, as in docker 25: docker, podman, skopeo
// and containerd load it. `load` reads that, an OCI layout, or what older dockers or podman save.
import { engineError } from '../errors.js';
import type { Engine } from '../engine.js';
import { runTool } from '../programs.js';
import { readJson } from '../store/json-files.js';
import { addImage, digestsOfFiles, stagedBlob, stageJson } from './add.js';
import { layersOf, readManifest } from './build.js';
import { choose, ownPlatform } from './registry/platform.js';
import { type Progress, withTarProgress } from '../progress.js';
import { canonical, parseReference, tryReference } from './reference.js';
import { type ArchiveEntry, asArchive, asIndex, asManifestOrIndex } from './shapes.js';
import { hexOf } from '../records/image-store.js';
import { type Descriptor, type Image, type Manifest, mediaTypes } from '../records/image.js';

/** An image to save, and the names to save it with, as docker shows them. */
export interface Saved {
  readonly image: Image;
  readonly names: readonly string[];
}

const blobName = (digest: string): string => `blobs/sha256/${hexOf(digest)}`;

function archiveEntry(engine: Engine, { image, names }: Saved): ArchiveEntry {
  return { Config: blobName(image.id), RepoTags: names, Layers: layersOf(engine, image).map(({ digest }) => blobName(digest)) };
}

function indexEntries(engine: Engine, { image, names }: Saved): Descriptor[] {
  const { mediaType = mediaTypes.manifest } = readManifest(engine, image);
  const { size } = engine.host.lstat(`${engine.paths.images}/${blobName(image.manifest)}`)!;
  const entry: Descriptor = { mediaType, digest: image.manifest, size };
  if (names.length === 0) return [entry];
  return names.map((name) => ({
    ...entry,
    annotations: {
      'io.containerd.image.name': canonical(parseReference(name)),
      'org.opencontainers.image.ref.name': parseReference(name).tag,
    },
  }));
}

/** Writes the archive to a file or a descriptor. */
export function saveImages(engine: Engine, saved: readonly Saved[], staging: string, output: string | number): void {
  const { host, paths } = engine;
  const write = (name: string, value: unknown): void => {
    host.writeNew(`${staging}/${name}`, JSON.stringify(value), 0o644);
  };
  write('oci-layout', { imageLayoutVersion: '1.0.0' });
  const manifests = saved.flatMap((one) => indexEntries(engine, one));
  write('index.json', { schemaVersion: 2, mediaType: mediaTypes.index, manifests });
  write(
    'manifest.json',
    saved.map((one) => archiveEntry(engine, one)),
  );
  const blobs = saved.flatMap(({ image }) => [image.manifest, image.id, ...layersOf(engine, image).map(({ digest }) => digest)]);
  const names = [...new Set(blobs)].sort().map(blobName);
  const owner = ['--owner=0', '--group=0', '--numeric-owner', '--mode=u=rw,go=r', '--sort=none'];
  const size = (): number => names.reduce((sum, name) => sum + (host.lstat(`${paths.images}/${name}`)?.size ?? 0), 0);
  const words = [...owner, '-C', staging, 'oci-layout', 'index.json', 'manifest.json', '-C', paths.images, ...names];
  withTarProgress(engine, 'Saving', size, (more) =>
    runTool(engine, 'tar', ['--create', ...more, ...words], { stdout: output, endsWithUs: true }),
  );
}

/** An image of an archive, and its names there (canonical). */
export interface Loaded {
  readonly id: string;
  readonly names: readonly string[];
}

/** Lists the images of an unpacked archive. */
class Archive {
  constructor(
    private readonly engine: Engine,
    private readonly staging: string,
    private readonly directory: string,
    private readonly progress: Progress,
  ) {}

  /** A file of the archive; its symlinks may lead only to other files of the archive. */
  #file(name: string): string {
    const { host } = this.engine;
    const path = `${this.directory}/${name}`;
    if (host.lstat(path) === null) throw engineError(`invalid archive: it has no ${name}`, 'Save the image again');
    const real = host.realPath(path);
    if (!real.startsWith(`${host.realPath(this.directory)}/`) || host.lstat(real)?.type !== 'file')
      throw engineError(`invalid archive: ${name} leads out of it`, 'Do not trust its source');
    return real;
  }

  #json(name: string): unknown {
    return readJson(this.engine, this.#file(name));
  }

  /** Makes the file a blob, named by its digest. Links it instead of moving it, because images of an archive share files. */
  #stage(path: string, digest: string): number {
    const { host } = this.engine;
    const target = stagedBlob(this.staging, digest);
    if (host.lstat(target) === null) host.link(path, target);
    return host.lstat(target)!.size;
  }

  /** docker's form names only files, so we compute their digests. */
  #fromDocker({ Config, RepoTags, Layers }: ArchiveEntry): Loaded {
    const { engine, staging } = this;
    const { onLayer } = this.progress;
    const [config, ...layers] = [Config, ...Layers].map((name) => this.#file(name));
    const [id, ...digests] = digestsOfFiles(engine, [config!, ...layers]);
    const manifest: Manifest = {
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      config: { mediaType: mediaTypes.config, digest: id!, size: this.#stage(config!, id!) },
      layers: digests.map((digest, index) => ({
        mediaType: mediaTypes.layer,
        digest,
        size: this.#stage(layers[index]!, digest),
      })),
    };
    const names = (RepoTags ?? []).map((name) => canonical(parseReference(name)));
    const { id: added } = addImage(engine, { staging, manifest: stageJson(engine, staging, manifest).digest, names, onLayer });
    return { id: added, names };
  }

  /** OCI's form names blobs by their digests, which we check. */
  #fromOci(entry: Descriptor): Loaded {
    const { engine, staging } = this;
    const { onLayer } = this.progress;
    const manifest = asManifestOrIndex(this.#json(blobName(entry.digest)));
    if ('manifests' in manifest) {
      const chosen = choose(manifest.manifests, ownPlatform(engine)) ?? manifest.manifests[0];
      if (chosen === undefined) throw engineError('invalid archive: it has no image', 'Save the image again');
      return this.#fromOci({ ...chosen, annotations: entry.annotations ?? {} });
    }
    const digests = [entry.digest, manifest.config.digest, ...manifest.layers.map(({ digest }) => digest)];
    const files = digests.map((digest) => this.#file(blobName(digest)));
    const actual = digestsOfFiles(engine, files);
    const wrong = digests.find((digest, index) => actual[index] !== digest);
    if (wrong !== undefined)
      throw engineError(`invalid archive: ${wrong.slice(0, 19)} has another digest`, 'Save the image again');
    for (const [index, digest] of digests.entries()) this.#stage(files[index]!, digest);
    const named = entry.annotations?.['io.containerd.image.name'] ?? entry.annotations?.['org.opencontainers.image.ref.name'];
    const reference = named === undefined ? null : tryReference(named);
    const names = reference === null ? [] : [canonical(reference)];
    return { id: addImage(engine, { staging, manifest: entry.digest, names, onLayer }).id, names };
  }

  load(): Loaded[] {
    const { host } = this.engine;
    host.mkdir(`${this.staging}/blobs/sha256`, 0o700, true);
    const has = (name: string): boolean => host.lstat(`${this.directory}/${name}`) !== null;
    // An OCI layout names its blobs by digest, and keeps the manifest as it was pushed or pulled.
    if (has('index.json') && has('oci-layout'))
      return asIndex(this.#json('index.json')).manifests.map((one) => this.#fromOci(one));
    if (has('manifest.json')) return asArchive(this.#json('manifest.json')).map((one) => this.#fromDocker(one));
    throw engineError(
      'invalid archive: it has neither manifest.json nor index.json',
      "Use 'pocker import' for the tar file of a root filesystem",
    );
  }
}

/** Adds the images of an archive; returns each with its names there. */
export function loadImages(engine: Engine, file: string, staging: string, progress: Progress): Loaded[] {
  const directory = `${staging}/archive`;
  engine.host.mkdir(directory, 0o700, true);
  runTool(engine, 'tar', ['--extract', '--no-same-owner', '-f', file, '-C', directory], { endsWithUs: true });
  try {
    return new Archive(engine, staging, directory, progress).load();
  } finally {
    progress.end();
  }
}
