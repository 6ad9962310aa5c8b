// Files. Paths are the runtime's own; none of these is used inside a root filesystem.

/** stat(2) without following a last symlink; `null` from Host.lstat stands for ENOENT and ENOTDIR. */
export interface FileStatus {
  readonly type: 'file' | 'directory' | 'symlink' | 'character' | 'block' | 'fifo' | 'socket';
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly device: number;
  readonly inode: number;
  readonly size: number;
  readonly rdev: readonly [major: number, minor: number];
}

export interface FileHost {
  /**
   * UTF-8 text of a file of at most `limit` bytes (EFBIG beyond; EILSEQ when it is no UTF-8). In /proc, where the names of others
   * stand, a byte that is no UTF-8 is U+FFFD.
   */
  readText(path: string, limit: number): string;
  /** One write(2) to an existing file, as procfs and cgroupfs want it. */
  writeControl(path: string, text: string): void;
  /** Appends one record to a file that is made with 0644 if missing. */
  append(path: string, text: string): void;
  /** Writes a file that is not there yet (EEXIST), with exactly this mode. */
  writeNew(path: string, text: string, mode: number): void;
  /** Replaces dir/name: temporary file, fsync, rename, fsync of the directory. */
  writeAtomic(directory: string, name: string, text: string, mode: number): void;
  /** mkdir(2), with exactly this mode; false when it exists already. Parents are made with `parents`. */
  mkdir(path: string, mode: number, parents: boolean): boolean;
  rmdir(path: string): void;
  unlink(path: string): void;
  /** A directory with all that is in it, however deep. Missing is fine. */
  removeDirectory(path: string): void;
  /** Names without "." and "..", unsorted. */
  readdir(path: string): string[];
  lstat(path: string): FileStatus | null;
  readLink(path: string): string;
  realPath(path: string): string;
  /** Filesystem magic of statfs(2). */
  statfsType(path: string): number;
  access(path: string, mode: number): boolean;
  /** Detaches the mount at path (MNT_DETACH). */
  unmount(path: string): void;
  chown(path: string, uid: number, gid: number): void;
  /** Opens a directory for Host.lock and Host.listen. */
  openDirectory(path: string): number;
  /** Opens a file to hand it on. */
  openFile(path: string): number;
  /** flock(2), exclusive. False when another holds it after `waitMs`. Released by close. */
  lock(fd: number, waitMs: number): boolean;
  /** Whether path still names the directory that fd is. */
  isSameFile(fd: number, path: string): boolean;
  close(fd: number): void;
  /** What was written for exactly this key; null when it is not there, is damaged or is not ours alone. */
  readCache(directory: string, key: string): Uint8Array | null;
  /** Writes it and keeps no more than `limit` entries. False, and no harm done, where that cannot be. */
  writeCache(directory: string, key: string, data: Uint8Array, limit: number): boolean;
}
