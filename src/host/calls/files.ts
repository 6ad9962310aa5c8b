// Files. All paths are the runtime's own; only readTextInRoot is used inside a root filesystem.

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
   * by others, bytes that are not UTF-8 become U+FFFD. Waits for a FIFO, which a user may name.
   */
  readText(path: string, limit: number): string;
  /** The same for a file of our own, which is a regular one: ELOOP for a symlink, EISDIR, or ENXIO for a FIFO, socket or device. */
  readRegular(path: string, limit: number): string;
  /** The same for a path in a root filesystem: its links are resolved below `root`, whatever they say (openat2(2)). */
  readTextInRoot(root: string, path: string, limit: number): string;
  /** Up to `limit` bytes from an offset on; none at the end. */
  readAt(path: string, offset: number, limit: number): Uint8Array;
  /** One write(2) to an existing file, as procfs and cgroupfs require. */
  writeControl(path: string, text: string): void;
  /** Appends one record to a file, which is created with mode 0644 if missing. */
  append(path: string, text: string): void;
  /** Writes a new file (EEXIST), with exactly this mode. */
  writeNew(path: string, text: string, mode: number): void;
  /** Writes a file in place, so that those who have mounted it see it; made with this mode if missing. */
  overwrite(path: string, text: string, mode: number): void;
  /** Replaces directory/name: temporary file, fsync, rename, fsync of the directory. */
  writeAtomic(directory: string, name: string, text: string, mode: number): void;
  /** fsync(2) of a directory: names that were made, changed or removed in it stay so after a power failure. */
  fsync(directory: string): void;
  /** syncfs(2): all of the file system that the directory is on. EIO: something that was written is lost. */
  syncfs(directory: string): void;
  /** mkdir(2), with exactly this mode; false if it exists already. With `parents`, makes the parents, too. */
  mkdir(path: string, mode: number, parents: boolean): boolean;
  rmdir(path: string): void;
  unlink(path: string): void;
  /** rename(2): replaces a file, or an empty directory. */
  rename(from: string, to: string): void;
  /** link(2) */
  link(from: string, to: string): void;
  /** symlink(2) */
  symlink(target: string, path: string): void;
  /** Removes a directory with all that is in it, however deep, or what is in its place: a symlink is not followed. It may be missing. */
  removeDirectory(path: string): void;
  /** Names without "." and "..", unsorted. */
  readdir(path: string): string[];
  lstat(path: string): FileStatus | null;
  readLink(path: string): string;
  realPath(path: string): string;
  /** Filesystem magic of statfs(2). */
  statfsType(path: string): number;
  access(path: string, mode: number): boolean;
  chown(path: string, uid: number, gid: number): void;
  /** Opens a directory for Host.lock and Host.listen. */
  openDirectory(path: string): number;
  /**
   * O_PATH: opens what a path is inside a root directory, whatever symlinks are on the way (openat2(2) with RESOLVE_IN_ROOT);
   * with `follow`, a symlink at the end, too.
   */
  openInRoot(root: string, path: string, follow: boolean): number;
  /** Opens a file to pass it on, without waiting for a FIFO's other end. */
  openFile(path: string): number;
  /** dup3(2): makes `to` the same as `from`, which stays open. */
  duplicate(from: number, to: number): void;
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
