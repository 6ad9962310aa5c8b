// Containers as rows of `ps`: docker's fields, each computed when shown.
import type { Fields } from '../format/go-values.js';
import type { Rows } from '../format/show-rows.js';
import { labelsText } from '../format/labels.js';
import { ago, humanSize, localTime } from '../format/units.js';
import { portsText } from './ports-text.js';
import type { ContainerRecord } from '../../records/container.js';
import type { StoredRecord } from '../../records/container-defaults.js';
import { storedOf, type StoredContainer } from '../../records/container-store.js';
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

const quoted = (word: string): string => (word.includes(' ') ? `'${word}'` : word);

const shownOfCommand = 20;

function commandText({ path, args }: Pick<ContainerRecord, 'path' | 'args'>, full: boolean): string {
  let text = quoted(path);
  // Of a script, a few words are shown.
  for (let index = 0; index < args.length && (full || text.length <= 2 * shownOfCommand + 2); ++index)
    text += ` ${quoted(args[index]!)}`;
  return JSON.stringify(full ? text : ellipsis(text, shownOfCommand));
}

function portsOf({ config: { ExposedPorts } }: StoredRecord, { state }: StoredContainer): string {
  if (ExposedPorts === undefined || (state.status !== 'running' && state.status !== 'paused')) return '';
  return Object.keys(ExposedPorts).length === 0 ? '' : portsText(state.ports, ExposedPorts);
}

function mountsText({ mounts }: StoredContainer['record'], full: boolean): string {
  const names = mounts.filter(({ Type }) => Type !== 'tmpfs').map(({ Name, Source }) => Name ?? Source);
  return names.map((name) => (full ? name : ellipsis(name, 15))).join(',');
}

function networksText({ networks, hostConfig }: StoredContainer['record']): string {
  const names = Object.keys(networks);
  return (names.length > 0 ? names.sort() : hostConfig.NetworkMode.startsWith('container:') ? [] : [hostConfig.NetworkMode]).join(
    ',',
  );
}

/** Of a container and its record; `record` puts together what `stored` leaves out. */
type Cell = (stored: StoredRecord, container: StoredContainer, options: RowOptions) => string;

/** docker's fields, in the order in which docker has them. */
const cells: Readonly<Record<keyof typeof headings, Cell>> = {
  ID: ({ id }, _, { full }) => (full ? id : shortId(id)),
  Names: ({ name }) => name,
  Image: ({ config }) => config.Image,
  Command: (stored, _, { full }) => commandText(stored, full),
  CreatedAt: ({ created }) => localTime(created),
  RunningFor: ({ created }, _, { now }) => ago(created, now),
  Ports: portsOf,
  State: (_, { state }) => state.status,
  Status: (_, { state }, { now }) => statusText(state, now),
  Size: (_, container, { size }) => (size === undefined ? '0B' : humanSize(size(container))),
  Labels: (_, { record }) => labelsText(record.config.Labels),
  Mounts: (_, { record }, { full }) => mountsText(record, full),
  LocalVolumes: (_, { record }) => String(record.mounts.filter(({ Type }) => Type === 'volume').length),
  Networks: (_, { record }) => networksText(record),
};

/** For templates. Fields are computed when shown. */
export function containerRow(container: StoredContainer, options: RowOptions): Fields {
  const row = { Label: (name: unknown) => container.record.config.Labels[String(name)] ?? '' };
  for (const [name, cell] of Object.entries(cells))
    Object.defineProperty(row, name, { enumerable: true, get: () => cell(storedOf(container), container, options) });
  return row;
}

/** A table of many containers shows a few fields of each: nothing else is made for it. */
export const containerRows = (containers: readonly StoredContainer[], options: RowOptions): Rows => ({
  count: containers.length,
  row: (index) => containerRow(containers[index]!, options),
  column: (name) => {
    const cell = cells[name as keyof typeof cells];
    const made: string[] = [];
    for (let index = 0; index < containers.length; ++index) {
      const container = containers[index]!;
      made[index] = cell(storedOf(container), container, options);
    }
    return made;
  },
});
