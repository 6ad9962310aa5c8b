// What create, run and exec hand to their caller besides the process: its terminal, its pid file, a pidfd.
import { fromHost, PockerError } from '../errors.js';
import type { Host } from '../host/host.js';
import type { Plan } from '../plan/plan.js';

export interface Handover {
  readonly consoleSocket?: string;
  /** A connected socket, instead of a path. */
  readonly consoleFd?: number;
  readonly pidFile?: string;
  /** Receives a pidfd of the process. */
  readonly pidfdSocket?: string;
  /** No process stays to carry the terminal's data. */
  readonly detached: boolean;
  readonly preserveFds: number;
}

const consoleName = '/dev/ptmx';
const firstPreserved = 3;

/** Whether somebody takes the terminal. */
export function hasConsole({ consoleSocket, consoleFd }: Pick<Handover, 'consoleSocket' | 'consoleFd'>): boolean {
  return consoleSocket !== undefined || consoleFd !== undefined;
}

/** Throws E_USAGE or E_CONSOLE for what cannot be handed over, in runc's words where engines show them. */
export function checkHandover(host: Host, plan: Plan, handover: Handover): void {
  const { detached, preserveFds } = handover;
  // Lower descriptors may be closed, for example when podman passes a few by number.
  const last = firstPreserved + preserveFds - 1;
  if (preserveFds > 0 && !host.isInherited(last))
    throw new PockerError('E_USAGE', `--preserve-fds ${preserveFds}: file descriptor ${last} is not open`);
  const pointer = '/process/terminal';
  if (detached && plan.terminal && !hasConsole(handover)) {
    const hint = 'Give --console-socket, or set process.terminal to false';
    const message = 'cannot allocate tty if runc will detach without setting console socket';
    throw new PockerError('E_CONSOLE', message, { pointer, hint });
  }
  if (hasConsole(handover) && !(detached && plan.terminal)) {
    const hint = 'Omit --console-socket, or set process.terminal to true';
    throw new PockerError('E_CONSOLE', 'cannot use console socket if runc will not detach or allocate tty', { pointer, hint });
  }
}

/**
 * Sends the terminal's master to the console socket, and returns -1. Without a socket, returns the master, whose data the caller
 * carries.
 */
export function handOverConsole(host: Host, { consoleSocket, consoleFd }: Handover, master: number): number {
  if (consoleSocket === undefined && consoleFd === undefined) {
    // Now, not when somebody attends to it: the program may ask for its size at once.
    host.setUpTerminal(master);
    return master;
  }
  try {
    if (consoleSocket === undefined) host.sendFd(consoleFd!, master, consoleName);
    else host.sendFdToPath(consoleSocket, master, consoleName);
    return -1;
  } catch (caught) {
    const hint = 'Check that something is listening on --console-socket';
    throw fromHost('E_CONSOLE', 'cannot send the terminal to the console socket', caught, { hint });
  } finally {
    host.close(master);
  }
}

/** `name`: "standard" for a container's first process, "setns" for any other one, as in runc. */
export function handOverPidfd(host: Host, { pidfdSocket }: Handover, pidfd: number, name: 'standard' | 'setns'): void {
  if (pidfdSocket === undefined) return;
  try {
    host.sendFdToPath(pidfdSocket, pidfd, name);
  } catch (caught) {
    throw fromHost('E_HOST', 'cannot send the pidfd', caught, { hint: 'Check that something is listening on --pidfd-socket' });
  }
}

/** Writes the number alone, without a newline, as engines and the validation suite read it. */
export function writePidFile(host: Host, path: string, pid: number): void {
  const slash = path.lastIndexOf('/');
  try {
    host.writeAtomic(slash < 0 ? '.' : path.slice(0, slash + 1), path.slice(slash + 1), String(pid), 0o644);
  } catch (caught) {
    throw fromHost('E_HOST', 'cannot write the pid file', caught, { path });
  }
}
