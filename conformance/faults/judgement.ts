// What a command must say about a failed call, and which calls it does not need.
import { errnoName } from '../../src/host/errno.js';
import type { Fault } from './faulty.js';

/** Where the fault is: in the Host under the TypeScript, or in a system call of the runtime or of what it makes. */
export interface Kind {
  readonly layer: 'host' | 'runtime' | 'container';
  readonly how: Fault['how'];
}

export function kindName({ layer, how }: Kind): string {
  return `${layer}: ${typeof how === 'number' ? errnoName(how).name : how}`;
}

const EINTR = 4;

const isNotice = (line: string): boolean => /^pocker-runc: (debug|info|warning): /.test(line);

function names({ layer, how }: Kind, line: string, call: string): boolean {
  if (typeof how !== 'number') return line !== '';
  const named = layer !== 'host' || line.includes(`fault in ${call.split(' ')[0] ?? ''}`);
  return named && line.includes(errnoName(how).text);
}

/** The first line that is not a warning names the errno, and the call or the step it belongs to. */
export function namesIt(kind: Kind, stderr: string, call: string): boolean {
  return names(kind, stderr.split('\n').find((line) => !isNotice(line)) ?? '', call);
}

/** A failure that does not keep a command from succeeding is a warning. */
export function warnsOf(kind: Kind, stderr: string, call: string): boolean {
  return stderr.split('\n').some((line) => isNotice(line) && names(kind, line, call));
}

/** By layer, command and call: why nothing is lost without it. */
const ignored: readonly (readonly [layer: Kind['layer'], command: RegExp, call: RegExp, why: string])[] = [
  ['host', /^(create|run)/, /^(mkdir|writeCache) .*@seccomp$/, 'the compiled filter is not kept'],
  ['host', /^update$/, /^readText .*cgroup/, 'it is needed when a later limit is refused'],
  ['host', /^events$/, /^(readText|readdir) .*cgroup/, 'a figure that cannot be read is left out'],
  [
    'container',
    /^(create|run)/,
    /^cap[gs]et$/,
    'what a search for the program had for itself is taken from it, or nothing is left',
  ],
  [
    'container',
    /^(create|run)/,
    /^(getsockopt|rt_sigaction|ppoll)$/,
    'create is over: the container has stopped, and start says so',
  ],
  [
    'runtime',
    /./,
    /^(rt_sigaction|rt_sigprocmask|madvise|mprotect|mmap)$/,
    'the kernel has no failure for it, or malloc has another way',
  ],
  ['runtime', /./, /^fcntl$/, 'musl sets FD_CLOEXEC once more after open'],
  ['runtime', /./, /^fstat$/, "a file's size is only a guess of how much there is to read"],
  ['runtime', /./, /^unlinkat$/, 'there is no temporary file of an earlier process with the same pid'],
  ['runtime', /./, /^(pread64|lseek)$/, 'what a hook has printed cannot be quoted'],
];

/** If a signal interrupts them, they are called again. */
const interruptible = /^(recvmsg|sendmsg|poll|ppoll|waitid|flock|read|accept4)$/;

export function mayBeIgnored({ layer, how }: Kind, command: string, call: string): boolean {
  if (how === EINTR && interruptible.test(call)) return true;
  return ignored.some(([where, which, what]) => where === layer && which.test(command) && what.test(call));
}
