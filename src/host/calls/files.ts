// Files. All paths are the runtime's own; none of these calls is used inside a root filesystem.

/** stat(2) that does not follow a last symlink; Host.lstat returns `null` for ENOENT and ENOTDIR. */
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
   * UTF-8 text of a file of at most `limit` bytes (EFBIG beyond; EILSEQ if it is not UTF-8). In /proc, which contains names given
   * by others, bytes that are not UTF-8 become U+FFFD.
   */
  readText(path: string, limit: number): string;
  /** One write(2) to an existing file, as procfs and cgroupfs require. */
  writeControl(path: string, text: string): void;
  /** Appends one record to a file, which is created with mode 0644 if missing. */
  append(path: string, text: string): void;
  /** Writes a new file (EEXIST), with exactly this mode. */
  writeNew(path: string, text: string, mode: number): void;
  /** Replaces directory/name: temporary file, fsync, rename, fsync of the directory. */
  writeAtomic(directory: string, name: string, text: string, mode: number): void;
  /** mkdir(2), with exactly this mode; false if it exists already. With `parents`, makes the parents, too. */
  mkdir(path: string, mode: number, parents: boolean): boolean;
  rmdir(path: string): void;
  unlink(path: string): void;
  /** Removes a directory with all that is in it, however deep. It may be missing. */
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
  /** Opens a file to pass it on. */
  openFile(path: string): number;
  /** flock(2), exclusive. False if another process still holds it after `waitMs`. Closing releases it. */
  lock(fd: number, waitMs: number): boolean;
  /** Whether path still names the directory that fd refers to. */
  isSameFile(fd: number, path: string): boolean;
  close(fd: number): void;
  /** What was written for exactly this key; null if it is missing, damaged, or not ours alone. */
  readCache(directory: string, key: string): Uint8Array | null;
  /** Writes it and keeps at most `limit` entries. False, without harm, if that is impossible. */
  writeCache(directory: string, key: string, data: Uint8Array, limit: number): boolean;
}
