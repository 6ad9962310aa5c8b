// The end of a failed create or restore: leaves nothing of it, or a record of what is left.
import { fromHost, PockerError } from '../../errors.js';
import type { Host } from '../../host/host.js';
import { runPoststop } from '../../container/hooks.js';
import type { Notices } from '../../container/notices.js';
import type { ContainerRecord } from '../../container/record.js';
import type { LockedDirectory } from '../../container/store.js';
import type { UndoStack } from '../../container/undo.js';

export interface Failed {
  readonly host: Host;
  readonly options: Pick<Notices, 'warn'>;
  readonly undo: UndoStack;
  readonly directory: LockedDirectory;
  /** The record once everything that can be undone has been. */
  readonly record: ContainerRecord;
}

/** Undoes everything that was made, and releases the directory. Returns the error to report: `cause`, if that explains it. */
export function rollBack(work: Failed, cause: unknown): unknown {
  const { host, options, undo, directory } = work;
  const failed = (caught: unknown): void => {
    options.warn(`while undoing: ${fromHost('E_INTERNAL', 'undo', caught).message}`);
  };
  const ours = isOurs(directory, failed);
  const complete = undo.run(ours, failed);
  if (ours) leave(work, complete, failed);
  directory.unlock();
  const ofHook = cause instanceof PockerError && cause.code === 'E_HOOK';
  if (!ours) return ofHook ? cause : deletedMeanwhile(work.record.id, cause);
  // runtime.md steps 3 to 5: after a failed hook, the lifecycle goes on at step 12, which is done here.
  if (ofHook) runPoststop(host, work.record, options.warn);
  return cause;
}

function isOurs(directory: LockedDirectory, failed: (caught: unknown) => void): boolean {
  try {
    return directory.retake();
  } catch (caught) {
    failed(caught);
    return false;
  }
}

function leave({ directory, record }: Failed, complete: boolean, failed: (caught: unknown) => void): void {
  try {
    if (complete) directory.remove();
    else directory.write({ ...record, status: 'creating', abandoned: true });
  } catch (caught) {
    failed(caught);
  }
}

/** A hook, or somebody else in the meantime, has deleted it. */
export function deletedMeanwhile(id: string, cause?: unknown): PockerError {
  return new PockerError('E_STATE', `container ${JSON.stringify(id)} was deleted while it was being created`, { cause });
}
