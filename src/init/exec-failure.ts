// Explains why a program cannot be executed: one errno of execve(2) stands for several causes, which the file tells apart.
import { PockerError, type ErrorDetails } from '../errors.js';
import type { Received } from '../host/host.js';
import { quoteText } from '../json/quote.js';
import { errnoName } from '../host/errno.js';
import { elfInterpreter, elfMachine, machineName } from './elf.js';

const EPERM = 1;
const ENOENT = 2;
const ENOEXEC = 8;
const EACCES = 13;
const ENOSYS = 38;

/** pocker-init's findings: the lines of its text after the first (addon/init/process/executable.cpp). */
interface Findings {
  /** The beginning of the file to be executed; undefined if it cannot be read. */
  readonly head: Uint8Array | undefined;
  /** e_machine of this machine. */
  readonly machine: number;
  readonly noexec: boolean;
  /** Words that pocker-init added itself. */
  readonly words: readonly string[];
}

interface Reason {
  /** Replaces the errno's text, or ends with it: engines tell 126 from 127 by those words. */
  readonly text: string;
  readonly hint?: string;
}

function fromHex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
}

function findingsOf(lines: readonly string[]): Findings {
  const value = (key: string): string | undefined => lines.find((line) => line.startsWith(`${key} `))?.slice(key.length + 1);
  const head = value('head');
  return {
    head: head === undefined ? undefined : fromHex(head),
    machine: Number(value('machine') ?? 0),
    noexec: lines.includes('noexec'),
    words: lines.filter((line) => line !== '' && line !== 'noexec' && !/^(head|machine) /.test(line)),
  };
}

const latin = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

/** The interpreter in "#!INTERPRETER ARGUMENT"; undefined if it is not a script. */
function scriptInterpreter(head: Uint8Array): string | undefined {
  const line = /^#![ \t]*([^ \t\n\0]*)/.exec(latin(head));
  return line?.[1];
}

const carriageReturn = 'Convert its Windows line endings with `sed -i "s/\\r$//"` or dos2unix, and see core.autocrlf of git';

/** The file exists, so the missing one is its interpreter. */
function missingInterpreter(head: Uint8Array, reason: string): Reason | undefined {
  const script = scriptInterpreter(head);
  if (script !== undefined) {
    const text = `its interpreter ${quoteText(script)}, which its first line names: ${reason}`;
    return script.endsWith('\r') ? { text, hint: carriageReturn } : { text };
  }
  const interpreter = elfInterpreter(head);
  if (interpreter === undefined) return undefined;
  const hint = 'Use a program built for this root filesystem: it lacks the libraries, such as glibc on a musl system';
  return { text: `its interpreter ${quoteText(interpreter)}, the dynamic linker: ${reason}`, hint };
}

function foreignFormat(head: Uint8Array, machine: number): string {
  if (head.length === 0) return 'the file is empty';
  const elf = elfMachine(head);
  if (elf !== undefined && elf !== machine)
    return `it is a program for ${machineName(elf)}, and this machine is ${machineName(machine)}`;
  if (elf !== undefined) return 'its ELF header is damaged, or not that of a program';
  if (scriptInterpreter(head) !== undefined) return 'its first line names no interpreter';
  const text = latin(head);
  if (text.startsWith('\xef\xbb\xbf#!')) return 'it has a byte order mark before its "#!"';
  if (text.startsWith('MZ')) return 'it is a program for Windows';
  if (/^(\xcf\xfa\xed\xfe|\xce\xfa\xed\xfe|\xca\xfe\xba\xbe)/.test(text)) return 'it is a program for macOS or Java';
  return 'it is neither an ELF program nor a script that begins with "#!"';
}

function explain(errno: number, { head, machine, noexec }: Findings): Reason | undefined {
  const reason = errnoName(errno).text;
  if (errno === EACCES && noexec) return { text: `its filesystem is mounted noexec: ${reason}` };
  if (errno === EPERM || errno === ENOSYS)
    return { text: reason, hint: 'Check whether linux.seccomp or a security module forbids execve(2)' };
  if (head === undefined) return undefined;
  if (errno === ENOENT) return missingInterpreter(head, reason);
  if (errno === ENOEXEC) return { text: `${reason}: ${foreignFormat(head, machine)}` };
  const interpreter = errno === EACCES ? (scriptInterpreter(head) ?? elfInterpreter(head)) : undefined;
  return interpreter === undefined ? undefined : { text: `it or its interpreter ${quoteText(interpreter)}: ${reason}` };
}

/** Without findings: uses the words of Go's os/exec, which engines look for. */
function plainReason(operation: string, { path, number }: Received, words: readonly string[]): Reason {
  const reason = errnoName(number).text;
  const hint = 'Check process.args[0]: it is looked up in the container, in the PATH of process.env';
  if (operation === 'execve' && number === ENOENT) return { text: `it or its interpreter: ${reason}` };
  if (words.length > 0) return { text: number === ENOENT ? words.join(', ') : `${words.join(', ')}: ${reason}`, hint };
  return { text: operation === 'stat' ? `stat ${path}: ${reason}` : reason, hint };
}

/** `exec: "sh": executable file not found in $PATH`. */
export function execFailure(received: Received, details: ErrorDetails): PockerError {
  const [operation = '', ...lines] = received.text.split('\n');
  const findings = findingsOf(lines);
  const { text, hint } = explain(received.number, findings) ?? plainReason(operation, received, findings.words);
  return new PockerError('E_EXEC', `exec: ${quoteText(received.path)}: ${text}`, {
    ...details,
    ...(hint === undefined ? {} : { hint }),
  });
}
