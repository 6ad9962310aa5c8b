// libseccomp.

export interface SeccompRule {
  readonly action: number;
  /** System calls, as libseccomp names them; one that it does not know is left out. */
  readonly names: readonly string[];
  readonly args: readonly { readonly index: number; readonly op: number; readonly value: bigint; readonly valueTwo: bigint }[];
}

export interface SeccompFilter {
  /** SECCOMP_RET_* words: action in the high, errno in the low 16 bits. */
  readonly defaultAction: number;
  /** libseccomp's SCMP_ARCH_* tokens; empty: the native one. */
  readonly architectures: readonly number[];
  readonly rules: readonly SeccompRule[];
}

export interface SeccompHost {
  /** libseccomp: the filter as struct sock_filter[]. */
  compileSeccomp(filter: SeccompFilter): Uint8Array;
  /** Their numbers on an architecture (0: the native one), below 0 where it has none; null: libseccomp knows no such name. */
  resolveSyscalls(architecture: number, names: readonly string[]): (number | null)[];
  /** libseccomp's token of the native architecture. */
  seccompNativeArchitecture(): number;
  /** Whether libseccomp has that architecture. */
  seccompHasArchitecture(architecture: number): boolean;
  /** Whether the kernel has that flag of seccomp(2). */
  seccompHasFlag(flag: number): boolean;
  /** The libseccomp version, "2.5.4". */
  seccompVersion(): string;
}
