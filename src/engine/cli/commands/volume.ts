// volume create, ls, rm, inspect, prune.
import type { Engine } from '../../engine.js';
import { engineError } from '../../errors.js';
import { emit } from '../../records/events.js';
import {
  allVolumes,
  createVolume,
  readVolume,
  removeVolume,
  usedVolumes,
  volumeSize,
  type VolumeRecord,
} from '../../volumes/volumes.js';
import { isDamaged } from '../../store/json-files.js';
import type { Call } from '../command.js';
import { confirmed } from '../confirm.js';
import { flag, matches, parseFilters, passes, passesLabels, passesPrune } from '../../flags/filters.js';
import { labelsText } from '../format/labels.js';
import { showRows } from '../format/show-rows.js';
import { humanSize } from '../format/units.js';
import { forEachWord, showInspected } from './many.js';
import { given, givenList } from '../../flags/values.js';
import { pairs } from '../../flags/pairs.js';

export function create({ engine, values, args }: Call): number {
  const driver = given(values, 'driver') ?? 'local';
  if (driver !== 'local')
    throw engineError(
      `create ${args[0] ?? ''}: error looking up volume plugin ${driver}: plugin ${JSON.stringify(driver)} not found`,
      'Omit --driver',
    );
  const [option] = givenList(values, 'opt');
  if (option !== undefined)
    throw engineError(`invalid option: ${JSON.stringify(option)}`, 'Mount it on the host and use it with -v /DIRECTORY:/PATH');
  const volume = createVolume(engine, args[0] ?? '', { labels: pairs(givenList(values, 'label')) });
  engine.host.write(1, `${volume.Name}\n`);
  return 0;
}

function noteRemoval(engine: Engine, name: string): void {
  emit(engine, { Type: 'volume', Action: 'destroy', id: name, attributes: { driver: 'local' } });
}

export function list(call: Call): number {
  const { engine, values } = call;
  const filters = parseFilters(values, ['dangling', 'driver', 'label', 'name']);
  const used = filters.has('dangling') ? usedVolumes(engine) : new Set<string>();
  const volumes = allVolumes(engine).filter(
    ({ Name, Labels }) =>
      passes(filters, 'dangling', (value) => flag('dangling', value) !== used.has(Name)) &&
      passes(filters, 'driver', (driver) => driver === 'local') &&
      passes(filters, 'name', (name) => matches(Name, name)) &&
      passesLabels(filters, Labels),
  );
  showRows(call, {
    headings: {
      Driver: 'DRIVER',
      Name: 'VOLUME NAME',
      Mountpoint: 'MOUNTPOINT',
      Scope: 'SCOPE',
      Labels: 'LABELS',
      Links: 'LINKS',
      Size: 'SIZE',
    },
    columns: ['Driver', 'Name'],
    quiet: 'Name',
    rows: volumes.map(({ Driver, Name, Mountpoint, Scope, Labels }) => ({
      Driver,
      Name,
      Mountpoint,
      Scope,
      Labels: labelsText(Labels),
      Label: (key: unknown) => Labels[String(key)] ?? '',
      Links: 'N/A',
      Size: 'N/A',
    })),
  });
  return 0;
}

function requireListed(engine: Engine, name: string): VolumeRecord {
  const found = readVolume(engine, name);
  if (found === null) throw engineError(`No such volume: ${name}`, "List volumes with 'pocker volume ls'");
  return found;
}

export function remove({ engine, values, args }: Call): number {
  const force = values['force'] === true;
  return forEachWord(engine, args, (name) => {
    if (!force) requireListed(engine, name);
    const there = isDamaged(() => readVolume(engine, name)) || readVolume(engine, name) !== null;
    removeVolume(engine, name, force);
    engine.host.write(1, `${name}\n`);
    if (there) noteRemoval(engine, name);
  });
}

export function showVolume({ Anonymous: _, ...shown }: VolumeRecord): Readonly<Record<string, unknown>> {
  return shown;
}

export function inspect({ engine, values, args }: Call): number {
  return showInspected(engine, given(values, 'format'), args, (name) => showVolume(requireListed(engine, name)));
}

export function prune(call: Call): number {
  const { engine, values } = call;
  const filters = parseFilters(values, ['label', 'label!', 'all']);
  const all = values['all'] === true || (filters.get('all') ?? []).some((value) => flag('all', value));
  if (!confirmed(call, `This will remove ${all ? 'all' : 'anonymous'} local volumes not used by at least one container.`))
    return 0;
  const { names, size } = pruneVolumes(engine, ({ Anonymous, Labels }) => (all || Anonymous) && passesPrune(filters, Labels));
  if (names.length > 0) engine.host.write(1, `Deleted Volumes:\n${names.map((name) => `${name}\n`).join('')}\n`);
  engine.host.write(1, `Total reclaimed space: ${humanSize(size)}\n`);
  return 0;
}

/** Removes volumes that no container uses. */
export function pruneVolumes(
  engine: Engine,
  wanted: (volume: VolumeRecord) => boolean,
): { readonly names: string[]; readonly size: number } {
  const used = usedVolumes(engine);
  const unused = allVolumes(engine).filter((volume) => !used.has(volume.Name) && wanted(volume));
  const size = unused.reduce((sum, volume) => sum + volumeSize(engine, volume), 0);
  for (const { Name } of unused) {
    removeVolume(engine, Name);
    noteRemoval(engine, Name);
  }
  return { names: unused.map(({ Name }) => Name), size };
}
