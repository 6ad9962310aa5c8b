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
    hint: 'the source of a bind mount must exist: the runtime does not create it',
  },
  {
    steps: any,
    operations: ['fsopen'],
    errno: ENODEV,
    hint: 'this kernel has no such filesystem: see /proc/filesystems, or load its module',
  },
  {
    steps: any,
    operations: ['mount_setattr'],
    errno: EINVAL,
    said: idMapping,
    hint: 'this kernel cannot id-map that filesystem, or its mount is id-mapped already',
  },
  {
    steps: any,
    operations: ['mount_setattr'],
    errno: EPERM,
    said: idMapping,
    hint: 'a mount may be id-mapped only once, and only by the user namespace of its filesystem or one above',
  },
  {
    steps: any,
    operations: ['mount_setattr'],
    errno: EPERM,
    hint: 'ro, nosuid, nodev, noexec and access times of the mount are locked in a user namespace: do not ask for the opposite',
  },
  {
    steps: making,
    operations: ['fsopen', 'mount', 'fsmount'],
    errno: EPERM,
    hint: 'a user namespace may mount few filesystems, and proc or sysfs only if the one outside is not covered; try a bind mount',
  },
  {
    steps: making,
    operations: ['mkdirat', 'open', 'openat'],
    errno: EACCES,
    hint: "the mount point does not exist, and the container's root may not create it in a rootfs that belongs to others",
  },
  {
    steps: making,
    operations: ['mkdirat', 'open', 'openat'],
    errno: EROFS,
    hint: 'the mount point does not exist, and cannot be created on a read-only filesystem',
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
    hint: 'only a mount can be remounted, but this is a directory or a file in one; to change only the mount, add "bind"',
  },
  {
    steps: any,
    operations: ['openat2', 'openat'],
    errno: ELOOP,
    hint: 'the path in the rootfs has too many symbolic links, or one that the runtime does not follow',
  },
  {
    steps: any,
    operations: ['fsconfig'],
    errno: EINVAL,
    hint: 'the runtime passes unknown options to the filesystem, which does not know this one either',
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
