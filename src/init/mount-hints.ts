// Why a mount failed, as far as the system call and its errno tell: the kernel has one errno for many causes.

const EPERM = 1;
const ENOENT = 2;
const EACCES = 13;
const ENODEV = 19;
const ENOTDIR = 20;
const EINVAL = 22;
const EROFS = 30;
const ELOOP = 40;

interface Row {
  /** Operations of the plan's steps, e.g. "MountBind". */
  readonly steps: readonly string[];
  /** System calls that failed. */
  readonly operations: readonly string[];
  readonly errno: number;
  /** Init's own words about it; by default, any. */
  readonly said?: RegExp;
  readonly hint: string;
}

const making = ['MountFilesystem', 'MountBind'];
const any = [...making, 'MountAttributes', 'OpenSource', 'MountRoot'];
const idMapping = /id-mapping/;

/** The first row that fits applies. */
const rows: readonly Row[] = [
  {
    steps: any,
    operations: ['open', 'open_tree'],
    errno: ENOENT,
    hint: 'The source of a bind mount must exist: the runtime does not create it',
  },
  {
    steps: any,
    operations: ['fsopen'],
    errno: ENODEV,
    hint: 'This kernel has no such filesystem: see /proc/filesystems, or load its module',
  },
  {
    steps: any,
    operations: ['mount_setattr'],
    errno: EINVAL,
    said: idMapping,
    hint: 'This kernel cannot id-map that filesystem, or its mount is already id-mapped',
  },
  {
    steps: any,
    operations: ['mount_setattr'],
    errno: EPERM,
    said: idMapping,
    hint: 'A mount may be id-mapped only once, and only by the user namespace of its filesystem or one above',
  },
  {
    steps: any,
    operations: ['mount_setattr'],
    errno: EPERM,
    hint: 'Keep ro, nosuid, nodev, noexec and the access time: a user namespace locks them',
  },
  {
    steps: making,
    operations: ['fsopen', 'mount', 'fsmount'],
    errno: EPERM,
    hint: 'Try a bind mount: a user namespace may mount few filesystems, and proc or sysfs only if nothing covers the one outside',
  },
  {
    steps: making,
    operations: ['mkdirat', 'open', 'openat'],
    errno: EACCES,
    hint: "Create the mount point: the container's root may not create it in a rootfs that belongs to others",
  },
  {
    steps: making,
    operations: ['mkdirat', 'open', 'openat'],
    errno: EROFS,
    hint: 'Create the mount point: the runtime cannot create it on a read-only filesystem',
  },
  {
    steps: making,
    operations: ['move_mount'],
    errno: ENOTDIR,
    hint: 'Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified host path exists and is the expected type',
  },
  {
    steps: any,
    operations: ['fspick'],
    errno: EINVAL,
    hint: 'Only a mount can be remounted, but this is a directory or a file in one; to change only the mount, add "bind"',
  },
  {
    steps: any,
    operations: ['openat2', 'openat'],
    errno: ELOOP,
    hint: 'The path in the rootfs has too many symbolic links, or one that the runtime does not follow',
  },
  {
    steps: any,
    operations: ['fsconfig'],
    errno: EINVAL,
    hint: 'Check the option: the runtime passes unknown options to the filesystem, which does not know this one either',
  },
];

/** The most likely cause, or undefined. `said`: what init or the filesystem says about it. */
export function mountHint(step: string, failure: { operation: string; errno: number; said: string }): string | undefined {
  const row = rows.find(
    ({ steps, operations, errno, said = /^/ }) =>
      steps.includes(step) && operations.includes(failure.operation) && errno === failure.errno && said.test(failure.said),
  );
  return row?.hint;
}
