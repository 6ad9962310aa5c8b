// Containers as rows of `ps`: docker's fields, each computed when shown.
import type { Fields } from '../format/go-values.js';
import { labelsText } from '../format/labels.js';
import { ago, humanSize, localTime } from '../format/units.js';
import { portsText } from './ports-text.js';
import type { StoredContainer } from '../../records/container-store.js';
import { shortId } from '../../records/ids.js';
import { statusText } from './status-text.js';

export const headings = {
  ID: 'CONTAINER ID',
  Names: 'NAMES',
  Image: 'IMAGE',
  Command: 'COMMAND',
  CreatedAt: 'CREATED AT',
  RunningFor: 'CREATED',
  Ports: 'PORTS',
  State: 'STATE',
  Status: 'STATUS',
  Size: 'SIZE',
  Labels: 'LABELS',
  Mounts: 'MOUNTS',
  LocalVolumes: 'LOCAL VOLUMES',
  Networks: 'NETWORKS',
};

export interface RowOptions {
  readonly now: number;
  readonly full: boolean;
  /** Bytes in its upper directory; computed only on request. */
  readonly size?: (container: StoredContainer) => number;
}

/** Longer texts end with "…", as in docker. */
export function ellipsis(text: string, length: number): string {
  if (text.length <= length) return text;
  // A character takes one or two UTF-16 units.
  const letters = Array.from(text.slice(0, 2 * length + 2));
  return letters.length <= length ? text : `${letters.slice(0, length - 1).join('')}…`;
}

function commandText({ path, args }: StoredContainer['record'], full: boolean): string {
  const text = [path, ...args].map((word) => (word.includes(' ') ? `'${word}'` : word)).join(' ');
  return JSON.stringify(full ? text : ellipsis(text, 20));
}

function networksText({ networks, hostConfig }: StoredContainer['record']): string {
  const names = Object.keys(networks);
  return (names.length > 0 ? names.sort() : hostConfig.NetworkMode.startsWith('container:') ? [] : [hostConfig.NetworkMode]).join(
    ',',
  );
}

/** Fields are computed when shown: a listing of many containers shows only a few. */
export function containerRow(container: StoredContainer, { now, full, size }: RowOptions): Fields {
  const { record, state } = container;
  const { config, mounts } = record;
  return {
    ID: full ? record.id : shortId(record.id),
    Names: record.name,
    Image: config.Image,
    State: state.status,
    get Command() {
      return commandText(record, full);
    },
    get CreatedAt() {
      return localTime(record.created);
    },
    get RunningFor() {
      return ago(record.created, now);
    },
    get Ports() {
      if (Object.keys(config.ExposedPorts).length === 0 || (state.status !== 'running' && state.status !== 'paused')) return '';
      return portsText(state.ports, config.ExposedPorts);
    },
    get Status() {
      return statusText(state, now);
    },
    get Size() {
      return size === undefined ? '0B' : humanSize(size(container));
    },
    get Labels() {
      return labelsText(config.Labels);
    },
    get Mounts() {
      const names = mounts.filter(({ Type }) => Type !== 'tmpfs').map(({ Name, Source }) => Name ?? Source);
      return names.map((name) => (full ? name : ellipsis(name, 15))).join(',');
    },
    get LocalVolumes() {
      return String(mounts.filter(({ Type }) => Type === 'volume').length);
    },
    get Networks() {
      return networksText(record);
    },
    Label: (name: unknown) => config.Labels[String(name)] ?? '',
  };
}
