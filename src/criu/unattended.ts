// A criu whose checkpoint or restore was killed. Its next question to us fails, and then it undoes what it did, unless it had only
// to end. Until that is over, it holds the container's processes: nobody else can use them, or be sure that there will be no more.
import { thawQuietly } from '../cgroup/freezer.js';
import { identify, isAlive, killProcess, pidfdOpen } from '../container/process.js';
import type { ContainerRecord, CriuRecord } from '../container/record.js';
import type { LockedDirectory } from '../container/store.js';
import { PockerError } from '../errors.js';
import type { Host } from '../host/host.js';
import { undoLimitMs } from './criu.js';

/** As long as for a lock: a checkpoint that is alive has one. */
const checkpointWaitMs = 10_000;

/** Records that criu is about to be asked. Returns the record. */
export function withCriu(
  host: Host,
  directory: LockedDirectory,
  record: ContainerRecord,
  { pid, paused }: Pick<CriuRecord, 'pid' | 'paused'>,
): ContainerRecord {
  const identity = identify(host, pid);
  // It has ended, and its silence will say so.
  if (identity === null) return record;
  const changed = { ...record, criu: { ...identity, paused } };
  directory.write(changed);
  return changed;
}

function ends(host: Host, criu: CriuRecord, ms: number): boolean {
  const pidfd = pidfdOpen(host, criu);
  if (pidfd < 0) return true;
  try {
    return host.waitPidfd(pidfd, ms);
  } finally {
    host.close(pidfd);
  }
}

/** Before the container is taken apart: afterwards no criu is left to make more of it. */
export function endCriu(host: Host, { criu, status, creator, init, abandoned }: ContainerRecord): void {
  if (criu === undefined) return;
  const restores = status === 'creating';
  // A hook takes apart what is being restored: whoever does that ends criu.
  if (restores && abandoned !== true && isAlive(host, creator)) return;
  // What it dumps is about to be killed, and it may wait for another machine to fetch the pages.
  const dumps = !restores && init !== null && isAlive(host, init);
  if (!dumps && ends(host, criu, restores ? undoLimitMs : checkpointWaitMs)) return;
  killProcess(host, criu);
}

/**
 * Lets the criu of a checkpoint end, thaws what one that was killed has left frozen if `thaws`, and forgets it. E_BUSY if criu goes
 * on. A container that is being restored has nothing to wait for: no command may use it, and a hook would wait for itself.
 */
export function awaitCriu(host: Host, directory: LockedDirectory, before: ContainerRecord, thaws: boolean): ContainerRecord {
  const { criu, ...record } = before;
  if (criu === undefined || record.status === 'creating') return before;
  if (!ends(host, criu, checkpointWaitMs)) {
    const text = `container ${JSON.stringify(record.id)} is busy: criu (process ${criu.pid}) is still at work on it`;
    throw new PockerError('E_BUSY', text, {
      hint: 'Try again when it has ended, or end it and the container with delete --force: its command was killed',
    });
  }
  if (thaws && !criu.paused) thawQuietly(host, record.cgroups);
  directory.write(record);
  return record;
}
