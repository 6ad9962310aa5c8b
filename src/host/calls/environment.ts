// This process: its arguments, ids, environment and output.

export interface EnvironmentHost {
  readonly args: readonly string[];
  readonly pid: number;
  readonly euid: number;
  readonly egid: number;
  /** Directory of this program's helpers; if absent, that of the executable itself (/proc/self/exe). */
  readonly directory?: string;
  /** null: not set. */
  env(name: string): string | null;
  cwd(): string;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Microseconds since the epoch. */
  clock(): number;
  /** Milliseconds of a clock that nobody can set. */
  monotonic(): number;
  sleep(ms: number): void;
  /** Writes all of the text to fd 1 or 2 (EPIPE is ignored). */
  write(fd: number, text: string): void;
  /** The same with bytes. */
  writeBytes(fd: number, bytes: Uint8Array): void;
  exit(code: number): never;
  /** Reads all of standard input, with the limit and the errors of readText. */
  readStdin(limit: number): string;
  /** One read(2) of standard input, such as a line of a terminal; "" at the end. */
  readInput(limit: number): string;
  /** Whether this kernel has the system call and nothing filters it. Knows only those that doctor checks (EINVAL: another). */
  hasSyscall(name: string): boolean;
  /** PR_SET_CHILD_SUBREAPER. */
  setChildSubreaper(): void;
  /** Whether the caller has left it open for us (Node has similar descriptors of its own). */
  isInherited(fd: number): boolean;
}
