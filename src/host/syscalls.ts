// The newest system calls that the runtime uses, and the version of Linux that introduced each.

export const firstVersions: Readonly<Record<string, string>> = {
  memfd_create: '3.17',
  pidfd_send_signal: '5.1',
  open_tree: '5.2',
  move_mount: '5.2',
  fsopen: '5.2',
  fsconfig: '5.2',
  fsmount: '5.2',
  fspick: '5.2',
  pidfd_open: '5.3',
  clone3: '5.5',
  openat2: '5.6',
  faccessat2: '5.8',
  close_range: '5.9',
  mount_setattr: '5.12',
  fchmodat2: '6.6',
};

const ENOSYS = 38;

/** The hint for a call that the kernel lacks or a filter around us refuses. `operation`: "fsopen(proc)", "openat2". */
export function missingCallHint(operation: string, errno: number): string | undefined {
  if (errno !== ENOSYS) return undefined;
  // Of the calls that open something, only this one is new.
  const call = operation === 'open' ? 'openat2' : (/^\w+/.exec(operation)?.[0] ?? '');
  const since = Object.hasOwn(firstVersions, call) ? firstVersions[call] : undefined;
  if (since === undefined) return undefined;
  return `${call} requires Linux ${since} or later; or a seccomp filter around the runtime refuses it`;
}
