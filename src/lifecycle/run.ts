// run: create and start in one, in the foreground until the program ends, or detached.
import type { Host } from '../host/host.js';
import { createContainer, type CreatedContainer, type CreateOptions } from './create.js';
import { deleteContainer } from './delete.js';
import { startContainer } from './start.js';

/** `detached`: return as soon as the program runs. */
export interface RunOptions extends CreateOptions {
  /** Leave the stopped container for `delete`. */
  readonly keep: boolean;
  readonly noSubreaper: boolean;
}

/** Exit code of the program (128 + signal when one killed it); 0 when detached. */
export function runContainer(host: Host, options: RunOptions): number {
  if (!options.detached && !options.noSubreaper) host.subreaper();
  const container = createContainer(host, options);
  const { root, id, warn } = options;
  try {
    startContainer(host, { root, id, warn });
    if (options.detached) return 0;
    return supervise(host, container, options);
  } catch (caught) {
    deleteContainer(host, { root, id, force: true, warn });
    throw caught;
  }
}

function supervise(host: Host, container: CreatedContainer, options: RunOptions): number {
  const { root, id, warn, keep } = options;
  const code = host.supervise(container.process.pidfd, container.process.pid, container.master);
  if (!keep) deleteContainer(host, { root, id, force: true, warn });
  return code;
}
