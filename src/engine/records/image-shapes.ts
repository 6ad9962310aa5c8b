// What is checked of the store's JSON files of images before anything relies on them.
import { any, checkOf } from '../store/shapes.js';

export const descriptor = { mediaType: 'string', 'digest!': 'string', annotations: { [any]: 'string' } } as const;
const platform = { architecture: 'string', os: 'string', variant: 'string' } as const;

/** Of several images: OCI's index. */
export const indexMisfit = checkOf({ 'manifests!': [{ ...descriptor, platform }] });

/** What an image says of its containers. */
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

/** The record that the store keeps of an image. */
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
