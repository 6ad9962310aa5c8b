// The shape of a network's record, checked before anything relies on it.
import { any, checkOf } from '../store/shapes.js';

export const networkMisfit = checkOf({
  'id!': 'string',
  'name!': 'string',
  'driver!': 'string',
  'created!': 'string',
  'device!': 'string',
  'subnet!': 'string',
  'gateway!': 'string',
  'range!': 'string',
  'labels!': { [any]: 'string' },
  'options!': { [any]: 'string' },
});

export const leasesMisfit = checkOf({
  [any]: {
    'name!': 'string',
    'endpoints!': { [any]: { 'IPAddress!': 'string', 'Aliases!': ['string'] } },
    'devices!': { [any]: 'string' },
    'ports!': { [any]: ['object'] },
    'dns!': ['string'],
  },
});
