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
  ['host', /^(create|run)/, /^(mkdir|writeCache) .*@seccomp$/, 'the compiled filter is not cached'],
  ['host', /^update$/, /^readText .*cgroup/, 'it is only needed if a later limit is refused'],
  ['host', /^events$/, /^(readText|readdir) .*cgroup/, 'a figure that cannot be read is omitted'],
  ['container', /^(create|run)/, /^cap[gs]et$/, 'the capabilities that the program search had are dropped, or none are left'],
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
    'it cannot fail in the kernel, or malloc has another way',
  ],
  ['runtime', /./, /^fcntl$/, 'musl sets FD_CLOEXEC again after open'],
  ['runtime', /./, /^fstat$/, "a file's size is only a guess at how much there is to read"],
  ['runtime', /./, /^unlinkat$/, 'there is no temporary file of an earlier process with the same pid'],
  ['runtime', /./, /^(pread64|lseek)$/, "only the hook's output cannot be quoted"],
];

/** If a signal interrupts them, they are called again. */
const interruptible = /^(recvmsg|sendmsg|poll|ppoll|waitid|flock|read|accept4)$/;

export function mayBeIgnored({ layer, how }: Kind, command: string, call: string): boolean {
  if (how === EINTR && interruptible.test(call)) return true;
  return ignored.some(([where, which, what]) => where === layer && which.test(command) && what.test(call));
}
