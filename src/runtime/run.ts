// run: create and start in one, in the foreground until the program ends, or detached.
import type { Host, ReadyNotification } from '../host/host.js';
import { createContainer, type CreatedContainer, type CreateOptions } from './create.js';
import { cleanUp } from '../container/notices.js';
import { deleteContainer } from './delete.js';
import { startAndWait, startContainer, type StartOptions } from './start.js';

/** `detached`: return as soon as the program runs. */
export interface RunOptions extends CreateOptions {
  /** Do not delete the container when it stops. */
  readonly keep: boolean;
  readonly noSubreaper: boolean;
}

/** Returns the program's exit code (128 + signal if one killed it); if detached, 0. */
export function runContainer(host: Host, options: RunOptions): number {
  if (options.detached) {
    runDetached(host, options);
    return 0;
  }
  if (!options.noSubreaper) host.setChildSubreaper();
  const container = createContainer(host, options);
  return orTakeBack(host, container, options, () => {
    host.blockSignals();
    return supervise(host, container, options, startContainer(host, startOptions(options)).ready);
  });
}

/** Returns as soon as the program runs. */
export function runDetached(host: Host, options: CreateOptions): CreatedContainer {
  const container = createContainer(host, options);
  return orTakeBack(host, container, options, () => {
    startAndWait(host, startOptions(options));
    return container;
  });
}

function startOptions({ root, id, warn, notApplied, notifySocket }: CreateOptions): StartOptions {
  return { root, id, warn, notApplied, ...(notifySocket === undefined ? {} : { notifySocket }) };
}

function orTakeBack<T>(host: Host, { record }: CreatedContainer, { root, id, warn }: CreateOptions, body: () => T): T {
  try {
    return body();
  } catch (caught) {
    cleanUp(warn, () => deleteContainer(host, { root, id, force: true, warn, init: record.init }));
    throw caught;
  }
}

function supervise(host: Host, container: CreatedContainer, options: RunOptions, ready: ReadyNotification | null): number {
  const { root, id, warn, keep } = options;
  const code = host.supervise(container.process.pidfd, container.process.pid, container.master, ready, null);
  // The caller asked for the program's exit code, whatever is left.
  if (!keep) cleanUp(warn, () => deleteContainer(host, { root, id, force: true, warn, init: container.record.init }));
  return code;
}
