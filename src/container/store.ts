// State directories: <root>/<id>/ with state.json and start.sock, locked while a command changes them.
import { fromHost, isHostFailure, isMissing, PockerError } from '../errors.js';
import type { Host } from '../host/host.js';
import { cleanUp, type Warn } from './notices.js';
import type { ContainerRecord } from './record.js';
import { readRecord, unreadableFile } from './state-json.js';

export const gateName = 'start.sock';
const recordName = 'state.json';
const configName = 'config.json';

/** The directory of the socket for sd_notify(3). It is bound into the container, unlike its state. */
export function notifyDirectory(stateDirectory: string): string {
  return `${stateDirectory}/notify`;
}

/** What a create may have left in a directory without a record. */
const ownName = /^(?:config\.json|start\.sock|notify|\.(?:state|config)\.json\.\d+)$/;
const idPattern = /^[\w+.-]+$/;

const recordLimit = 64 * 1024 * 1024;
const lockWaitMs = 10_000;
const nameMax = 255;
/** ENXIO, EISDIR, EFBIG, ELOOP, EILSEQ */
const notText: readonly number[] = [6, 21, 27, 40, 84];

/** An id is the name of a directory (runc: letters, digits and _+-., not "." or ".."). */
export function checkId(id: string): void {
  if (id === '') throw new PockerError('E_ID_INVALID', 'container id cannot be empty');
  if (id.length > nameMax)
    throw new PockerError('E_ID_INVALID', `invalid container ID format: longer than ${nameMax} characters`);
  if (!idPattern.test(id) || id === '.' || id === '..') {
    const hint = 'Use letters, digits, "_", "+", "-" and ".", but not "." or ".." alone';
    throw new PockerError('E_ID_INVALID', `invalid container ID format: ${JSON.stringify(id)}`, { hint });
  }
}

function noContainer(id: string): PockerError {
  return new PockerError('E_NO_CONTAINER', `container ${JSON.stringify(id)}: container does not exist`);
}

function busy(id: string): PockerError {
  return new PockerError('E_BUSY', `container ${JSON.stringify(id)} is busy: another command is using it`, {
    hint: 'Try again when it has ended',
  });
}

/** A state directory that this process has locked, except while a hook runs. */
export class LockedDirectory {
  #fd: number;
  #held = true;

  constructor(
    readonly host: Host,
    readonly path: string,
    fd: number,
  ) {
    this.#fd = fd;
  }

  get fd(): number {
    return this.#fd;
  }

  /** Lets other commands use the container while one of its hooks runs, since the hook may call them. */
  release(): void {
    if (!this.#held) return;
    try {
      // Opens the same directory, so that retake() can tell it from another one with that name.
      const unlocked = this.host.openDirectory(this.path);
      this.host.close(this.#fd);
      this.#fd = unlocked;
      this.#held = false;
    } catch (caught) {
      throw fromHost('E_HOST', 'cannot use the container state', caught);
    }
  }

  /** Locks it again; false if somebody has deleted it meanwhile. E_BUSY as in Store.lock. */
  retake(): boolean {
    if (this.#held) return true;
    if (!this.host.lock(this.#fd, lockWaitMs)) throw busy(this.path.slice(this.path.lastIndexOf('/') + 1));
    this.#held = this.host.isSameFile(this.#fd, this.path);
    return this.#held;
  }

  write(record: ContainerRecord): void {
    try {
      this.host.writeAtomic(this.path, recordName, `${JSON.stringify(record)}\n`, 0o600);
    } catch (caught) {
      throw fromHost('E_HOST', 'cannot write the container state', caught);
    }
  }

  /** Stores the config as create read it, for exec. */
  writeConfig(text: string): void {
    try {
      this.host.writeNew(`${this.path}/${configName}`, text, 0o600);
    } catch (caught) {
      throw fromHost('E_HOST', 'cannot write the container state', caught);
    }
  }

  /** Stores the config with other resources. */
  replaceConfig(text: string): void {
    try {
      this.host.writeAtomic(this.path, configName, text, 0o600);
    } catch (caught) {
      throw fromHost('E_HOST', 'cannot write the container state', caught);
    }
  }

  hasGate(): boolean {
    return this.host.lstat(`${this.path}/${gateName}`) !== null;
  }

  makeNotifyDirectory(): void {
    try {
      this.host.mkdir(notifyDirectory(this.path), 0o755, false);
    } catch (caught) {
      throw fromHost('E_HOST', 'cannot make the directory of the notify socket', caught);
    }
  }

  remove(): void {
    try {
      this.host.removeDirectory(this.path);
    } catch (caught) {
      throw fromHost('E_HOST', 'cannot remove the container state', caught);
    }
  }

  /** Ends the lock for good. */
  unlock(): void {
    if (this.#fd >= 0) this.host.close(this.#fd);
    this.#fd = -1;
    this.#held = false;
  }
}

export class Store {
  constructor(
    private readonly host: Host,
    readonly root: string,
  ) {}

  directory(id: string): string {
    return `${this.root}/${id}`;
  }

  /** Ids of everything that looks like a container, sorted. A missing root has none, unless it must exist. */
  ids({ mustExist }: { readonly mustExist: boolean }): string[] {
    try {
      return this.host
        .readdir(this.root)
        .filter((name) => this.host.lstat(`${this.root}/${name}/${recordName}`) !== null)
        .sort();
    } catch (caught) {
      if (!mustExist && isMissing(caught)) return [];
      throw fromHost('E_HOST', 'cannot list containers', caught);
    }
  }

  /** Ids of the directories that creates made and died before they wrote a record. A root may hold other things, too. */
  unrecorded(): string[] {
    try {
      return this.host
        .readdir(this.root)
        .filter((name) => idPattern.test(name) && this.isUnrecorded(name))
        .sort();
    } catch (caught) {
      if (isMissing(caught)) return [];
      throw fromHost('E_HOST', 'cannot list containers', caught);
    }
  }

  /** Whether it is a directory with nothing in it but what a create makes before the record. */
  isUnrecorded(id: string): boolean {
    const directory = this.directory(id);
    if (this.host.lstat(directory)?.type !== 'directory') return false;
    try {
      return this.host.readdir(directory).every((name) => ownName.test(name));
    } catch (caught) {
      if (isMissing(caught)) return false;
      throw fromHost('E_HOST', `container ${JSON.stringify(id)}`, caught);
    }
  }

  /** The record, or null if the directory has none yet. E_NO_CONTAINER if the directory is missing. */
  tryRead(id: string): ContainerRecord | null {
    checkId(id);
    let text: string;
    try {
      text = this.host.readRegular(`${this.directory(id)}/${recordName}`, recordLimit);
    } catch (caught) {
      if (isHostFailure(caught) && notText.includes(caught.errno)) throw unreadableFile(id, caught);
      if (!isMissing(caught)) throw fromHost('E_HOST', `container ${JSON.stringify(id)}`, caught);
      if (this.host.lstat(this.directory(id)) === null) throw noContainer(id);
      return null;
    }
    return readRecord(this.host, text, id);
  }

  /** The config that the container was made from. */
  readConfig(id: string): string {
    try {
      return this.host.readRegular(`${this.directory(id)}/${configName}`, recordLimit);
    } catch (caught) {
      throw fromHost('E_HOST', `container ${JSON.stringify(id)}`, caught);
    }
  }

  read(id: string): ContainerRecord {
    const record = this.tryRead(id);
    if (record === null) throw noContainer(id);
    return record;
  }

  /** Locks the container's directory. E_NO_CONTAINER if it is gone, E_BUSY if another command keeps it locked too long. */
  lock(id: string, waitMs: number = lockWaitMs): LockedDirectory {
    checkId(id);
    const path = this.directory(id);
    let fd: number;
    try {
      fd = this.host.openDirectory(path);
    } catch (caught) {
      throw isMissing(caught) ? noContainer(id) : fromHost('E_HOST', `container ${JSON.stringify(id)}`, caught);
    }
    try {
      if (!this.host.lock(fd, waitMs)) throw busy(id);
      // While we waited, it may have been deleted, or deleted and made anew.
      if (!this.host.isSameFile(fd, path)) throw noContainer(id);
      return new LockedDirectory(this.host, path, fd);
    } catch (caught) {
      this.host.close(fd);
      throw fromHost('E_HOST', `container ${JSON.stringify(id)}`, caught);
    }
  }

  /** Runs `body` while no other create may make or clear a directory below the root. Makes the root if it is missing. */
  withRootLock<T>(body: () => T): T {
    let fd: number;
    try {
      this.host.mkdir(this.root, 0o700, true);
      fd = this.host.openDirectory(this.root);
    } catch (caught) {
      throw fromHost('E_HOST', 'cannot use the state directory', caught, { hint: 'Choose another one with --root' });
    }
    try {
      if (!this.host.lock(fd, lockWaitMs)) throw new PockerError('E_BUSY', `${this.root} is busy: another create is using it`);
      return body();
    } finally {
      this.host.close(fd);
    }
  }

  /** mkdir(2), exclusive, and locked. Call it only under withRootLock. */
  make(id: string, warn: Warn): LockedDirectory | null {
    const path = this.directory(id);
    try {
      if (!this.host.mkdir(path, 0o700, false)) return null;
    } catch (caught) {
      throw fromHost('E_HOST', 'cannot make the state directory', caught);
    }
    try {
      return this.lock(id);
    } catch (caught) {
      cleanUp(warn, () => this.host.rmdir(path));
      throw caught;
    }
  }
}
