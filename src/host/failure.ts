// What a failed Host call throws.

/** `operation` is the system call or step, `errno` positive (errno(3)), `path` is set where there is one. */
export interface HostFailure {
  readonly operation: string;
  readonly errno: number;
  readonly path?: string;
}

/** Whether a caught value was thrown by a Host call. */
export function isHostFailure(value: unknown): value is HostFailure {
  return typeof value === 'object' && value !== null && 'errno' in value && 'operation' in value;
}

/** ENOENT, ESRCH, ENODEV, ENOTDIR: how procfs, cgroupfs and directories say that something no longer exists. */
const gone: readonly number[] = [2, 3, 19, 20];

/** Whether a caught value says that the thing does not exist. Any other failure leaves that open. */
export function isGone(value: unknown): boolean {
  return isHostFailure(value) && gone.includes(value.errno);
}

/** ENOENT, ENOTDIR: how a path says that nothing is there. */
const missing: readonly number[] = [2, 20];

/** Whether a caught value says that there is nothing at a path. */
export function isMissing(value: unknown): boolean {
  return isHostFailure(value) && missing.includes(value.errno);
}
