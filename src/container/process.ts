// Processes of containers: told apart by pid and start time, signalled by pidfd.
import { fromHost, isGone, isHostFailure } from '../errors.js';
import type { Host } from '../host/host.js';
import type { ProcessIdentity } from './record.js';

const statLimit = 4096;
/** A process may be in 65,536 groups, all of which are listed. */
const statusLimit = 2 * 1024 * 1024;

const SIGKILL = 9;
/** PF_EXITING of include/linux/sched.h, in field 9 of /proc/PID/stat. */
const exiting = 0x4;

/** Start time and state letter of a process from /proc/PID/stat (proc_pid_stat(5)), or null when there is none. */
function readStat(host: Host, pid: number): { startTime: number; state: string; flags: number } | null {
  let text: string;
  try {
    text = host.readText(`/proc/${pid}/stat`, statLimit);
  } catch (caught) {
    // Whoever cannot be looked at may well be there.
    if (isGone(caught)) return null;
    throw fromHost('E_HOST', `cannot look at process ${pid}`, caught);
  }
  // The command in parentheses may hold anything, a parenthesis too.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', startTime: Number(fields[19]), flags: Number(fields[6]) };
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

/** Whether nothing can keep it alive: it exits, or has SIGKILL pending, to which the kernel turns every fatal signal. */
function isDying(host: Host, pid: number): boolean {
  if (((readStat(host, pid)?.flags ?? 0) & exiting) !== 0) return true;
  try {
    const status = host.readText(`/proc/${pid}/status`, statusLimit);
    const pending = [...status.matchAll(/^(?:SigPnd|ShdPnd):\s*([0-9a-f]+)$/gm)].map(([, mask]) => BigInt(`0x${mask}`));
    return pending.some((mask) => (mask >> BigInt(SIGKILL - 1)) & 1n);
  } catch (caught) {
    if (isGone(caught)) return true;
    throw caught;
  }
}

/** Waits for the end of a process that is at it: whether it has ended. One that may go on is not waited for. */
export function awaitDying(host: Host, process: ProcessIdentity, ms: number): boolean {
  const pidfd = pidfdOpen(host, process);
  if (pidfd < 0) return true;
  try {
    return isDying(host, process.pid) && host.waitPidfd(pidfd, ms);
  } finally {
    host.close(pidfd);
  }
}

/** A pidfd of that very process, or -1 when it has ended. The caller closes it. */
export function pidfdOpen(host: Host, process: ProcessIdentity): number {
  const pidfd = host.pidfdOpen(process.pid);
  if (pidfd >= 0 && !isAlive(host, process)) {
    host.close(pidfd);
    return -1;
  }
  return pidfd;
}

/** How that process ends; null where that is not known: it has ended before, or the kernel tells nobody but its parent. */
export function awaitExit(host: Host, process: ProcessIdentity): { readonly code: number; readonly signal: number } | null {
  const pidfd = pidfdOpen(host, process);
  if (pidfd < 0) return null;
  try {
    host.poll([pidfd], [], -1);
    return host.exitStatus(pidfd, reapWaitMs);
  } finally {
    host.close(pidfd);
  }
}

const reapWaitMs = 1000;
const ESRCH = 3;

/** Sends a signal; false when the process has ended. */
export function send(host: Host, process: ProcessIdentity, signal: number): boolean {
  const pidfd = pidfdOpen(host, process);
  if (pidfd < 0) return false;
  try {
    host.pidfdSendSignal(pidfd, signal);
    return true;
  } catch (caught) {
    if (isHostFailure(caught) && caught.errno === ESRCH) return false;
    throw caught;
  } finally {
    host.close(pidfd);
  }
}
