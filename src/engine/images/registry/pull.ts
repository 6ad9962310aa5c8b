// Gets an image from a registry. Keeps the manifest and the config as the registry has them, so that the image has the same id
// everywhere; does not fetch layers that are already here.
import { fromHost } from '../../../errors.js';
import type { Engine } from '../../engine.js';
import { engineError } from '../../errors.js';
import { readJson } from '../../store/json-files.js';
import { addImage, digestsOfFiles, stagedBlob } from '../add.js';
import { imageById } from '../find.js';
import { choose, ownPlatform, type Platform, platformText } from './platform.js';
import { canonical, familiar, parseReference, type Reference, repository } from '../reference.js';
import { asIndex, asManifest } from '../shapes.js';
import { remote, skopeo, tlsFlags } from './skopeo.js';
import {
  blobPath,
  digestsOf,
  imageOf,
  isRecorded,
  readIndex,
  withDigest,
  withImageLock,
  withName,
  writeIndex,
} from '../../records/image-store.js';
import type { Image, Index, Manifest } from '../../records/image.js';
import { clearStaging, withStaging } from '../../store/staging.js';
import { shortId } from '../../records/ids.js';

export interface PullOptions {
  readonly platform?: Platform;
  readonly quiet: boolean;
  /** The descriptor for progress: 1 for `pull`, 2 for `run`. */
  readonly to: 1 | 2;
}

interface Wanted {
  /** The requested digest, of a list or of a manifest. */
  readonly top: string;
  /** The manifest for the platform. */
  readonly manifest: string;
}

class Pull {
  constructor(
    private readonly engine: Engine,
    private readonly reference: Reference,
    private readonly options: PullOptions,
    private readonly staging: string,
  ) {}

  say(text: string): void {
    if (!this.options.quiet) this.engine.host.write(this.options.to, `${text}\n`);
  }

  /** Fetches a manifest into the staging directory; returns its digest. */
  #fetchManifest(from: Reference): string {
    const { engine, staging } = this;
    const file = `${staging}/raw`;
    skopeo(engine, this.reference, ['inspect', '--raw', ...tlsFlags(from, ''), remote(from)], { stdout: file });
    const [digest] = digestsOfFiles(engine, [file]);
    engine.host.rename(file, stagedBlob(staging, digest!));
    return digest!;
  }

  /** Resolves the name to the manifest for the platform. */
  resolve(): Wanted {
    const { engine, reference, staging, options } = this;
    engine.host.mkdir(`${staging}/blobs/sha256`, 0o700, true);
    const top = this.#fetchManifest(reference);
    const read = readJson(engine, stagedBlob(staging, top)) as Partial<Index & Manifest> | null;
    if (read?.schemaVersion !== 2)
      throw engineError(`${familiar(reference)} has a manifest of an old form`, 'Push it again with a newer tool');
    if (read.manifests === undefined) return { top, manifest: top };
    const { manifests } = asIndex(read);
    const platform = options.platform ?? ownPlatform(engine);
    const chosen = choose(manifests, platform);
    if (chosen === undefined)
      throw engineError(
        `no matching manifest for ${platformText(platform)} in the manifest list entries`,
        'Choose one of its platforms with --platform',
      );
    return { top, manifest: this.#fetchManifest({ ...reference, tag: '', digest: chosen.digest }) };
  }

  /** Hard-links local layers to where skopeo looks before it fetches. */
  #reuse(manifest: Manifest): void {
    const { engine, staging } = this;
    for (const { digest } of manifest.layers)
      if (engine.host.lstat(blobPath(engine, digest)) !== null && engine.host.lstat(stagedBlob(staging, digest)) === null)
        engine.host.link(blobPath(engine, digest), stagedBlob(staging, digest));
  }

  /** Fetches what the manifest names. */
  fetch(digest: string): void {
    const { engine, reference, staging, options } = this;
    const { host } = engine;
    const manifest = asManifest(readJson(engine, stagedBlob(staging, digest)));
    this.#reuse(manifest);
    const from = { ...reference, tag: '', digest };
    const shown = !options.quiet && host.isTerminal(options.to);
    const output = shown ? { stdout: options.to } : {};
    const words = [
      'copy',
      ...(shown ? [] : ['--quiet']),
      '--dest-oci-accept-uncompressed-layers',
      ...tlsFlags(reference, 'src-'),
    ];
    const target = [`--dest-shared-blob-dir=${staging}/blobs`, remote(from), `oci:${staging}/copy:image`];
    skopeo(engine, reference, [...words, ...target], output);
    if (host.lstat(stagedBlob(staging, manifest.config.digest)) === null) this.#fetchConfig(from, manifest.config.digest);
  }

  /** skopeo has converted a docker image's config to OCI's form: fetches the original, whose digest is the image's id. */
  #fetchConfig(from: Reference, digest: string): void {
    const { engine, staging } = this;
    const file = `${staging}/config`;
    const words = ['inspect', '--raw', '--config', ...tlsFlags(from, ''), remote(from)];
    skopeo(engine, this.reference, words, { stdout: file });
    if (digestsOfFiles(engine, [file])[0] !== digest)
      throw engineError(`${familiar(this.reference)} is broken: its config has another digest`, 'Pull it again');
    engine.host.rename(file, stagedBlob(staging, digest));
  }
}

/** The image is already here: only its name may be new. */
function isHere(engine: Engine, manifest: string, name: string, source: string): string | null {
  return withImageLock(engine, () => {
    const index = readIndex(engine);
    const entry = index.find(({ digest }) => digest === manifest);
    if (entry === undefined || !isRecorded(engine, imageOf(entry))) return null;
    const id = imageOf(entry);
    const changed = withDigest(name === '' ? index : withName(index, entry, name), id, source);
    const known =
      digestsOf(entry).includes(source) &&
      JSON.stringify(changed.map(({ annotations }) => annotations)) ===
        JSON.stringify(index.map(({ annotations }) => annotations));
    if (!known) writeIndex(engine, changed);
    return id;
  });
}

/** Pulls it, prints what docker prints, and returns it. */
export function pullImage(engine: Engine, said: string, options: PullOptions): Image {
  const reference = parseReference(said);
  clearStaging(engine);
  try {
    return withStaging(engine, (staging) => pullInto(engine, reference, options, staging));
  } catch (caught) {
    throw fromHost('E_ENGINE', `cannot pull ${familiar(reference)}`, caught);
  }
}

function pullInto(engine: Engine, reference: Reference, options: PullOptions, staging: string): Image {
  const pull = new Pull(engine, reference, options, staging);
  const shown = familiar(reference);
  const tag = reference.digest === '' ? reference.tag : reference.digest;
  const { top, manifest } = pull.resolve();
  pull.say(`${tag}: Pulling from ${reference.domain === 'docker.io' ? reference.path : repository(reference)}`);
  const source = `${repository(reference)}@${top}`;
  const name = reference.tag === '' ? '' : canonical({ ...reference, digest: '' });
  let id = isHere(engine, manifest, name, source);
  const news = id === null ? 'Downloaded newer image' : 'Image is up to date';
  if (id === null) {
    pull.fetch(manifest);
    id = addImage(engine, {
      staging,
      manifest,
      names: name === '' ? [] : [name],
      source,
      onLayer: ({ digest }) => {
        pull.say(`${shortId(digest)}: Pull complete`);
      },
    }).id;
  }
  pull.say(`Digest: ${top}\nStatus: ${news} for ${shown}`);
  const image = imageById(engine, id);
  if (image === null) throw engineError(`No such image: ${shown}`, 'It was removed meanwhile: pull it again');
  return image;
}
