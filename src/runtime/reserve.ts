// The state directory of a new container: made exclusively, and locked before anybody else can see it unlocked.
import { PockerError } from '../errors.js';
import type { Host } from '../host/host.js';
import { isAlive } from '../container/process.js';
import type { ContainerRecord } from '../container/record.js';
import { checkId, type LockedDirectory, type Store } from '../container/store.js';
import { clear } from './clear.js';

function inUse(id: string): PockerError {
  return new PockerError('E_ID_IN_USE', `container with id exists: ${JSON.stringify(id)}`, {
    hint: 'choose another id, or delete that container',
  });
}

const isHalfMade = (host: Host, { status, creator }: ContainerRecord): boolean =>
  status === 'creating' && !isAlive(host, creator);

/** Clears what a create that died half-way left behind; false when the directory is that of a real container. */
export function clearHalfMade(host: Host, store: Store, id: string): boolean {
  let locked: LockedDirectory;
  try {
    const before = store.tryRead(id);
    // Its process may outlive it for a moment, and the lock with it; that of a create at work is not waited for.
    locked = before !== null && isHalfMade(host, before) ? store.lock(id) : store.lock(id, 0);
  } catch (caught) {
    if (caught instanceof PockerError && caught.code === 'E_NO_CONTAINER') return true;
    if (caught instanceof PockerError && caught.code === 'E_BUSY') return false;
    throw caught;
  }
  try {
    const record = store.tryRead(id);
    if (record !== null && !isHalfMade(host, record)) return false;
    if (record !== null) clear(host, record, true);
    locked.remove();
    return true;
  } finally {
    locked.unlock();
  }
}

/** Throws E_ID_IN_USE when a container of that id is there, before any work is done for another one. */
export function assertFree(host: Host, store: Store, id: string): void {
  checkId(id);
  if (host.stat(store.directory(id)) !== null && !store.withRootLock(() => clearHalfMade(host, store, id))) throw inUse(id);
}

/** Makes and locks the directory, with the record in it. E_ID_IN_USE when another create was faster. */
export function reserve(store: Store, record: ContainerRecord): LockedDirectory {
  return store.withRootLock(() => {
    const directory = store.make(record.id);
    if (directory === null) throw inUse(record.id);
    try {
      directory.write(record);
      return directory;
    } catch (caught) {
      directory.remove();
      directory.unlock();
      throw caught;
    }
  });
}
