// One conversation with `criu swrk`: a request, criu's questions on the way (runtime and criu take turns), and its answer. We do
// not use its command line: only swrk hands out the terminal's master, asks us to run the hooks while the new namespaces wait,
// and lets a configuration file override what we say.
import { fromHost, isHostFailure, PockerError, type ErrorDetails } from '../errors.js';
import type { Host, Launched } from '../host/host.js';
import { errorsIn } from './log.js';
import { requestTable, requestTypes, responseTable, type CriuOptions, type CriuRequest, type CriuResponse } from './messages.js';
import { decodeMessage, encodeMessage } from './wire.js';
import type { CriuDirectories } from './paths.js';
import { findProgram } from '../container/programs.js';

/** A question from criu: "setup-namespaces", "post-restore", "orphan-pts-master" and others. */
export interface Question {
  readonly script: string;
  /** The restored container's first process, if criu says so. */
  readonly pid: number;
  /** A descriptor that came along, for us to close; -1: none. */
  readonly fd: number;
}

export interface CriuCall {
  readonly type: 'dump' | 'restore' | 'preDump';
  /** All options except the directories. */
  readonly options: CriuOptions;
  readonly directories: CriuDirectories;
  /** Descriptors that criu gets as 4, 5, … */
  readonly fds: readonly number[];
  /** For restore: the directory that criu needs as a mount point. */
  readonly root: string;
  /** It may wait for another machine, however long that takes. */
  readonly noTimeout: boolean;
  /** Called before criu is asked anything. */
  readonly started?: (pid: number) => void;
  /** If this throws, criu gives up and undoes what it did. */
  readonly answer: (question: Question) => void;
}

const EPIPE = 32;
const ETIMEDOUT = 110;
const SIGKILL = 9;
const pollMs = 10_000;
/** criu's log grows with every mapping that it dumps or restores: this long without a line means no progress. */
const silenceLimitMs = 180_000;
/** A criu that gives up must put the container's processes back in order. */
export const undoLimitMs = 60_000;
const endMs = 10_000;
const logLimit = 64 * 1024 * 1024;

function criuPath(host: Host): string {
  const path = findProgram(host, 'criu');
  if (path !== undefined) return path;
  throw new PockerError('E_CRIU', 'exec: "criu": executable file not found in $PATH', {
    hint: 'Install criu (Debian package: criu); a newer kernel needs a newer criu',
  });
}

function start(host: Host, { fds, root }: CriuCall): Launched {
  const path = criuPath(host);
  const env = [`PATH=${host.env('PATH') ?? '/usr/sbin:/usr/bin:/sbin:/bin'}`, `HOME=${host.env('HOME') ?? '/'}`];
  try {
    return host.startService({ path, args: ['criu', 'swrk', '3'], env, fds, root });
  } catch (caught) {
    throw fromHost('E_CRIU', 'cannot start criu', caught);
  }
}

function logErrors(host: Host, path: string): string[] {
  try {
    return errorsIn(host.readText(path, logLimit));
  } catch (caught) {
    if (isHostFailure(caught)) return [];
    throw caught;
  }
}

function logPath({ directories, options }: CriuCall): string {
  return `${directories.work}/${options.logFile ?? ''}`;
}

const verbs = { dump: 'checkpoint', restore: 'restore', preDump: 'pre-dump' } as const;

function failure(host: Host, call: CriuCall, reason: string, code: PockerError['code'] = 'E_CRIU'): PockerError {
  const path = logPath(call);
  const errors = logErrors(host, path);
  const details: ErrorDetails = { operation: 'criu', path, hint: `See criu's log: ${path}` };
  return new PockerError(
    code,
    `criu ${verbs[call.type]} failed: ${[reason, ...errors].filter((text) => text !== '').join('; ')}`,
    details,
  );
}

/** Why it failed, as far as the answer itself says. */
function reasonOf(host: Host, call: CriuCall, { errno, errorMessage }: CriuResponse): string {
  const first = errorMessage?.replace(/^Error \([^)]*\): /, '').trim() ?? '';
  if (logErrors(host, logPath(call)).length > 0) return '';
  return first !== '' ? first : errno === undefined ? 'it did not say why' : `errno ${errno}`;
}

/** The next message; null once criu has ended. If criu has stopped working, kills it and throws E_BUSY. */
function receive(host: Host, call: CriuCall, criu: Launched): ReturnType<Host['receiveBytes']> {
  let size = -1;
  for (let silent = 0; ; silent += pollMs) {
    try {
      return host.receiveBytes(criu.channel, pollMs);
    } catch (caught) {
      if (!isHostFailure(caught) || caught.errno !== ETIMEDOUT) throw fromHost('E_CRIU', 'cannot talk to criu', caught);
    }
    const now = host.lstat(logPath(call))?.size ?? 0;
    if (now !== size || call.noTimeout) silent = 0;
    size = now;
    if (silent < silenceLimitMs) continue;
    host.pidfdSendSignal(criu.pidfd, SIGKILL);
    throw failure(host, call, `it was silent for ${silenceLimitMs / 1000} s, and was killed`, 'E_BUSY');
  }
}

/** If criu has ended, it reads nothing any more; what it said before is read next. */
function sendRequest(host: Host, criu: Launched, request: CriuRequest): void {
  try {
    host.sendBytes(criu.channel, encodeMessage(requestTable, request));
  } catch (caught) {
    if (!isHostFailure(caught) || caught.errno !== EPIPE) throw fromHost('E_CRIU', 'cannot talk to criu', caught);
  }
}

function converse(host: Host, call: CriuCall, criu: Launched): void {
  for (;;) {
    const received = receive(host, call, criu);
    if (received === null) throw failure(host, call, 'it ended without an answer');
    const response = decodeMessage(responseTable, received.bytes);
    if (response.success !== true) throw failure(host, call, reasonOf(host, call, response));
    if (response.type !== requestTypes.notify) return;
    const { script = '', pid = 0 } = response.notify ?? {};
    call.answer({ script, pid, fd: received.fd });
    sendRequest(host, criu, { type: requestTypes.notify, notifySuccess: true });
  }
}

/** criu opens the directories through our descriptors of them (`opened`), which must be from its own mount namespace. */
function ask(host: Host, call: CriuCall, criu: Launched, opened: number[]): void {
  const base = call.root === '' ? '' : `/proc/${criu.pid}/root`;
  // An absolute link on the way would lead out of there, into our own namespace.
  const open = (path: string): number => opened[opened.push(host.openDirectory(`${base}${host.realPath(path)}`)) - 1]!;
  const [imagesDirFd, workDirFd] = [open(call.directories.images), open(call.directories.work)];
  sendRequest(host, criu, { type: requestTypes[call.type], opts: { ...call.options, imagesDirFd, workDirFd } });
}

/** End of file makes it undo what it has begun; one without a request would only complain. */
function end(host: Host, criu: Launched, asked: boolean): void {
  if (!asked) host.pidfdSendSignal(criu.pidfd, SIGKILL);
  host.close(criu.channel);
  if (!host.waitPidfd(criu.pidfd, undoLimitMs)) host.pidfdSendSignal(criu.pidfd, SIGKILL);
  host.waitPidfd(criu.pidfd, endMs);
  host.reap(criu.pidfd);
  host.close(criu.pidfd);
}

/** Carries out the request. Throws E_CRIU with the errors of criu's log, and whatever `answer` throws. */
export function runCriu(host: Host, call: CriuCall): void {
  // The log of an earlier criu must not be taken for this one's.
  if (host.lstat(logPath(call)) !== null) host.unlink(logPath(call));
  const criu = start(host, call);
  const directories: number[] = [];
  let asked = false;
  try {
    call.started?.(criu.pid);
    ask(host, call, criu, directories);
    asked = true;
    converse(host, call, criu);
  } finally {
    // Awaited before anything else is undone. Until then it may need its directories.
    end(host, criu, asked);
    for (const fd of directories) host.close(fd);
  }
}
