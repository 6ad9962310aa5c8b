// Files and counters that report changes (poll(2)).

export interface EventHost {
  /** Opens a file whose changes the kernel reports (cgroup.events, memory.events), for readWatched and poll. */
  openWatched(path: string): number;
  /** Its text now. Fails with ENODEV if what it reports on is gone. */
  readWatched(fd: number): string;
  /** inotify(7): for poll, readable once a file in the directory is written, made or replaced. */
  watchDirectory(path: string): number;
  /** Takes note of all changes until now. */
  forgetChanges(fd: number): void;
  /** An eventfd(2) for cgroup v1's event_control. */
  openEventfd(): number;
  /** How often it was signalled since the last read. */
  readEventfd(fd: number): number;
  /**
   * poll(2) until one is readable (pidfds, counters) or has changed (watched files). Returns those; none after `ms` (-1: no
   * limit).
   */
  poll(readable: readonly number[], changed: readonly number[], ms: number): number[];
}
