// Mount options by name: config.md "Linux mount options", mount(8), mount_setattr(2).

/** MS_* of mount(2). */
export const MS = {
  RDONLY: 0x1,
  SYNCHRONOUS: 0x10,
  MANDLOCK: 0x40,
  DIRSYNC: 0x80,
  REC: 0x4000,
  SILENT: 0x8000,
  UNBINDABLE: 0x2_0000,
  PRIVATE: 0x4_0000,
  SLAVE: 0x8_0000,
  SHARED: 0x10_0000,
  I_VERSION: 0x80_0000,
  LAZYTIME: 0x200_0000,
} as const;

/** MOUNT_ATTR_* of mount_setattr(2). The access time is one field with three values, of which 0 is relatime. */
export const ATTR = {
  RDONLY: 0x1,
  NOSUID: 0x2,
  NODEV: 0x4,
  NOEXEC: 0x8,
  ATIME: 0x70,
  RELATIME: 0x0,
  NOATIME: 0x10,
  STRICTATIME: 0x20,
  NODIRATIME: 0x80,
  NOSYMFOLLOW: 0x20_0000,
} as const;

/** Access times in mount(2), where each is a separate flag: if there are several, the kernel uses the strictest. */
export const TIME = { RELATIME: 1, NOATIME: 2, STRICTATIME: 4, NODIRATIME: 8 } as const;

/**
 * superblock: MS_* of the filesystem. attribute: MOUNT_ATTR_* of this mount; time: TIME of this mount. recursive,
 * recursiveAtime: MOUNT_ATTR_* of the whole tree. propagation: MS_*. A `clear` row clears the value.
 */
export interface MountOption {
  readonly kind: 'superblock' | 'attribute' | 'time' | 'recursive' | 'recursiveAtime' | 'propagation' | MountWord;
  readonly value: number;
  readonly clear: boolean;
}

/** Options that are not flags. */
export type MountWord =
  | 'bind'
  | 'rbind'
  | 'remount'
  | 'defaults'
  | 'tmpcopyup'
  | 'idmap'
  | 'ridmap'
  | 'copy-symlink'
  | 'dest-nofollow'
  | 'src-nofollow';

const set = (kind: MountOption['kind'], value: number): MountOption => ({ kind, value, clear: false });
const clear = (kind: MountOption['kind'], value: number): MountOption => ({ kind, value, clear: true });
const word = (kind: MountWord): MountOption => ({ kind, value: 0, clear: false });

/** All known options; any other is a parameter of the filesystem. Comments say since when the kernel has them. */
export const mountOptions: ReadonlyMap<string, MountOption> = new Map([
  ['async', clear('superblock', MS.SYNCHRONOUS)],
  ['atime', clear('time', TIME.NOATIME)],
  ['bind', word('bind')],
  ['copy-symlink', word('copy-symlink')], // these three as crun has them, for podman
  ['defaults', word('defaults')],
  ['dest-nofollow', word('dest-nofollow')],
  ['dev', clear('attribute', ATTR.NODEV)],
  ['diratime', clear('time', TIME.NODIRATIME)],
  ['dirsync', set('superblock', MS.DIRSYNC)],
  ['exec', clear('attribute', ATTR.NOEXEC)],
  ['idmap', word('idmap')], // 5.12
  ['iversion', set('superblock', MS.I_VERSION)],
  ['lazytime', set('superblock', MS.LAZYTIME)],
  ['loud', clear('superblock', MS.SILENT)],
  ['mand', set('superblock', MS.MANDLOCK)], // without effect since 5.15
  ['noatime', set('time', TIME.NOATIME)],
  ['nodev', set('attribute', ATTR.NODEV)],
  ['nodiratime', set('time', TIME.NODIRATIME)],
  ['noexec', set('attribute', ATTR.NOEXEC)],
  ['noiversion', clear('superblock', MS.I_VERSION)],
  ['nolazytime', clear('superblock', MS.LAZYTIME)],
  ['nomand', clear('superblock', MS.MANDLOCK)],
  ['norelatime', clear('time', TIME.RELATIME)],
  ['nostrictatime', clear('time', TIME.STRICTATIME)],
  ['nosuid', set('attribute', ATTR.NOSUID)],
  ['nosymfollow', set('attribute', ATTR.NOSYMFOLLOW)], // 5.14 for mount_setattr
  ['private', set('propagation', MS.PRIVATE)],
  ['ratime', clear('recursiveAtime', ATTR.NOATIME)],
  ['rbind', word('rbind')],
  ['rdev', clear('recursive', ATTR.NODEV)],
  ['rdiratime', clear('recursive', ATTR.NODIRATIME)],
  ['relatime', set('time', TIME.RELATIME)],
  ['remount', word('remount')],
  ['rexec', clear('recursive', ATTR.NOEXEC)],
  ['ridmap', word('ridmap')], // 5.12
  ['rnoatime', set('recursiveAtime', ATTR.NOATIME)],
  ['rnodev', set('recursive', ATTR.NODEV)],
  ['rnodiratime', set('recursive', ATTR.NODIRATIME)],
  ['rnoexec', set('recursive', ATTR.NOEXEC)],
  ['rnorelatime', clear('recursiveAtime', ATTR.RELATIME)],
  ['rnostrictatime', clear('recursiveAtime', ATTR.STRICTATIME)],
  ['rnosuid', set('recursive', ATTR.NOSUID)],
  ['rnosymfollow', set('recursive', ATTR.NOSYMFOLLOW)], // 5.14
  ['ro', set('attribute', ATTR.RDONLY)],
  ['rprivate', set('propagation', MS.PRIVATE | MS.REC)],
  ['rrelatime', set('recursiveAtime', ATTR.RELATIME)],
  ['rro', set('recursive', ATTR.RDONLY)],
  ['rrw', clear('recursive', ATTR.RDONLY)],
  ['rshared', set('propagation', MS.SHARED | MS.REC)],
  ['rslave', set('propagation', MS.SLAVE | MS.REC)],
  ['rstrictatime', set('recursiveAtime', ATTR.STRICTATIME)],
  ['rsuid', clear('recursive', ATTR.NOSUID)],
  ['rsymfollow', clear('recursive', ATTR.NOSYMFOLLOW)],
  ['runbindable', set('propagation', MS.UNBINDABLE | MS.REC)],
  ['rw', clear('attribute', ATTR.RDONLY)],
  ['shared', set('propagation', MS.SHARED)],
  ['silent', set('superblock', MS.SILENT)],
  ['slave', set('propagation', MS.SLAVE)],
  ['src-nofollow', word('src-nofollow')],
  ['strictatime', set('time', TIME.STRICTATIME)],
  ['suid', clear('attribute', ATTR.NOSUID)],
  ['symfollow', clear('attribute', ATTR.NOSYMFOLLOW)],
  ['sync', set('superblock', MS.SYNCHRONOUS)],
  ['tmpcopyup', word('tmpcopyup')],
  ['unbindable', set('propagation', MS.UNBINDABLE)],
]);

/** linux.rootfsPropagation; the specification has the four simple ones, and runc also accepts the recursive ones. */
export const rootPropagations: Readonly<Record<string, number>> = {
  private: MS.PRIVATE,
  rprivate: MS.PRIVATE | MS.REC,
  shared: MS.SHARED,
  rshared: MS.SHARED | MS.REC,
  slave: MS.SLAVE,
  rslave: MS.SLAVE | MS.REC,
  unbindable: MS.UNBINDABLE,
  runbindable: MS.UNBINDABLE | MS.REC,
};
