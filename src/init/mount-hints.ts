// Why a mount failed, as far as the system call and its errno tell: the kernel has one word for many things.

const EPERM = 1;
const ENOENT = 2;
const EACCES = 13;
const ENODEV = 19;
const ENOTDIR = 20;
const EINVAL = 22;
const EROFS = 30;
const ELOOP = 40;

interface Row {
  /** Of a plan's step: "MountBind". */
  readonly steps: readonly string[];
  /** What failed: a system call. */
  readonly operations: readonly string[];
  readonly errno: number;
  /** Init's own words about it; by default whatever they are. */
  readonly said?: RegExp;
  readonly hint: string;
}

const making = ['MountFilesystem', 'MountBind'];
const any = [...making, 'MountAttributes', 'OpenSource', 'MountRoot'];
const idMapping = /id-mapping/;

/** The first that fits. */
const rows: readonly Row[] = [
  {
    steps: any,
    operations: ['open', 'open_tree'],
    errno: ENOENT,
    hint: 'the source of a bind mount must be there: the runtime makes none',
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
    hint: 'that filesystem, in this kernel, cannot be id-mapped; or its mount is id-mapped already',
  },
  {
    steps: any,
    operations: ['mount_setattr'],
    errno: EPERM,
    said: idMapping,
    hint: 'a mount may be id-mapped once, and by a user namespace that its filesystem belongs to or one above',
  },
  {
    steps: any,
    operations: ['mount_setattr'],
    errno: EPERM,
    hint: 'what the mount has of ro, nosuid, nodev, noexec and access times is locked in a user namespace: do not ask for the opposite',
  },
  {
    steps: making,
    operations: ['fsopen', 'mount', 'fsmount'],
    errno: EPERM,
    hint: 'a user namespace may mount few filesystems, and proc or sysfs only where the one outside is not covered; try a bind mount',
  },
  {
    steps: making,
    operations: ['mkdirat', 'open', 'openat'],
    errno: EACCES,
    hint: "the mount point is not there, and the container's root may not make it in a rootfs that belongs to others",
  },
  {
    steps: making,
    operations: ['mkdirat', 'open', 'openat'],
    errno: EROFS,
    hint: 'the mount point is not there, and cannot be made on a read-only filesystem',
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
    hint: 'only a mount can be remounted, and this is a directory or a file in one; to change the mount alone, add "bind"',
  },
  {
    steps: any,
    operations: ['openat2', 'openat'],
    errno: ELOOP,
    hint: 'too many symbolic links on the way in the rootfs, or one that the runtime does not follow',
  },
  {
    steps: any,
    operations: ['fsconfig'],
    errno: EINVAL,
    hint: 'options that the runtime does not know are passed to the filesystem, which does not know this one',
  },
];

/** What to think of first, or undefined. `said`: what init or the filesystem says of it. */
export function mountHint(step: string, failure: { operation: string; errno: number; said: string }): string | undefined {
  const row = rows.find(
    ({ steps, operations, errno, said = /^/ }) =>
      steps.includes(step) && operations.includes(failure.operation) && errno === failure.errno && said.test(failure.said),
  );
  return row?.hint;
}
