// delete (runtime.md, "Lifecycle" steps 10 to 13): nothing of the container is left, the state directory last.
import { PockerError } from '../errors.js';
import type { Host } from '../host/host.js';
import { assertAllowed } from '../container/machine.js';
import { statusOf } from './query.js';
import type { ContainerRecord } from '../container/record.js';
import { Store } from '../container/store.js';
import { destroy } from './clear.js';

export interface DeleteOptions {
  readonly root: string;
  readonly id: string;
  /** Kill it first if it runs; no such container is no error. */
  readonly force: boolean;
  readonly warn: (text: string) => void;
}

/** E_NO_CONTAINER ("container does not exist"), E_STATE when it has not stopped, E_CGROUP naming who keeps a cgroup busy. */
export function deleteContainer(host: Host, options: DeleteOptions): void {
  const store = new Store(host, options.root);
  try {
    deleteLocked(host, store, options);
  } catch (caught) {
    if (options.force && caught instanceof PockerError && caught.code === 'E_NO_CONTAINER') return;
    throw caught;
  }
}

/** The record; with `force` one that cannot be read is as good as none. */
function readRecord(store: Store, { id, force }: DeleteOptions): ContainerRecord | null {
  try {
    return store.tryRead(id);
  } catch (caught) {
    if (force && caught instanceof PockerError && caught.code === 'E_HOST') return null;
    throw caught;
  }
}

function deleteLocked(host: Host, store: Store, options: DeleteOptions): void {
  const directory = store.lock(options.id);
  try {
    const record = readRecord(store, options);
    if (record === null) return directory.remove();
    assertAllowed(options.force ? 'delete --force' : 'delete', statusOf(host, directory.path, record), options.id);
    destroy(host, directory, {
      record,
      kill: options.force || record.sharesPids || record.status === 'creating',
      warn: options.warn,
    });
  } finally {
    directory.unlock();
  }
}
