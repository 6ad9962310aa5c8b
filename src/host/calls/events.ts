// Files and counters that tell of a change (poll(2)).

export interface EventHost {
  /** Opens a file that the kernel tells changes of (cgroup.events, memory.events), for readWatched and poll. */
  openWatched(path: string): number;
  /** Its text now. Fails with ENODEV when what it told of is gone. */
  readWatched(fd: number): string;
  /** An eventfd(2) for cgroup v1's event_control. */
  openEventfd(): number;
  /** How often it was signalled since it was last read. */
  readEventfd(fd: number): number;
  /** poll(2) until one is readable (pidfds, counters) or has changed (watched files): those. None after `ms` (-1: no limit). */
  poll(readable: readonly number[], changed: readonly number[], ms: number): number[];
}
