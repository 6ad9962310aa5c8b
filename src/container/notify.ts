// sd_notify(3) between a container and the service manager that started the runtime with NOTIFY_SOCKET.
import { fromHost } from '../errors.js';
import type { Host, ReadyNotification } from '../host/host.js';
import { notifySocketName } from '../plan/notify.js';
import { notifyDirectory } from './store.js';
import type { Warn } from './notices.js';

/** The socket in the container, from `start` on. Null if there is no manager, or there was none at `create`. */
export function listenForReady(
  host: Host,
  stateDirectory: string,
  manager: { readonly path: string | undefined; readonly pid: number },
): ReadyNotification | null {
  const directory = notifyDirectory(stateDirectory);
  if (manager.path === undefined || host.lstat(directory) === null) return null;
  try {
    const socket = host.listenDatagram(stateDirectory, directory, notifySocketName);
    return { socket, path: manager.path, text: `READY=1\nMAINPID=${manager.pid}\n` };
  } catch (caught) {
    throw fromHost('E_HOST', 'cannot make the notify socket', caught);
  }
}

/** Waits until the program says that it is ready, or ends. */
export function passOnReady(host: Host, { socket, path, text }: ReadyNotification, pid: number, warn: Warn): void {
  const pidfd = host.pidfdOpen(pid);
  try {
    if (pidfd >= 0 && host.awaitReady(socket, pidfd)) host.sendDatagram(path, text);
  } catch (caught) {
    warn(fromHost('E_HOST', 'cannot notify the service manager', caught).message);
  } finally {
    if (pidfd >= 0) host.close(pidfd);
    host.close(socket);
  }
}
