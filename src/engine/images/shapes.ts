// Checks the JSON files of images, which may come from anybody, before anything relies on them.
import { engineError } from '../errors.js';
import { type Check, checkOf, isObject } from '../store/shapes.js';
import { descriptor, imageDefaults, indexMisfit } from '../records/image-shapes.js';
import type { ConfigFile, Index, Manifest } from '../records/image.js';

const manifest = checkOf({ 'config!': descriptor, 'layers!': [descriptor] });
const archive = checkOf([{ 'Config!': 'string', RepoTags: ['string'], 'Layers!': ['string'] }]);
const config = checkOf({
  created: 'string',
  author: 'string',
  architecture: 'string',
  variant: 'string',
  os: 'string',
  'rootfs!': { 'diff_ids!': ['string'] },
  history: [{ created: 'string', created_by: 'string', author: 'string', comment: 'string', empty_layer: 'boolean' }],
  config: imageDefaults,
});

function checked(value: unknown, check: Check, what: string): unknown {
  const at = check(value);
  if (at === undefined) return value;
  throw engineError(`the image is broken: its ${what} is invalid${at === '' ? '' : ` (${at})`}`, 'Get it again');
}

export const asManifest = (value: unknown): Manifest => checked(value, manifest, 'manifest') as Manifest;
export const asConfig = (value: unknown): ConfigFile => checked(value, config, 'config') as ConfigFile;

/** A list of several images. */
export const asIndex = (value: unknown): Index => checked(value, indexMisfit, 'index') as Index;

/** Either. */
export const asManifestOrIndex = (value: unknown): Manifest | Index =>
  isObject(value) && Array.isArray(value['manifests']) ? asIndex(value) : asManifest(value);

/** An entry of docker's manifest.json. */
export interface ArchiveEntry {
  readonly Config: string;
  readonly RepoTags?: readonly string[] | null;
  readonly Layers: readonly string[];
}

export const asArchive = (value: unknown): readonly ArchiveEntry[] =>
  checked(value, archive, 'manifest.json') as readonly ArchiveEntry[];
