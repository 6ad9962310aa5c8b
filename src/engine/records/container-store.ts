// Finds containers by name, id or the beginning of an id; reads and writes their records.
import type { Engine } from '../engine.js';
import { engineError } from '../errors.js';
import { isAlive } from '../../container/process.js';
import { isMissing } from '../../host/failure.js';
import {
  DamagedRecord,
  checkVersion,
  entriesIn,
  isDamaged as cannotRead,
  isUnreadable,
  namesIn,
  readJson,
  readRecord,
  replaceJson,
  unlessDamaged,
  writeJson,
} from '../store/json-files.js';
import type { ContainerRecord, ContainerState } from './container.js';
import { isState, recordMisfit } from './container-shapes.js';
import { type StoredRecord, withoutUsual, withUsual } from './container-defaults.js';
import { bootId, stateWithoutRecord } from './lost-state.js';

export interface StoredContainer {
  readonly record: ContainerRecord;
  readonly state: ContainerState;
  /** As container.json has it, without what is usual; missing if it was not read just now. */
  readonly stored?: StoredRecord;
}

/** Its record is put together when somebody asks for it: a listing needs little of it. */
class ReadContainer implements StoredContainer {
  private whole?: ContainerRecord;

  constructor(
    readonly stored: StoredRecord,
    readonly state: ContainerState,
  ) {}

  get record(): ContainerRecord {
    return (this.whole ??= withUsual(this.stored));
  }
}

/** What of its record is never left out is here without putting the rest together. */
export const storedOf = (container: StoredContainer): StoredRecord => container.stored ?? container.record;

export const fullId = /^[0-9a-f]{64}$/;

export const containerDirectory = ({ paths }: Engine, id: string): string => `${paths.containers}/${id}`;

/** Its bundle and sockets, until the next boot. */
export const bundleDirectory = ({ paths }: Engine, id: string): string => `${paths.bundles}/${id}`;

export function readContainer(engine: Engine, id: string): StoredContainer | null {
  const directory = containerDirectory(engine, id);
  const path = `${directory}/container.json`;
  // That of a --rm container may be empty after a power failure.
  const stored = readRecord(engine, path, recordMisfit, true) as StoredRecord | null;
  if (stored !== null && stored.id !== id) throw new DamagedRecord(path, 'it is the record of another container');
  if (stored === null) refuseOther(engine, id, directory);
  const state = readState(engine, id);
  return stored === null || state === null ? null : new ReadContainer(stored, state);
}

/** What has the name of a container is one, or a disk, or somebody, has put something else there. */
function refuseOther({ host }: Engine, id: string, directory: string): void {
  const type = fullId.test(id) ? host.lstat(directory)?.type : undefined;
  if (type !== undefined && type !== 'directory') throw new DamagedRecord(directory, `it is a ${type}`);
}

/** Its record is unreadable. */
export const isDamaged = (engine: Engine, id: string): boolean => cannotRead(() => readContainer(engine, id));

export const damagedContainers = (engine: Engine): string[] =>
  namesIn(engine, engine.paths.containers).filter((id) => isDamaged(engine, id));

/** Nobody knows what they have: the images and volumes that they may need stay. */
export const unreadableContainers = (engine: Engine): string[] =>
  namesIn(engine, engine.paths.containers).filter((id) => isUnreadable(() => readContainer(engine, id)));

/** null: there is none yet. */
function readState(engine: Engine, id: string): ContainerState | null {
  const path = `${containerDirectory(engine, id)}/state.json`;
  try {
    const state = readJson(engine, path, true);
    if (state === null) return engine.host.lstat(path) === null ? null : stateWithoutRecord(engine, id, path);
    checkVersion(path, state);
    return isState(state) ? (state as ContainerState) : stateWithoutRecord(engine, id, path);
  } catch (caught) {
    if (caught instanceof DamagedRecord) return stateWithoutRecord(engine, id, path);
    throw caught;
  }
}

/** undefined: something of that name exists, but the disk has lost what. null: there is nothing. */
function readName(engine: Engine, name: string): string | null | undefined {
  const path = `${engine.paths.names}/${name}`;
  try {
    const owner = readJson(engine, path, true) as { readonly id?: unknown } | null;
    if (owner === null) return engine.host.lstat(path) === null ? null : undefined;
    return typeof owner.id === 'string' && fullId.test(owner.id) ? owner.id : undefined;
  } catch (caught) {
    if (caught instanceof DamagedRecord) return undefined;
    throw caught;
  }
}

export const isNameLost = (engine: Engine, name: string): boolean => readName(engine, name) === undefined;

/** The id of the container with that name; null: there is none. */
export function nameOwner(engine: Engine, name: string): string | null {
  const owner = readName(engine, name);
  if (owner !== undefined) return owner;
  return allContainers(engine).find(({ record }) => record.name === name)?.record.id ?? null;
}

/** All containers, newest first; those of one moment by id. */
export function allContainers(engine: Engine): StoredContainer[] {
  const found: { readonly moment: string; readonly container: StoredContainer }[] = [];
  for (const id of entriesIn(engine, engine.paths.containers)) {
    const container = unlessDamaged(engine, `container ${id}`, () => readContainer(engine, id));
    if (container !== null) found.push({ moment: `${storedOf(container).created} ${id}`, container });
  }
  found.sort((a, b) => (a.moment < b.moment ? 1 : -1));
  return found.map(({ container }) => container);
}

export function writeRecord(engine: Engine, record: ContainerRecord): void {
  // A container that is removed when it ends need not survive a power failure.
  const write = record.hostConfig.AutoRemove ? replaceJson : writeJson;
  write(engine, `${containerDirectory(engine, record.id)}/container.json`, withoutUsual(record));
}

export function writeState(engine: Engine, id: string, state: ContainerState): void {
  replaceJson(engine, `${containerDirectory(engine, id)}/state.json`, state);
}

/** The id of the container with that id, that name, or the only id that starts so: docker's order. */
export function findId(engine: Engine, said: string): string | null {
  const word = said.startsWith('/') ? said.slice(1) : said;
  if (fullId.test(word) && engine.host.lstat(containerDirectory(engine, word)) !== null) return word;
  const named = /^[a-zA-Z0-9][\w.-]*$/.test(word) ? nameOwner(engine, word) : null;
  if (named !== null) return named;
  if (!/^[0-9a-f]+$/.test(word)) return null;
  const ids = namesIn(engine, engine.paths.containers).filter((id) => id.startsWith(word));
  if (ids.length > 1) throw engineError(`multiple IDs found with provided prefix: ${word}`, 'Use more of its digits');
  return ids[0] ?? null;
}

/** Fails with docker's text. */
export function requireContainer(engine: Engine, said: string): StoredContainer {
  const id = findId(engine, said);
  const found = id === null ? null : readContainer(engine, id);
  if (found === null) throw engineError(`No such container: ${said}`, "List containers with 'pocker ps -a'");
  return found;
}

const lockWaitMs = 60_000;
/** A symlink to itself is there instead. */
const ELOOP = 40;

/** The descriptor that holds its lock; -1: no such container (any more), or waiting is not allowed. */
export function lockContainer(engine: Engine, id: string, waitMs = lockWaitMs): number {
  const { host } = engine;
  const directory = containerDirectory(engine, id);
  let fd = -1;
  try {
    fd = host.openDirectory(directory);
    if (host.lock(fd, waitMs) && host.isSameFile(fd, directory)) return fd;
  } catch (caught) {
    if (!isMissing(caught) && (caught as { readonly errno?: number }).errno !== ELOOP) throw caught;
  }
  if (fd >= 0) host.close(fd);
  return -1;
}

/** One command at a time changes a container. Does not bring back the directory of one that was removed meanwhile. */
export function withContainerLock<T>(engine: Engine, id: string, body: (container: StoredContainer) => T): T {
  const fd = lockContainer(engine, id);
  try {
    const container = fd < 0 ? null : readContainer(engine, id);
    if (container !== null) return body(container);
    const gone = fd >= 0 || engine.host.lstat(containerDirectory(engine, id)) === null;
    if (gone) throw engineError(`No such container: ${id}`, "List containers with 'pocker ps -a'");
    throw engineError(`container ${id} is busy`, 'Another pocker is using it: try again');
  } finally {
    if (fd >= 0) engine.host.close(fd);
  }
}

/** Whether its first process is running, whatever its record says. */
export function runs(engine: Engine, { pid, startTime, bootId: then }: ContainerState): boolean {
  return pid > 0 && then === bootId(engine) && isAlive(engine.host, { pid, startTime });
}

/** Lines that it wrote, in conmon's format (k8s-file). */
export const logPath = (engine: Engine, id: string): string => `${containerDirectory(engine, id)}/container.log`;

/** The file in its bundle that tells how it ended: waiting commands have it open. */
export const endingName = 'ended';

export const isRunning = (engine: Engine, { state }: StoredContainer): boolean =>
  (state.status === 'running' || state.status === 'paused') && runs(engine, state);

/** What events tell about a container. */
export function attributesOf({ name, config }: ContainerRecord): Record<string, string> {
  return { ...config.Labels, image: config.Image, name };
}
