// Processes of containers: told apart by pid and start time, signalled by pidfd.
import { isHostFailure } from '../errors.js';
import type { Host } from '../host/host.js';
import type { ProcessIdentity } from './record.js';

const statLimit = 4096;
const statusLimit = 65_536;

/** Start time and state letter of a process from /proc/PID/stat (proc_pid_stat(5)), or null when there is none. */
function readStat(host: Host, pid: number): { startTime: number; state: string } | null {
  let text: string;
  try {
    text = host.readText(`/proc/${pid}/stat`, statLimit);
  } catch (caught) {
    if (isHostFailure(caught)) return null;
    throw caught;
  }
  // The command in parentheses may hold anything, a parenthesis too.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', startTime: Number(fields[19]) };
}

/** The pid that a process has in its own pid namespace: the last of NSpid (proc_pid_status(5), Linux 4.1). */
export function pidInside(host: Host, pid: number): number {
  const line = /^NSpid:.*\s(\d+)$/m.exec(host.readText(`/proc/${pid}/status`, statusLimit));
  return Number(line?.[1] ?? pid);
}

/** Identity of a living process; null when it is gone. */
export function identify(host: Host, pid: number): ProcessIdentity | null {
  const stat = readStat(host, pid);
  return stat === null ? null : { pid, startTime: stat.startTime };
}

/** Whether that very process still runs: a zombie does not. */
export function isAlive(host: Host, process: ProcessIdentity): boolean {
  const stat = readStat(host, process.pid);
  return stat !== null && stat.startTime === process.startTime && stat.state !== 'Z' && stat.state !== 'X';
}

/** A pidfd of that very process, or -1 when it has ended. The caller closes it. */
export function open(host: Host, process: ProcessIdentity): number {
  const pidfd = host.openProcess(process.pid);
  if (pidfd >= 0 && !isAlive(host, process)) {
    host.close(pidfd);
    return -1;
  }
  return pidfd;
}

const ESRCH = 3;

/** Sends a signal; false when the process has ended. */
export function send(host: Host, process: ProcessIdentity, signal: number): boolean {
  const pidfd = open(host, process);
  if (pidfd < 0) return false;
  try {
    host.signal(pidfd, signal);
    return true;
  } catch (caught) {
    if (isHostFailure(caught) && caught.errno === ESRCH) return false;
    throw caught;
  } finally {
    host.close(pidfd);
  }
}
