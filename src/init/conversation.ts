// The messages between the runtime and pocker-init while a container is created (addon/channel/message.h draws them).
import { fromHost, isHostFailure, PockerError } from '../errors.js';
import type { Host, Launched, Received } from '../host/host.js';
import { endedAt, type Ended, hangupHint, howItEnded, initFailure, type StepInfo } from './failure.js';

export interface Listener {
  readonly stepInfo: (index: number) => StepInfo | undefined;
  /** A Fork step made another process the container's first one; its id maps may be due. */
  readonly forked: (pid: number, pidfd: number) => void;
  /** Its time namespace waits for its offsets. */
  readonly offsetsReady?: (pid: number) => void;
  readonly console: (master: number) => void;
  /** Something that the field at the pointer asks for was not done. */
  readonly warned: (text: string, pointer: string) => void;
  /** Receives the notify fd of the seccomp filter, if an agent must have it before the container is created. */
  readonly seccomp?: (fd: number) => void;
  /** Runs the hooks. Returns the state JSON for hooks in the container. */
  readonly hooksReady: () => string;
  /** Everything is ready: the record must be on disk before the process may park. */
  readonly created: () => void;
}

const lowMemory = 'If linux.resources.memory.limit is very low, the process may have run out of memory: see dmesg';

/** Waits for our child to end. */
export function awaitEnd(host: Host, { pidfd }: Launched): Ended | null {
  host.waitPidfd(pidfd, 1000);
  return host.reap(pidfd);
}

/** The error when the other end is closed without a word. */
function died(host: Host, launched: Launched): PockerError {
  const ended = awaitEnd(host, launched);
  const hint = ended?.signal === SIGKILL ? lowMemory : hangupHint(ended);
  return new PockerError('E_PROCESS', `the container process ${howItEnded(ended)} while it was being created`, {
    ...(hint === undefined ? {} : { hint }),
  });
}

const SIGKILL = 9;
const [EPIPE, ECONNRESET] = [32, 104];

/** Whether the other end is closed. */
export function isHungUp(caught: unknown): boolean {
  return isHostFailure(caught) && (caught.errno === EPIPE || caught.errno === ECONNRESET);
}

/** The next message, or null if the other end is closed. Calls `unread` if it did not read what was sent to it. */
function next(host: Host, channel: number, unread: () => void = () => undefined): Received | null {
  try {
    return host.receive(channel, 0);
  } catch (caught) {
    if (!isHostFailure(caught) || caught.errno !== ECONNRESET)
      throw fromHost('E_PROCESS', 'cannot receive from the container process', caught);
    unread();
    return null;
  }
}

function receive(host: Host, launched: Launched): Received {
  const received = next(host, launched.channel);
  if (received === null) throw died(host, launched);
  return received;
}

/** The first process ended after it had cloned its successor. */
function replaceByChild(host: Host, first: Launched, pid: number): Launched {
  host.waitPidfd(first.pidfd, 10_000);
  host.reap(first.pidfd);
  host.close(first.pidfd);
  return { pid, pidfd: host.pidfdOpen(pid), channel: first.channel };
}

function warningText({ text, path }: Received): string {
  return path === '' ? text : `${text}: ${path}`;
}

/**
 * Runs the protocol with pocker-init until it has parked. Returns the container's process, which after a Fork step is not
 * `first`.
 */
export function converse(host: Host, first: Launched, listener: Listener): Launched {
  let launched = first;
  for (;;) {
    const received = receive(host, launched);
    switch (received.message) {
      case 'forked':
        launched = replaceByChild(host, launched, received.number);
        listener.forked(launched.pid, launched.pidfd);
        break;
      case 'offsets_ready':
        listener.offsetsReady?.(launched.pid);
        answer(host, launched, 'offsets_written', '');
        break;
      case 'console':
        listener.console(received.fd);
        break;
      case 'warned':
        listener.warned(warningText(received), listener.stepInfo(received.step)?.pointer ?? '');
        break;
      case 'seccomp':
        listener.seccomp?.(received.fd);
        host.close(received.fd);
        break;
      case 'times':
        host.trace?.steps(launched.pid, received, listener.stepInfo, 'wait for the runtime');
        break;
      case 'hooks_ready':
        answer(host, launched, 'hooks_done', listener.hooksReady());
        break;
      case 'created':
        listener.created();
        park(host, launched, listener.stepInfo);
        return launched;
      case 'failed':
        throw initFailure(received, listener.stepInfo(received.step));
      default:
        throw new PockerError('E_INTERNAL', `pocker-init said ${received.message} out of turn`);
    }
  }
}

function answer(host: Host, { channel }: Launched, message: 'hooks_done' | 'offsets_written', state: string): void {
  try {
    host.send(channel, message, state);
  } catch (caught) {
    // It was killed, for example by a hook. What it said before is read next.
    if (!isHungUp(caught)) throw fromHost('E_PROCESS', 'cannot talk to the container process', caught);
  }
}

function park(host: Host, launched: Launched, stepInfo: Listener['stepInfo']): void {
  try {
    host.send(launched.channel, 'park', '');
  } catch (caught) {
    if (!isHungUp(caught)) throw fromHost('E_PROCESS', 'cannot talk to the container process', caught);
    // What it said before its end tells more.
    const last = next(host, launched.channel);
    throw last?.message === 'failed' ? initFailure(last, stepInfo(last.step)) : died(host, launched);
  }
}

export interface StartListener {
  /** Whether the plan has a ShareReport: the plan of an older version, which made the container, had none. */
  readonly reports: boolean;
  readonly stepInfo: Listener['stepInfo'];
  readonly warned: Listener['warned'];
  /** The notify fd of the seccomp filter. */
  readonly seccomp: (fd: number) => void;
  /** Called before its startContainer hooks. */
  readonly hooksReady?: () => void;
  /** How the process ended, if it is our child. */
  readonly ended?: () => Ended | null;
  /** Throws the error when the process has gone, or has not listened to us. */
  readonly unread?: () => never;
}

/** Init is gone: judges how far it got, from the memory that it shared. */
function judgeReport(host: Host, report: number, { stepInfo, ended }: StartListener): void {
  const last = host.readReport(report);
  if (last === null) return;
  const step = stepInfo(last.step);
  throw last.message === 'failed' ? initFailure(last, step) : endedAt(step, ended?.() ?? null);
}

/** Listens until the end of file that a successful execve(2) causes; throws an error that init reports. */
export function awaitExecution(host: Host, { channel, pid }: Pick<Launched, 'channel' | 'pid'>, listener: StartListener): void {
  const { reports, stepInfo, warned, seccomp, hooksReady, unread, ended } = listener;
  let report = -1;
  try {
    for (let received = next(host, channel, unread); received !== null; received = next(host, channel, unread)) {
      const { step, message, fd } = received;
      if (message === 'failed') throw initFailure(received, stepInfo(step));
      if (message === 'warned') warned(warningText(received), stepInfo(step)?.pointer ?? '');
      if (message === 'seccomp') seccomp(fd);
      if (message === 'hooks_ready') hooksReady?.();
      if (message === 'times') host.trace?.steps(pid, received, stepInfo, 'seccomp filter and execve');
      if (message === 'report') report = fd;
      else if (fd >= 0) host.close(fd);
    }
    host.trace?.executed();
    if (report >= 0) judgeReport(host, report, listener);
    else if (reports) throw endedAt(undefined, ended?.() ?? null);
  } finally {
    if (report >= 0) host.close(report);
  }
}
