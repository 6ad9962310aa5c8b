// The state directory of a new container: made exclusively, and locked before anybody else can see it.
import { PockerError } from '../../errors.js';
import type { Host } from '../../host/host.js';
import { cleanUp, type Warn } from '../../container/notices.js';
import { isAlive } from '../../container/process.js';
import type { ContainerRecord } from '../../container/record.js';
import { checkId, type LockedDirectory, type Store } from '../../container/store.js';
import { clear, withOwnCgroups } from './clear.js';

function inUse(id: string): PockerError {
  return new PockerError('E_ID_IN_USE', `container with id exists: ${JSON.stringify(id)}`, {
    hint: 'Choose another id, or delete that container',
  });
}

const isIncomplete = (host: Host, { status, abandoned, creator }: ContainerRecord): boolean =>
  status === 'creating' && (abandoned === true || !isAlive(host, creator));

/** Clears what is left of a create that died half-way or failed; false if the directory belongs to a real container. */
function clearIncomplete(host: Host, store: Store, id: string): boolean {
  const before = store.tryRead(id);
  if (before === null) return store.isUnrecorded(id) && clearEmpty(store, id);
  if (!isIncomplete(host, before)) return false;
  const locked = store.lock(id);
  try {
    // Another command may have changed it while we waited for the lock.
    const record = store.tryRead(id);
    if (record === null || !isIncomplete(host, record)) return false;
    clear(host, withOwnCgroups(locked, record), true);
    locked.remove();
    return true;
  } finally {
    locked.unlock();
  }
}

/** Removes a directory without a record. No create is about to write one, because that happens under the root's lock. */
export function clearEmpty(store: Store, id: string): boolean {
  return store.withRootLock(() => {
    const locked = store.lock(id);
    try {
      if (store.tryRead(id) !== null) return false;
      locked.remove();
      return true;
    } finally {
      locked.unlock();
    }
  });
}

/** Throws E_ID_IN_USE if a container of that id exists, before any work is done for another one. */
export function assertFree(host: Host, store: Store, id: string): void {
  checkId(id);
  if (host.lstat(store.directory(id)) === null) return;
  try {
    if (!clearIncomplete(host, store, id)) throw inUse(id);
  } catch (caught) {
    // Somebody else was faster, and the id is free all the same.
    if (!(caught instanceof PockerError && caught.code === 'E_NO_CONTAINER')) throw caught;
  }
}

/** Makes and locks the directory, with the record in it. E_ID_IN_USE if another create was faster. */
export function reserve(store: Store, record: ContainerRecord, warn: Warn): LockedDirectory {
  return store.withRootLock(() => {
    const directory = store.make(record.id, warn);
    if (directory === null) throw inUse(record.id);
    try {
      directory.write(record);
      return directory;
    } catch (caught) {
      cleanUp(warn, () => directory.remove());
      directory.unlock();
      throw caught;
    }
  });
}
