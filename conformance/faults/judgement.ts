// Judges what a command did about a failed call: what it must report, and which calls it can do without.
import { errnoName } from '../../src/host/errno.js';
import type { CommandResult } from '../harness/command.js';
import type { Fault } from './faulty.js';

/** Where the fault is: in the Host under the TypeScript, or in a system call of the runtime or of what it makes. */
export interface Kind {
  readonly layer: 'host' | 'runtime' | 'container';
  readonly how: Fault['how'];
}

export function kindName({ layer, how }: Kind): string {
  return `${layer}: ${typeof how === 'number' ? errnoName(how).name : how}`;
}

/** Between create and start nobody listens to pocker-init: start finds that it has ended, and says where. */
const unheard = /^(recvmsg|ppoll|accept4|getsockopt)$/;

/** From here on, the kernel cannot tell the end of pocker-init from that of the program. */
const isProgram = ({ layer }: Kind, call: string): boolean => layer === 'container' && call.startsWith('execve ');

const isNotice = (line: string): boolean => /^pocker-runc: (debug|info|warning): /.test(line);

/** Before the TypeScript runs, the C library's words are used. */
const atStart: Readonly<Record<number, string>> = {
  1: 'Operation not permitted',
  4: 'Interrupted system call',
  5: 'I/O error',
  12: 'Out of memory',
  28: 'No space left on device',
};

/** A file that may not be executed, in the words of Go's os/exec. */
const program = /exec: "\/[^"]*": /;
const opendir = /\bopendir\b/;

/** The words of messages for a call whose own name would say less: of the operation that it is a part of. */
const operations: Readonly<Record<string, readonly RegExp[]>> = {
  execve: [program],
  faccessat2: [program],
  fcntl: [/standard input, output and error cannot be checked/],
  fsconfig: [/\bmount\b/],
  getdents64: [/\breaddir\b/],
  open: [opendir],
  openat: [opendir, program, /\bstat\b/],
  openat2: [/\bchdir\b/],
  poll: [/\brecvmsg\b/],
  readlink: [/\brealpath\b/],
  restart_syscall: [/\b(poll|recvmsg)\b/],
  statx: [program, /\bstat\b/],
  unlinkat: [/\brmdir\b/],
  write: [/\bjoin\b/],
};

/** By its own name, as the C library's function is called (openat2: open; pread64: read; fchdir: chdir), or by its operation. */
function namesCall(line: string, call: string): boolean {
  const plain = call.replace(/(2|64)$/, '');
  const short = plain.replace(/at$/, '');
  const own = [call, plain, short, short.replace(/^[fp]/, '')].map((name) => new RegExp(`\\b${name}\\b`));
  return [...own, ...(operations[call] ?? [])].some((words) => words.test(line));
}

function names({ layer, how }: Kind, line: string, call: string): boolean {
  if (typeof how !== 'number') return line !== '';
  const name = call.split(' ')[0]!;
  if (layer === 'container' && unheard.test(name) && /container that has stopped|the wait for start/.test(line)) return true;
  const named = layer === 'host' ? line.includes(`fault in ${name}`) : namesCall(line, name);
  return named && [errnoName(how).text, atStart[how]].some((text) => text !== undefined && line.includes(text));
}

/** The first line that is not a warning names the errno, and the call or the step it belongs to. */
function namesIt(kind: Kind, stderr: string, call: string): boolean {
  return names(kind, stderr.split('\n').find((line) => !isNotice(line)) ?? '', call);
}

/** A failure that does not keep a command from succeeding is a warning. */
function warnsOf(kind: Kind, stderr: string, call: string): boolean {
  return stderr.split('\n').some((line) => isNotice(line) && names(kind, line, call));
}

interface Acceptance {
  readonly layer: Kind['layer'];
  readonly command?: RegExp;
  /** Its name, and what it is about (harness/helpers/call_text.h). */
  readonly call: RegExp;
  /** Only if it fails with one of these. */
  readonly errnos?: readonly number[];
  /** Only among the first calls, up to this one. */
  readonly until?: number;
  readonly why: string;
}

const [EPERM, EINTR] = [1, 4];

/** The calls that a command can do without, and why nothing is lost. */
const accepted: readonly Acceptance[] = [
  { layer: 'host', command: /^(create|run)/, call: /^(mkdir|writeCache) .*@seccomp$/, why: 'the compiled filter is not cached' },
  { layer: 'host', command: /^update$/, call: /^readText .*cgroup/, why: 'it is only needed if a later limit is refused' },
  { layer: 'host', command: /^events$/, call: /^(readText|readdir) .*cgroup/, why: 'a figure that cannot be read is omitted' },
  {
    layer: 'container',
    call: /^faccessat2 /,
    errnos: [EPERM],
    why: 'it asks whether a program may be executed; if a sandbox refuses the question, execve(2) answers it',
  },
  {
    layer: 'container',
    call: /^openat2 \/etc\/passwd$/,
    errnos: [EPERM],
    why: 'an image with no file that we may read: HOME is /',
  },
  { layer: 'container', call: /^setsid$/, errnos: [EPERM], why: 'the process leads a session already (setsid(2))' },
  {
    layer: 'container',
    command: /^create$/,
    call: /^(ppoll|recvmsg socket:.*)$/,
    why: 'it waits at the gate, and create is over: the container has stopped, and start says so',
  },
  {
    layer: 'container',
    command: /^mounts/,
    call: /^(recvmsg|write) socket:/,
    why: 'its work is done, and it waits to be killed',
  },
  {
    layer: 'runtime',
    call: /^faccessat2 .*\/ps$/,
    errnos: [EPERM],
    why: 'a directory of PATH whose program may not be executed: the next one is searched',
  },
  {
    layer: 'runtime',
    call: /^mmap 34$/,
    until: 3,
    why: "libstdc++'s memory for exceptions when there is no other: nothing throws",
  },
  {
    layer: 'runtime',
    call: /^fstat (\/proc\/|\/sys\/|BOX\/)/,
    why: "a file's size is only a guess at how much there is to read",
  },
  {
    layer: 'runtime',
    call: /^unlinkat .*\/\.(state|config)\.json\.\d+$/,
    why: "an earlier process's temporary file; if there is one, open(2) fails next",
  },
  {
    layer: 'runtime',
    call: /^lseek BOX\/state\/ID$/,
    why: 'rewinddir(3): whatever is not found again keeps rmdir(2) from succeeding',
  },
  {
    layer: 'runtime',
    call: /^waitid 0$/,
    why: "children of the container's that ended are collected the next time, or when we end",
  },
  {
    layer: 'runtime',
    call: /^(read|write) pipe:/,
    why: 'the pipe of a signal handler, which is read again as long as it holds something',
  },
  {
    layer: 'runtime',
    command: /^(delete|run|exec)/,
    call: /^(openat|write) .*freezer\.state$/,
    why: 'what must be thawed is killed anyway; a process that stays frozen is an error',
  },
  { layer: 'runtime', call: /@seccomp/, why: 'the compiled filter is not cached' },
  { layer: 'runtime', command: /^update$/, call: /^(open|read) .*cgroup/, why: 'it is only needed if a later limit is refused' },
  { layer: 'runtime', command: /^events$/, call: /^(open|read) .*cgroup/, why: 'a figure that cannot be read is omitted' },
];

/** If a signal interrupts them, they are called again; restart_syscall(2) is a poll(2) that the kernel goes on with. */
const interruptible = /^(restart_syscall|recvmsg|sendmsg|poll|ppoll|waitid|flock|read|pread64|write|accept4)$/;

function mayBeIgnored({ layer, how }: Kind, command: string, call: string, nth: number): boolean {
  if (how === EINTR && layer !== 'host' && interruptible.test(call.split(' ')[0]!)) return true;
  return accepted.some(
    (one) =>
      one.layer === layer &&
      one.call.test(call) &&
      (one.command?.test(command) ?? true) &&
      nth <= (one.until ?? nth) &&
      (one.errnos === undefined || (typeof how === 'number' && one.errnos.includes(how))),
  );
}

const SIGKILL = 9;
const lastSignal = 64;

/** Which call of which command failed: the `nth`. */
interface Moment {
  readonly command: string;
  readonly call: string;
  readonly nth: number;
}

/** What is wrong with what the command did; '' if nothing. */
export function judge(kind: Kind, { command, call, nth }: Moment, result: CommandResult): string {
  if (result.timedOut) return 'hangs';
  const killed = kind.how === 'kill' || kind.how === 'kill-after';
  if (killed && kind.layer !== 'container') return result.code === 128 + SIGKILL ? '' : `ends with ${result.code}`;
  if (killed && isProgram(kind, call) && result.code === (command === 'run --detach' ? 0 : 128 + SIGKILL)) return '';
  if (result.code > 128 && result.code <= 128 + lastSignal) return `ends with signal ${result.code - 128}`;
  if (result.code === 0)
    return warnsOf(kind, result.stderr, call) || mayBeIgnored(kind, command, call, nth)
      ? ''
      : 'succeeds as if nothing had happened';
  return namesIt(kind, result.stderr, call) ? '' : `says: ${result.stderr.trim()}`;
}
