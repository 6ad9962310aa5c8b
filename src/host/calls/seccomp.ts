// libseccomp.

export interface SeccompRule {
  readonly action: number;
  /** System calls by libseccomp's names; those that it does not know are left out. */
  readonly names: readonly string[];
  readonly args: readonly { readonly index: number; readonly op: number; readonly value: bigint; readonly valueTwo: bigint }[];
}

export interface SeccompFilter {
  /** SECCOMP_RET_* words: the action in the high 16 bits, the errno in the low ones. */
  readonly defaultAction: number;
  /** libseccomp's SCMP_ARCH_* tokens; empty: the native one. */
  readonly architectures: readonly number[];
  readonly rules: readonly SeccompRule[];
}

export interface SeccompHost {
  /** Compiles the filter, with libseccomp, to struct sock_filter[]. */
  compileSeccomp(filter: SeccompFilter): Uint8Array;
  /**
   * Numbers of the calls on an architecture (0: the native one), below 0 if it lacks them; null: libseccomp does not know the
   * name.
   */
  resolveSyscalls(architecture: number, names: readonly string[]): (number | null)[];
  /** libseccomp's token of the native architecture. */
  seccompNativeArchitecture(): number;
  /** Whether libseccomp supports that architecture. */
  seccompHasArchitecture(architecture: number): boolean;
  /** Whether the kernel supports that flag of seccomp(2). */
  seccompHasFlag(flag: number): boolean;
  /** The version of libseccomp, e.g. "2.5.4". */
  seccompVersion(): string;
}
