// Ending a process for good.
import { fromHost, isHostFailure, PockerError } from '../errors.js';
import type { Host } from '../host/host.js';
import { pidfdOpen } from './process.js';
import type { ProcessIdentity } from './record.js';

const SIGKILL = 9;
const endWaitMs = 10_000;
const ESRCH = 3;

/** Sends SIGKILL by pidfd, calls `signalled`, then waits for the end. E_BUSY if the kernel does not end it in time. */
export function killProcess(host: Host, process: ProcessIdentity, signalled: () => void = () => undefined): void {
  const pidfd = pidfdOpen(host, process);
  if (pidfd < 0) return;
  try {
    killByPidfd(host, pidfd, process.pid, signalled);
  } finally {
    host.close(pidfd);
  }
}

export function killByPidfd(host: Host, pidfd: number, pid: number, signalled: () => void = () => undefined): void {
  try {
    host.pidfdSendSignal(pidfd, SIGKILL);
  } catch (caught) {
    if (!(isHostFailure(caught) && caught.errno === ESRCH)) throw fromHost('E_PROCESS', `cannot kill process ${pid}`, caught);
  }
  signalled();
  if (!host.waitPidfd(pidfd, endWaitMs)) {
    throw new PockerError('E_BUSY', `process ${pid} did not end within ${endWaitMs / 1000} s of SIGKILL`, {
      hint: `see /proc/${pid}/stack for what it waits for`,
    });
  }
  host.reap(pidfd);
}
