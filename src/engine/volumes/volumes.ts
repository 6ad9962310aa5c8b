// Volumes: directories that outlive containers. Each has its data in _data, as in docker, and its record in volume.json.
import { fromHost } from '../../errors.js';
import type { MountPoint } from '../records/container.js';
import { allContainers, unreadableContainers } from '../records/container-store.js';
import type { Engine } from '../engine.js';
import { engineError } from '../errors.js';
import { emit } from '../records/events.js';
import { runTool } from '../programs.js';
import { isMissing } from '../../host/failure.js';
import { isDamaged, namesIn, readRecord, removeRecord, unlessDamaged, withLock, writeJson } from '../store/json-files.js';
import { any, checkOf } from '../store/shapes.js';
import { volumeName } from './parse.js';
import { randomId, shortId } from '../records/ids.js';

/** docker's names. */
export interface VolumeRecord {
  readonly CreatedAt: string;
  readonly Driver: 'local';
  readonly Labels: Readonly<Record<string, string>>;
  readonly Mountpoint: string;
  readonly Name: string;
  readonly Options: Readonly<Record<string, string>>;
  readonly Scope: 'local';
  /** An anonymous volume. */
  readonly Anonymous: boolean;
}

const directoryOf = ({ paths }: Engine, name: string): string => `${paths.volumes}/${name}`;

/** One command at a time makes, fills or removes volumes. */
const withVolumesLock = <T>(engine: Engine, body: () => T): T => withLock(engine, engine.paths.volumes, body);

export const volumeFile = (engine: Engine, name: string): string => `${directoryOf(engine, name)}/volume.json`;

const volumeMisfit = checkOf({
  'CreatedAt!': 'string',
  'Driver!': 'string',
  'Labels!': { [any]: 'string' },
  'Name!': 'string',
  'Options!': { [any]: 'string' },
  'Anonymous!': 'boolean',
});

export function readVolume(engine: Engine, name: string): VolumeRecord | null {
  if (!volumeName.test(name)) return null;
  const stored = readRecord(engine, volumeFile(engine, name), volumeMisfit) as VolumeRecord | null;
  return stored === null ? null : { ...stored, Mountpoint: `${directoryOf(engine, name)}/_data` };
}

export function allVolumes(engine: Engine): VolumeRecord[] {
  return namesIn(engine, engine.paths.volumes).flatMap(
    (name) => unlessDamaged(engine, `volume ${name}`, () => readVolume(engine, name)) ?? [],
  );
}

export const damagedVolumes = (engine: Engine): string[] =>
  namesIn(engine, engine.paths.volumes).filter((name) => isDamaged(() => readVolume(engine, name)));

/** Fails with docker's text. */
export function requireVolume(engine: Engine, name: string): VolumeRecord {
  const found = readVolume(engine, name);
  if (found === null) throw engineError(`get ${name}: no such volume`, "List volumes with 'pocker volume ls'");
  return found;
}

interface Wishes {
  readonly labels?: Readonly<Record<string, string>>;
  readonly options?: Readonly<Record<string, string>>;
}

function make(engine: Engine, name: string, { labels = {}, options = {} }: Wishes, anonymous: boolean): VolumeRecord {
  const there = readVolume(engine, name);
  if (there !== null) return there;
  const { host } = engine;
  const directory = directoryOf(engine, name);
  const record: VolumeRecord = {
    CreatedAt: new Date(host.now()).toISOString(),
    Driver: 'local',
    Labels: labels,
    Mountpoint: `${directory}/_data`,
    Name: name,
    Options: options,
    Scope: 'local',
    Anonymous: anonymous,
  };
  try {
    host.mkdir(engine.paths.volumes, 0o711, true);
    host.mkdir(directory, 0o711, false);
    host.mkdir(record.Mountpoint, 0o755, false);
    // Written last: a directory without one is not a volume yet.
    writeJson(engine, volumeFile(engine, name), record);
    // What a program then writes there must not go because nothing names it.
    host.fsync(engine.paths.volumes);
  } catch (caught) {
    host.removeDirectory(directory);
    throw fromHost('E_ENGINE', `cannot make volume ${name}`, caught);
  }
  emit(engine, { Type: 'volume', Action: 'create', id: name, attributes: { driver: 'local' } });
  return record;
}

/** As in docker: an existing one is no error. */
export function createVolume(engine: Engine, name: string, wishes: Wishes = {}): VolumeRecord {
  const chosen = name === '' ? randomId(engine) : name;
  if (!volumeName.test(chosen))
    throw engineError(
      `create ${chosen}: ${JSON.stringify(chosen)} includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path`,
    );
  return withVolumesLock(engine, () => make(engine, chosen, wishes, name === ''));
}

/** Copies a directory's content, all or nothing, even if the power fails: only an empty volume is filled. */
function fillFrom(engine: Engine, { Mountpoint, Name }: VolumeRecord, directory: string): void {
  const { host } = engine;
  const half = `${Mountpoint}.filling`;
  host.removeDirectory(half);
  runTool(engine, 'cp', ['-a', '--reflink=auto', '-T', '--', directory, half]);
  host.syncfs(half);
  host.rename(half, Mountpoint);
  host.fsync(directoryOf(engine, Name));
}

/** Copies what the image has at that path, if it is a directory. Its symlinks lead only to other places in the image. */
function fillFromImage(engine: Engine, volume: VolumeRecord, { root, path }: Fill): void {
  const { host } = engine;
  let fd: number;
  try {
    fd = host.openInRoot(root, path, true);
  } catch (caught) {
    if (isMissing(caught)) return;
    throw caught;
  }
  try {
    const reached = `/proc/${host.pid}/fd/${fd}/.`;
    if (host.lstat(reached) !== null) fillFrom(engine, volume, reached);
  } finally {
    host.close(fd);
  }
}

/** A path in a root filesystem. */
interface Fill {
  readonly root: string;
  readonly path: string;
}

/** The mount point with a name and a source: made on demand, filled from the image's directory while empty. */
export function prepareVolume(engine: Engine, mountPoint: MountPoint, fill?: Fill): MountPoint {
  const anonymous = mountPoint.Anonymous === true;
  const { Name = '' } = mountPoint;
  const name = Name === '' ? randomId(engine) : Name;
  return withVolumesLock(engine, () => {
    const volume = make(engine, name, {}, anonymous);
    const wanted = fill !== undefined && !mountPoint.Options.includes('nocopy');
    try {
      if (wanted && namesIn(engine, volume.Mountpoint).length === 0) fillFromImage(engine, volume, fill);
    } catch (caught) {
      throw fromHost('E_ENGINE', `cannot fill volume ${name}`, caught);
    }
    return { ...mountPoint, Name: name, Source: volume.Mountpoint };
  });
}

/** Its path on the host. */
export function useVolume(engine: Engine, mountPoint: MountPoint, fill?: Fill): string {
  return prepareVolume(engine, mountPoint, fill).Source;
}

/** Where a bind mount comes from. docker creates a missing directory for --volume, and refuses for --mount. */
export function useBind({ host }: Engine, { Source, Options }: MountPoint): string {
  try {
    if (host.access(Source, 0)) return Source;
    if (Options.includes('existing'))
      throw engineError(`invalid mount config for type "bind": bind source path does not exist: ${Source}`, 'Create it first');
    host.mkdir(Source, 0o755, true);
    return Source;
  } catch (caught) {
    throw fromHost('E_ENGINE', 'cannot make a bind mount', caught);
  }
}

/** Ids of the containers that have it, running or not, or may have it: nobody knows what an unreadable one has. */
export function usersOf(engine: Engine, name: string): string[] {
  const users = allContainers(engine)
    .filter(({ record }) => record.mounts.some(({ Type, Name }) => Type === 'volume' && Name === name))
    .map(({ record }) => record.id);
  return [...users, ...unreadableContainers(engine)];
}

export function removeVolume(engine: Engine, name: string, force = false): void {
  const damaged = force && isDamaged(() => readVolume(engine, name));
  if (force && !damaged && readVolume(engine, name) === null) return;
  withVolumesLock(engine, () => {
    if (!damaged) requireVolume(engine, name);
    const users = usersOf(engine, name);
    if (users.length > 0)
      throw engineError(
        `remove ${name}: volume is in use - [${users.join(', ')}]`,
        `Remove these containers first: pocker rm ${shortId(users[0]!)}`,
      );
    try {
      // Without its record it is no longer a volume, whatever happens to the data.
      removeRecord(engine, volumeFile(engine, name));
      engine.host.removeDirectory(directoryOf(engine, name));
    } catch (caught) {
      throw fromHost('E_ENGINE', `cannot remove volume ${name}`, caught);
    }
  });
}

/** Anonymous volumes go with their container (rm -v, --rm). */
export function removeAnonymousVolumes(engine: Engine, mounts: readonly MountPoint[]): void {
  for (const { Type, Name = '', Anonymous } of mounts)
    if (Type === 'volume' && Anonymous === true && readVolume(engine, Name) !== null && usersOf(engine, Name).length === 0)
      removeVolume(engine, Name);
}

/** Names of volumes that a container uses, or may use. */
export function usedVolumes(engine: Engine): ReadonlySet<string> {
  if (unreadableContainers(engine).length > 0) return new Set(namesIn(engine, engine.paths.volumes));
  return new Set(allContainers(engine).flatMap(({ record }) => record.mounts.map(({ Name = '' }) => Name)));
}

/** The size of its files, in bytes. */
export function volumeSize({ host }: Engine, { Mountpoint }: VolumeRecord): number {
  return host.lstat(Mountpoint) === null ? 0 : host.treeSize(Mountpoint);
}
