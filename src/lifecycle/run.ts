// run: create and start in one, in the foreground until the program ends, or detached.
import { PockerError } from '../errors.js';
import type { Host } from '../host/host.js';
import { createContainer, type CreatedContainer, type CreateOptions } from './create.js';
import { deleteContainer } from './delete.js';
import { startContainer } from './start.js';

export interface RunOptions extends CreateOptions {
  readonly detach: boolean;
  /** Leave the stopped container for `delete`. */
  readonly keep: boolean;
  readonly noSubreaper: boolean;
}

/** Exit code of the program (128 + signal when one killed it); 0 when detached. */
export function runContainer(host: Host, options: RunOptions): number {
  if (!options.detach && !options.noSubreaper) host.subreaper();
  const container = createContainer(host, options);
  const { root, id, warn } = options;
  try {
    assertTerminal(container, options);
    startContainer(host, { root, id, warn });
    if (options.detach) return 0;
    return supervise(host, container, options);
  } catch (caught) {
    deleteContainer(host, { root, id, force: true, warn });
    throw caught;
  }
}

/** A detached container's terminal must go to somebody. */
function assertTerminal(container: CreatedContainer, options: RunOptions): void {
  if (!options.detach || container.master < 0) return;
  throw new PockerError('E_USAGE', 'cannot allocate tty if runc will detach without setting console socket', { pointer: '/process/terminal', hint: 'give --console-socket' });
}

function supervise(host: Host, container: CreatedContainer, options: RunOptions): number {
  const { root, id, warn, keep } = options;
  const code = host.supervise(container.process.pidfd, container.process.pid, container.master);
  if (!keep) deleteContainer(host, { root, id, force: true, warn });
  return code;
}
