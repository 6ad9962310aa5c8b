// run: create and start in one, in the foreground until the program ends, or detached.
import type { Host, ReadyNotification } from '../host/host.js';
import { createContainer, type CreatedContainer, type CreateOptions } from './create.js';
import { cleanUp } from '../container/notices.js';
import { deleteContainer } from './delete.js';
import { startAndWait, startContainer } from './start.js';

/** `detached`: return as soon as the program runs. */
export interface RunOptions extends CreateOptions {
  /** Leave the stopped container for `delete`. */
  readonly keep: boolean;
  readonly noSubreaper: boolean;
}

/** Exit code of the program (128 + signal when one killed it); 0 when detached. */
export function runContainer(host: Host, options: RunOptions): number {
  if (!options.detached && !options.noSubreaper) host.setChildSubreaper();
  const container = createContainer(host, options);
  const { root, id, warn, notApplied, notifySocket } = options;
  const start = { root, id, warn, notApplied, ...(notifySocket === undefined ? {} : { notifySocket }) };
  try {
    if (options.detached) {
      startAndWait(host, start);
      return 0;
    }
    host.blockSignals();
    return supervise(host, container, options, startContainer(host, start).ready);
  } catch (caught) {
    cleanUp(warn, () => deleteContainer(host, { root, id, force: true, warn, init: container.record.init }));
    throw caught;
  }
}

function supervise(host: Host, container: CreatedContainer, options: RunOptions, ready: ReadyNotification | null): number {
  const { root, id, warn, keep } = options;
  const code = host.supervise(container.process.pidfd, container.process.pid, container.master, ready);
  // The program's exit code is what was asked for, whatever is left.
  if (!keep) cleanUp(warn, () => deleteContainer(host, { root, id, force: true, warn, init: container.record.init }));
  return code;
}
