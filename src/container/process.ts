// Processes of containers: identified by pid and start time, signalled and killed by pidfd.
import { fromHost, isGone, isHostFailure, PockerError } from '../errors.js';
import type { Host } from '../host/host.js';
import type { ProcessIdentity } from './record.js';

const statLimit = 4096;
const bootIdLimit = 128;
/** Kernel threads have commands of up to 63 bytes, with a pid and two parentheses; only numbers follow. */
const commandEnd = 80;
/** Spaces between the state, the first field after the command, and the start time. */
const fieldsToStart = 19;
/** A process may be in 65,536 groups, and status lists them all. */
const statusLimit = 2 * 1024 * 1024;

const SIGKILL = 9;
/** PF_EXITING of include/linux/sched.h, in field 9 of /proc/PID/stat. */
const exiting = 0x4;

/**
 * The kernel's random id of this boot; undefined without /proc/sys. Pids and start times begin anew with each boot, so a process of
 * the next one could be taken for the container's.
 */
export function bootId(host: Host): string | undefined {
  try {
    return host.readText('/proc/sys/kernel/random/boot_id', bootIdLimit).trim();
  } catch (caught) {
    if (isGone(caught)) return undefined;
    throw fromHost('E_HOST', 'cannot find out which boot this is', caught);
  }
}

/** The command in parentheses, before the state, may contain anything, even a parenthesis. */
const stateAt = (text: string): number => text.lastIndexOf(')', commandEnd) + 2;

/** /proc/PID/stat (proc_pid_stat(5)); null if there is no such process. */
function statText(host: Host, pid: number): string | null {
  let text: string;
  try {
    text = host.readText(`/proc/${pid}/stat`, statLimit);
  } catch (caught) {
    // A process that we may not look at may well exist.
    if (isGone(caught)) return null;
    throw fromHost('E_HOST', `cannot inspect process ${pid}`, caught);
  }
  return text;
}

/** Start time, state letter and flags of a process; null if it does not exist. */
function readStat(host: Host, pid: number): { startTime: number; state: string; flags: number } | null {
  const text = statText(host, pid);
  if (text === null) return null;
  const fields = text.slice(stateAt(text)).split(' ', fieldsToStart + 1);
  return { state: fields[0] ?? '', startTime: Number(fields[fieldsToStart]), flags: Number(fields[6]) };
}

/** The pid of a process in its own pid namespace: the last one of NSpid (proc_pid_status(5), Linux 4.1). */
export function pidInside(host: Host, pid: number): number {
  const line = /^NSpid:.*\s(\d+)$/m.exec(host.readText(`/proc/${pid}/status`, statusLimit));
  return Number(line?.[1] ?? pid);
}

/** Identity of a living process; null if it is gone. */
export function identify(host: Host, pid: number): ProcessIdentity | null {
  const stat = readStat(host, pid);
  return stat === null ? null : { pid, startTime: stat.startTime };
}

/** Whether this very process still runs: a zombie does not. */
export function isAlive(host: Host, process: ProcessIdentity): boolean {
  const text = statText(host, process.pid);
  if (text === null) return false;
  const begin = stateAt(text);
  if (text[begin] === 'Z' || text[begin] === 'X') return false;
  // Listings ask this of hundreds: the fields between are passed over, not taken apart.
  let at = begin;
  for (let field = 0; field < fieldsToStart; ++field) at = text.indexOf(' ', at) + 1;
  return Number(text.slice(at, text.indexOf(' ', at))) === process.startTime;
}

/** Whether nothing can keep it alive: it is exiting, or has SIGKILL pending, which the kernel makes of every fatal signal. */
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

/** Waits for a dying process, and returns whether it has ended. Does not wait for one that may go on. */
export function awaitDying(host: Host, process: ProcessIdentity, ms: number): boolean {
  const pidfd = pidfdOpen(host, process);
  if (pidfd < 0) return true;
  try {
    return isDying(host, process.pid) && host.waitPidfd(pidfd, ms);
  } finally {
    host.close(pidfd);
  }
}

/** A pidfd of this very process, or -1 if it has ended. The caller closes it. */
export function pidfdOpen(host: Host, process: ProcessIdentity): number {
  const pidfd = host.pidfdOpen(process.pid);
  if (pidfd >= 0 && !isAlive(host, process)) {
    host.close(pidfd);
    return -1;
  }
  return pidfd;
}

/** How the process ended; null if unknown: it ended before, or the kernel tells only its parent. */
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

/** Sends a signal; false if the process has ended. */
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

const endWaitMs = 10_000;

/**
 * Sends SIGKILL by pidfd, calls `signalled`, then waits for the end. E_BUSY if the kernel does not end it in time. Does not reap it:
 * if it is a child of this process, somebody may wait to hear how it ended (src/server/attend.ts).
 */
export function killProcess(host: Host, process: ProcessIdentity, signalled: () => void = () => undefined): void {
  const pidfd = pidfdOpen(host, process);
  if (pidfd < 0) return;
  try {
    killAndWait(host, pidfd, process.pid, signalled);
  } finally {
    host.close(pidfd);
  }
}

/** The same of a child, of which nobody has heard. Reaps it. */
export function killByPidfd(host: Host, pidfd: number, pid: number): void {
  killAndWait(host, pidfd, pid, () => undefined);
  host.reap(pidfd);
}

function killAndWait(host: Host, pidfd: number, pid: number, signalled: () => void): void {
  try {
    host.pidfdSendSignal(pidfd, SIGKILL);
  } catch (caught) {
    if (!(isHostFailure(caught) && caught.errno === ESRCH)) throw fromHost('E_PROCESS', `cannot kill process ${pid}`, caught);
  }
  signalled();
  if (!host.waitPidfd(pidfd, endWaitMs)) {
    throw new PockerError('E_BUSY', `process ${pid} did not end within ${endWaitMs / 1000} s of SIGKILL`, {
      hint: `See /proc/${pid}/stack for what it waits for`,
    });
  }
}
