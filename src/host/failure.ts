// What a failed Host call throws.

/** `operation` is the system call or step, `errno` positive (errno(3)), `path` where it applies. */
export interface HostFailure {
  readonly operation: string;
  readonly errno: number;
  readonly path?: string;
}

/** Whether a caught value is what a Host call throws. */
export function isHostFailure(value: unknown): value is HostFailure {
  return typeof value === 'object' && value !== null && 'errno' in value && 'operation' in value;
}
