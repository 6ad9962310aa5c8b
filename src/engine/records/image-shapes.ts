// The shape of the image store's JSON files, checked before anything relies on them.
import { any, checkOf } from '../store/shapes.js';

export const descriptor = { mediaType: 'string', 'digest!': 'string', annotations: { [any]: 'string' } } as const;
const platform = { architecture: 'string', os: 'string', variant: 'string' } as const;

/** A list of several images: OCI's index. */
export const indexMisfit = checkOf({ 'manifests!': [{ ...descriptor, platform }] });

/** An image's defaults for its containers. */
export const imageDefaults = {
  Env: ['string'],
  Cmd: ['string'],
  Entrypoint: ['string'],
  WorkingDir: 'string',
  User: 'string',
  ExposedPorts: { [any]: 'object' },
  Volumes: { [any]: 'object' },
  Labels: { [any]: 'string' },
  StopSignal: 'string',
  Healthcheck: { Test: ['string'], Interval: 'number', Timeout: 'number', StartPeriod: 'number', Retries: 'number' },
  OnBuild: ['string'],
  Shell: ['string'],
} as const;

/** The store's record of an image. */
export const imageMisfit = checkOf({
  'id!': 'string',
  'manifest!': 'string',
  'created!': 'string',
  'author!': 'string',
  'architecture!': 'string',
  'os!': 'string',
  'config!': imageDefaults,
  'diffIds!': ['string'],
  'size!': 'number',
  'layerSizes!': ['number'],
  'history!': ['object'],
});
