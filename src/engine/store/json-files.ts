// The engine's records: human-readable JSON files, replaced atomically, and locks on their directories.
import { fromHost, isHostFailure, PockerError } from '../../errors.js';
import { errnoName } from '../../host/errno.js';
import { isMissing } from '../../host/failure.js';
import type { FileStatus, Host } from '../../host/host.js';
import type { Engine } from '../engine.js';
import { engineError, isFull } from '../errors.js';
import { isObject, type Check } from './shapes.js';

/** Far above any record. */
const limit = 16 * 1024 * 1024;
const noteLimit = 64;
const lockWaitMs = 60_000;

/** A record that has become unreadable. */
export class DamagedRecord extends PockerError {
  constructor(path: string, why: string) {
    super('E_ENGINE', `${path} is damaged: ${why}`, { path, hint: "Run 'pocker system repair' to see what can be done" });
  }
}

/** Of all records that have one. A change of their shape needs a new number, and a migration from the previous one. */
const currentVersion = 1;

/** A record that a later version of this program has written: nobody here may judge it, and it is never given up. */
export class NewerRecord extends PockerError {
  constructor(path: string, version: number) {
    const text = `${path} is of a newer version of pocker (record version ${version}, supported: up to ${currentVersion})`;
    super('E_ENGINE', text, { path, hint: 'Use that version, even to remove it' });
  }
}

/** Records without a version are of the first one. */
export function checkVersion(path: string, value: unknown): void {
  const version = isObject(value) ? value['version'] : undefined;
  if (version === undefined) return;
  if (typeof version !== 'number' || !Number.isSafeInteger(version) || version < 1)
    throw new DamagedRecord(path, '/version is not what it must be');
  if (version > currentVersion) throw new NewerRecord(path, version);
}

const ENXIO = 6;
const EISDIR = 21;
/** With EIO, EFBIG, ELOOP, EBADMSG, EUCLEAN: the file is not one of ours, or the disk has lost it. */
const notARecord: ReadonlySet<number> = new Set([5, ENXIO, EISDIR, 27, 40, 74, 117]);

/** null: no such file or, with `mayBeEmpty`, an empty one. */
export function readJson({ host }: Engine, path: string, mayBeEmpty = false): unknown {
  let text: string;
  try {
    text = host.readRegular(path, limit);
  } catch (caught) {
    if (isMissing(caught)) return null;
    if (isHostFailure(caught) && notARecord.has(caught.errno))
      throw new DamagedRecord(path, caught.errno === ENXIO ? 'it is not a regular file' : errnoName(caught.errno).text);
    throw fromHost('E_ENGINE', 'cannot read a record', caught);
  }
  if (text === '' && mayBeEmpty) return null;
  const value = parsed(path, text);
  if (value === null) throw new DamagedRecord(path, 'it is null');
  return value;
}

function parsed(path: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new DamagedRecord(path, String(cause));
  }
}

/** The same for a record of known shape. */
export function readRecord(engine: Engine, path: string, check: Check, mayBeEmpty = false): unknown {
  const value = readJson(engine, path, mayBeEmpty);
  checkVersion(path, value);
  const misfit = value === null ? undefined : check(value);
  if (misfit === undefined) return value;
  throw new DamagedRecord(path, `${misfit === '' ? 'it' : misfit} is not what it must be`);
}

const leftOut = new Set<string>();

const isUnreadableRecord = (caught: unknown): boolean => caught instanceof DamagedRecord || caught instanceof NewerRecord;

/** The result of `read`; null if that record is damaged or newer. One unusable record must not block the others. */
export function unlessDamaged<T>(engine: Engine, name: string, read: () => T | null): T | null {
  try {
    return read();
  } catch (caught) {
    if (!(caught instanceof DamagedRecord || caught instanceof NewerRecord)) throw caught;
    if (!leftOut.has(name)) engine.log.warn(`skipped ${name}: ${caught.message}`);
    leftOut.add(name);
    return null;
  }
}

function failure(read: () => unknown): unknown {
  try {
    read();
    return null;
  } catch (caught) {
    if (isUnreadableRecord(caught)) return caught;
    throw caught;
  }
}

/** Whether that is its only fault. A newer record has none. */
export const isDamaged = (read: () => unknown): boolean => failure(read) instanceof DamagedRecord;

/** Nobody knows what it says: it is damaged or newer. */
export const isUnreadable = (read: () => unknown): boolean => failure(read) !== null;

function discard(host: Host, path: string): void {
  if (host.lstat(path)?.type === 'directory') host.removeDirectory(path);
  else host.unlink(path);
}

/** A directory in the place of a file is of no use to anybody: it makes room. */
function overDirectory(host: Host, path: string, write: () => void): void {
  try {
    write();
  } catch (caught) {
    if (!isHostFailure(caught) || caught.errno !== EISDIR) throw caught;
    host.removeDirectory(path);
    write();
  }
}

/** It may be gone already, or, on a damaged disk, a directory. */
export function removeRecord({ host }: Engine, path: string): void {
  try {
    discard(host, path);
  } catch (caught) {
    if (!isMissing(caught)) throw fromHost('E_ENGINE', 'cannot remove a record', caught);
  }
}

/** Replaces the file at once: a reader, or a crash, sees the old one or the new one. Makes its directory if that is missing. */
export function writeJson({ host }: Engine, path: string, value: unknown): void {
  const slash = path.lastIndexOf('/');
  const directory = path.slice(0, slash);
  try {
    host.mkdir(directory, 0o700, true);
    const text = `${JSON.stringify(value, undefined, 2)}\n`;
    overDirectory(host, path, () => host.writeAtomic(directory, path.slice(slash + 1), text, 0o600));
  } catch (caught) {
    throw fromHost('E_ENGINE', 'cannot write a record', caught);
  }
}

/**
 * The same for what a power failure may set back a little: no fsync(2), which takes longer than all the rest. The directory
 * exists, and only one process at a time writes the file.
 */
export function replaceJson({ host }: Engine, path: string, value: unknown): void {
  const next = `${path}.next`;
  const text = `${JSON.stringify(value, undefined, 2)}\n`;
  try {
    if (host.lstat(next) !== null) discard(host, next);
    host.writeNew(next, text, 0o600);
    overDirectory(host, path, () => host.rename(next, path));
  } catch (caught) {
    const old = host.lstat(path);
    if (host.lstat(next) !== null) discard(host, next);
    const room = isHostFailure(caught) && isFull(caught.errno) && old?.type === 'file' ? roomOf(old) : 0;
    // Without its line breaks it is never longer than the old one, unless it says more.
    const short = new TextEncoder().encode(JSON.stringify(value)).length;
    if (room < short) throw fromHost('E_ENGINE', 'cannot write a record', caught);
    overwriteJson(host, path, `${JSON.stringify(value)}${' '.repeat(Math.max(0, old!.size - short))}`);
  }
}

const blockSize = 4096;

/** Bytes that can be written over a file without taking more room: it has whole blocks. */
const roomOf = ({ size }: FileStatus): number => Math.ceil(size / blockSize) * blockSize;

/** Over the old one, which takes no room: what runs can be stopped and removed on a full disk. A reader may see half of it. */
function overwriteJson(host: Host, path: string, text: string): void {
  try {
    host.writeControl(path, text);
  } catch (caught) {
    throw fromHost('E_ENGINE', 'cannot write a record', caught);
  }
}

/** What conmon or another helper has noted in a small file; '' if it is missing or unreadable. */
export function readNote({ host }: Engine, path: string): string {
  try {
    return host.readRegular(path, noteLimit).trim();
  } catch (caught) {
    if (isMissing(caught) || (isHostFailure(caught) && notARecord.has(caught.errno))) return '';
    throw fromHost('E_ENGINE', 'cannot read a note', caught);
  }
}

/** Names in a directory, in no order; none if it is missing. */
export function entriesIn({ host }: Engine, directory: string): string[] {
  try {
    return host.readdir(directory);
  } catch (caught) {
    if (isMissing(caught)) return [];
    throw fromHost('E_ENGINE', 'cannot list', caught);
  }
}

/** The same, sorted. */
export const namesIn = (engine: Engine, directory: string): string[] => entriesIn(engine, directory).sort();

/** Runs `body` while holding the lock of that directory, which is made if missing. */
export function withLock<T>({ host }: Engine, directory: string, body: () => T): T {
  let fd: number;
  try {
    host.mkdir(directory, 0o700, true);
    fd = host.openDirectory(directory);
  } catch (caught) {
    throw fromHost('E_ENGINE', 'cannot lock', caught);
  }
  try {
    if (!host.lock(fd, lockWaitMs)) throw engineError(`${directory} is busy`, 'Another pocker is using it: try again');
    return body();
  } finally {
    host.close(fd);
  }
}
