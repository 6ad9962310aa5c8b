// Seccomp names in the config as numbers: libseccomp's seccomp.h, include/uapi/linux/{seccomp,audit}.h.

export interface SeccompActionRow {
  /** SECCOMP_RET_*. */
  readonly value: number;
  /** The low 16 bits are an errno. */
  readonly errno: boolean;
}

export const seccompActions: Readonly<Record<string, SeccompActionRow>> = {
  SCMP_ACT_KILL: { value: 0x0000_0000, errno: false },
  SCMP_ACT_KILL_THREAD: { value: 0x0000_0000, errno: false },
  SCMP_ACT_KILL_PROCESS: { value: 0x8000_0000, errno: false },
  SCMP_ACT_TRAP: { value: 0x0003_0000, errno: false },
  SCMP_ACT_ERRNO: { value: 0x0005_0000, errno: true },
  SCMP_ACT_NOTIFY: { value: 0x7fc0_0000, errno: false },
  SCMP_ACT_TRACE: { value: 0x7ff0_0000, errno: true },
  SCMP_ACT_LOG: { value: 0x7ffc_0000, errno: false },
  SCMP_ACT_ALLOW: { value: 0x7fff_0000, errno: false },
};

/** enum scmp_compare. */
export const seccompOperators: Readonly<Record<string, number>> = {
  SCMP_CMP_NE: 1,
  SCMP_CMP_LT: 2,
  SCMP_CMP_LE: 3,
  SCMP_CMP_EQ: 4,
  SCMP_CMP_GE: 5,
  SCMP_CMP_GT: 6,
  SCMP_CMP_MASKED_EQ: 7,
};

/** libseccomp's SCMP_ARCH_* tokens: AUDIT_ARCH_*, except for x32, which is x86_64 without the 64-bit mark. */
export const seccompArchitectures: Readonly<Record<string, number>> = {
  SCMP_ARCH_X86: 0x4000_0003,
  SCMP_ARCH_X86_64: 0xc000_003e,
  SCMP_ARCH_X32: 0x4000_003e,
  SCMP_ARCH_ARM: 0x4000_0028,
  SCMP_ARCH_AARCH64: 0xc000_00b7,
  SCMP_ARCH_LOONGARCH64: 0xc000_0102,
  SCMP_ARCH_M68K: 0x0000_0004,
  SCMP_ARCH_MIPS: 0x0000_0008,
  SCMP_ARCH_MIPS64: 0x8000_0008,
  SCMP_ARCH_MIPS64N32: 0xa000_0008,
  SCMP_ARCH_MIPSEL: 0x4000_0008,
  SCMP_ARCH_MIPSEL64: 0xc000_0008,
  SCMP_ARCH_MIPSEL64N32: 0xe000_0008,
  SCMP_ARCH_PPC: 0x0000_0014,
  SCMP_ARCH_PPC64: 0x8000_0015,
  SCMP_ARCH_PPC64LE: 0xc000_0015,
  SCMP_ARCH_S390: 0x0000_0016,
  SCMP_ARCH_S390X: 0x8000_0016,
  SCMP_ARCH_SH: 0x4000_002a,
  SCMP_ARCH_SHEB: 0x0000_002a,
  SCMP_ARCH_PARISC: 0x0000_000f,
  SCMP_ARCH_PARISC64: 0x8000_000f,
  SCMP_ARCH_RISCV64: 0xc000_00f3,
};

/** SECCOMP_FILTER_FLAG_* of seccomp(2). */
export const seccompFlags: Readonly<Record<string, number>> = {
  SECCOMP_FILTER_FLAG_TSYNC: 0x1,
  SECCOMP_FILTER_FLAG_LOG: 0x2,
  SECCOMP_FILTER_FLAG_SPEC_ALLOW: 0x4,
  SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV: 0x20, // 5.19
};
/** Asks for the notify fd. */
export const SECCOMP_NEW_LISTENER = 0x8;

/** The token as AUDIT_ARCH_*, which is what the kernel shows to a filter. */
export function auditArchitecture(token: number): number {
  return token === seccompArchitectures['SCMP_ARCH_X32'] ? seccompArchitectures['SCMP_ARCH_X86_64']! : token;
}

/** Marks system call numbers of x32. */
const x32Bit = 0x4000_0000;
/** From here on, ARM has calls of its own, which are not numbered in the order of introduction. */
const armPrivate = 0x0f_0000;
/** Beyond any number but -1, which a tracer sets to skip the call. */
const noNumber = 0xffff_ffff;

/** The range [begin, end) in which an architecture's system calls are numbered in the order of introduction. */
export function numberRanges(token: number): readonly [begin: number, end: number] {
  if (token === seccompArchitectures['SCMP_ARCH_X86_64']) return [0, x32Bit];
  if (token === seccompArchitectures['SCMP_ARCH_X32']) return [x32Bit, noNumber];
  return [0, token === seccompArchitectures['SCMP_ARCH_ARM'] ? armPrivate : noNumber];
}
