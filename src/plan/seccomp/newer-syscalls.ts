// ENOSYS for system calls newer than everything in a profile: some BPF code before libseccomp's program.
//
// A profile cannot name calls that did not exist when it was written. Its default action, usually EPERM, tells a program that it
// may not make the call, while ENOSYS would make it fall back to an older one. System calls are numbered in the order in which
// they are introduced, so everything beyond the highest number of a profile is newer than it.
import { auditArchitecture, numberRanges } from '../tables/seccomp.js';

/** struct seccomp_data. */
const NUMBER = 0;
const ARCHITECTURE = 4;

/** include/uapi/linux/bpf_common.h. */
const LOAD_WORD = 0x20; // BPF_LD | BPF_W | BPF_ABS
const JUMP_IF_EQUAL = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
const JUMP_IF_AT_LEAST = 0x35; // BPF_JMP | BPF_JGE | BPF_K
const RETURN = 0x06; // BPF_RET | BPF_K

/** SECCOMP_RET_ERRNO with ENOSYS. */
const noSuchCall = 0x0005_0026;

/** struct sock_filter. */
export interface Instruction {
  readonly code: number;
  readonly yes: number;
  readonly no: number;
  readonly value: number;
}

const plain = (code: number, value: number): Instruction => ({ code, yes: 0, no: 0, value });

/** The highest system call that a profile names on an architecture (libseccomp's token). */
export interface LastCall {
  readonly architecture: number;
  readonly number: number;
}

/** The highest of the numbers that are in order of introduction; undefined if there is none. */
export function lastCall(architecture: number, numbers: readonly (number | null)[]): LastCall | undefined {
  const [begin, end] = numberRanges(architecture);
  const known = numbers.filter((number) => number !== null && number >= begin && number < end) as number[];
  return known.length === 0 ? undefined : { architecture, number: Math.max(...known) };
}

/** Decides once the number is loaded: nothing unless the call is newer. */
function decide({ architecture, number }: LastCall): Instruction[] {
  const [, end] = numberRanges(architecture);
  return [
    { code: JUMP_IF_AT_LEAST, yes: 0, no: 2, value: number + 1 },
    { code: JUMP_IF_AT_LEAST, yes: 1, no: 0, value: end },
    plain(RETURN, noSuchCall),
  ];
}

/** x86-64 and x32 are one architecture to the kernel, with different numbers. */
function sameToKernel(last: readonly LastCall[]): Map<number, LastCall[]> {
  const groups = new Map<number, LastCall[]>();
  for (const one of last) {
    const audit = auditArchitecture(one.architecture);
    groups.set(audit, [...(groups.get(audit) ?? []), one]);
  }
  return groups;
}

/** struct sock_filter[]: ENOSYS for newer calls; `program` decides about everything else. */
export function refuseNewer(program: Uint8Array, last: readonly LastCall[]): Uint8Array {
  const instructions = [...sameToKernel(last)].flatMap(([audit, calls]) => {
    const body = [plain(LOAD_WORD, NUMBER), ...calls.flatMap(decide)];
    return [plain(LOAD_WORD, ARCHITECTURE), { code: JUMP_IF_EQUAL, yes: 0, no: body.length, value: audit }, ...body];
  });
  const bytes = new Uint8Array(instructions.length * 8 + program.length);
  const view = new DataView(bytes.buffer);
  instructions.forEach(({ code, yes, no, value }, index) => {
    view.setUint16(index * 8, code, true);
    view.setUint8(index * 8 + 2, yes);
    view.setUint8(index * 8 + 3, no);
    view.setUint32(index * 8 + 4, value, true);
  });
  bytes.set(program, instructions.length * 8);
  return bytes;
}
