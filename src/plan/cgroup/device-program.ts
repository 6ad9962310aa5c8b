// Device rules as an eBPF program of type BPF_PROG_TYPE_CGROUP_DEVICE (Linux 4.15): cgroup v2 has no files for them.
//
// The kernel asks with struct bpf_cgroup_dev_ctx { u32 access_type; u32 major; u32 minor; }: the upper 16 bits of access_type
// are the access, the lower 16 bits the kind of the device; 1 allows, 0 denies. For each requested access, the last rule that
// mentions it decides. So the program goes through the rules from last to first and removes from the request what a rule
// allows, until nothing is left or a rule denies part of the rest.
import type { DeviceRule } from '../plan.js';

const accesses = { m: 1, r: 2, w: 4 } as const;
const kinds = { b: 1, c: 2 } as const;

/** Registers: the result, the context, what is requested and still undecided, the kind, the numbers, scratch space. */
const [RESULT, CONTEXT, ASKED, KIND, MAJOR, MINOR, ROOM] = [0, 1, 2, 3, 4, 5, 6];

/** Operation codes of include/uapi/linux/bpf.h, each composed of class | size or source | operation. */
const LOAD_WORD = 0x61; // BPF_LDX | BPF_MEM | BPF_W
const MOVE = 0xbf; // BPF_ALU64 | BPF_MOV | BPF_X
const MOVE_NUMBER = 0xb7; // BPF_ALU64 | BPF_MOV | BPF_K
const AND_NUMBER = 0x57; // BPF_ALU64 | BPF_AND | BPF_K
const SHIFT_RIGHT = 0x77; // BPF_ALU64 | BPF_RSH | BPF_K
const JUMP_IF_EQUAL = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
const JUMP_UNLESS_EQUAL = 0x55; // BPF_JMP | BPF_JNE | BPF_K
const EXIT = 0x95;

const instructionSize = 8;

interface Instruction {
  readonly code: number;
  readonly to?: number;
  readonly from?: number;
  readonly offset?: number;
  readonly value?: number;
}

const answer = (value: 0 | 1): Instruction[] => [{ code: MOVE_NUMBER, to: RESULT, value }, { code: EXIT }];

function mask(access: string): number {
  return Array.from(access).reduce((bits, letter) => bits | accesses[letter as keyof typeof accesses], 0);
}

/** The decision, if the rule applies to this device. */
function decide({ allow, access }: DeviceRule): Instruction[] {
  const bits = mask(access);
  if (allow) {
    return [
      { code: AND_NUMBER, to: ASKED, value: ~bits & 7 },
      { code: JUMP_UNLESS_EQUAL, to: ASKED, value: 0, offset: 2 },
      ...answer(1),
    ];
  }
  return [
    { code: MOVE, to: ROOM, from: ASKED },
    { code: AND_NUMBER, to: ROOM, value: bits },
    { code: JUMP_IF_EQUAL, to: ROOM, value: 0, offset: 2 },
    ...answer(0),
  ];
}

function instructionsOf(rule: DeviceRule): Instruction[] {
  const body = decide(rule);
  const conditions: [register: number, value: number][] = [];
  if (rule.type !== 'a') conditions.push([KIND, kinds[rule.type]]);
  if (rule.major !== null) conditions.push([MAJOR, rule.major]);
  if (rule.minor !== null) conditions.push([MINOR, rule.minor]);
  const jumps = conditions.map(([to, value], index) => {
    return { code: JUMP_UNLESS_EQUAL, to, value, offset: conditions.length - index - 1 + body.length };
  });
  return [...jumps, ...body];
}

const begin: readonly Instruction[] = [
  { code: LOAD_WORD, to: KIND, from: CONTEXT, offset: 0 },
  { code: MOVE, to: ASKED, from: KIND },
  { code: AND_NUMBER, to: KIND, value: 0xffff },
  { code: SHIFT_RIGHT, to: ASKED, value: 16 },
  { code: LOAD_WORD, to: MAJOR, from: CONTEXT, offset: 4 },
  { code: LOAD_WORD, to: MINOR, from: CONTEXT, offset: 8 },
];

/** struct bpf_insn[] in the byte order of x86-64 and arm64. Whatever no rule allows is denied. */
export function compileDeviceRules(rules: readonly DeviceRule[]): Uint8Array {
  const instructions = [...begin, ...rules.toReversed().flatMap(instructionsOf), ...answer(0)];
  const bytes = new Uint8Array(instructions.length * instructionSize);
  const view = new DataView(bytes.buffer);
  instructions.forEach(({ code, to = 0, from = 0, offset = 0, value = 0 }, index) => {
    const at = index * instructionSize;
    view.setUint8(at, code);
    view.setUint8(at + 1, to | (from << 4));
    view.setInt16(at + 2, offset, true);
    view.setInt32(at + 4, value, true);
  });
  return bytes;
}
