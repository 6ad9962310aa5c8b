// This process: its arguments, ids, environment and output.

export interface EnvironmentHost {
  readonly args: readonly string[];
  readonly pid: number;
  readonly euid: number;
  readonly egid: number;
  /** Where the programs are that belong to this one; not there: where the executable itself is (/proc/self/exe). */
  readonly directory?: string;
  /** null: it is not set. */
  env(name: string): string | null;
  cwd(): string;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Microseconds since the epoch. */
  clock(): number;
  /** Milliseconds of a clock that nobody sets. */
  monotonic(): number;
  sleep(ms: number): void;
  /** Writes all of it; fd 1 or 2 (EPIPE is ignored). */
  write(fd: number, text: string): void;
  exit(code: number): never;
  /** Everything on standard input, with the limit and the errors of readText. */
  readStdin(limit: number): string;
  /** Whether this kernel has the system call, which nothing filters; one of those that doctor asks for (EINVAL: another). */
  hasSyscall(name: string): boolean;
  /** PR_SET_CHILD_SUBREAPER. */
  setChildSubreaper(): void;
  /** Whether the caller has left it open for us (Node has some of its own that cannot be told from those). */
  isInherited(fd: number): boolean;
}
