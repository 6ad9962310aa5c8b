// The end of a create or restore that failed: nothing is left of it, or a record of what is left.
import { fromHost, PockerError } from '../errors.js';
import type { Host } from '../host/host.js';
import { runPoststop } from '../container/hooks.js';
import type { Notices } from '../container/notices.js';
import type { ContainerRecord } from '../container/record.js';
import type { LockedDirectory } from '../container/store.js';
import type { UndoStack } from '../container/undo.js';

export interface Failed {
  readonly host: Host;
  readonly options: Pick<Notices, 'warn'>;
  readonly undo: UndoStack;
  readonly directory: LockedDirectory;
  /** As it is when all that could be has been undone. */
  readonly record: ContainerRecord;
}

/** Undoes all that was made, and lets the directory go. Returns the error to report, which is `cause` wherever that tells it. */
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
  // runtime.md steps 3 to 5: a failed hook goes on at step 12, whose undoing is done.
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

/** A hook, or somebody else meanwhile, has deleted it. */
export function deletedMeanwhile(id: string, cause?: unknown): PockerError {
  return new PockerError('E_STATE', `container ${JSON.stringify(id)} was deleted while it was being created`, { cause });
}
