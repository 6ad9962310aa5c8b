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

/** ENOENT, ESRCH, ENODEV, ENOTDIR: how procfs, cgroupfs and directories say that what is asked for is not there any more. */
const gone: readonly number[] = [2, 3, 19, 20];

/** Whether a caught value says that there is no such thing. Any other failure leaves open what there is. */
export function isGone(value: unknown): boolean {
  return isHostFailure(value) && gone.includes(value.errno);
}
