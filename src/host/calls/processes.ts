// Processes, by pidfd, and programs that the runtime runs.

export interface Program {
  readonly path: string;
  readonly args: readonly string[];
  /** Exactly this environment, nothing inherited; null: our own. */
  readonly env: readonly string[] | null;
  readonly cwd?: string;
  /** Files that it appends to, made with mode 0600 if missing, instead of the kept `output`; "": none. */
  readonly stdout?: string;
  readonly stderr?: string;
  /** A descriptor of ours that is its standard output; 0: none. Not opened anew, which sockets and offsets do not survive. */
  readonly stdoutFd?: number;
  readonly stdin: string;
  /** It shares our standard input, and `stdin` is not used. */
  readonly sharesStdin?: boolean;
  /** 0: no limit. The program is killed at the limit. */
  readonly timeoutMs: number;
  /** It is killed when we end, however that happens. */
  readonly endsWithUs?: boolean;
  /** How many of the last bytes of its output to keep; 64 KiB if not given. */
  readonly keep?: number;
}

/** `signal` 0: it exited. `output`: the end of stdout and stderr combined. */
export interface ProgramResult {
  readonly exitCode: number;
  readonly signal: number;
  readonly timedOut: boolean;
  readonly output: string;
}

/** A program that we talk to: its descriptor 3 is one end of a SOCK_SEQPACKET socket. */
export interface Service {
  readonly path: string;
  readonly args: readonly string[];
  /** Exactly this environment. It inherits nothing but standard input, output and error. */
  readonly env: readonly string[];
  /** Descriptors of ours that become its 4, 5, … */
  readonly fds: readonly number[];
  /** A directory to make a mount point, in a mount namespace of the program's own; "": neither. */
  readonly root: string;
  /** Ours if not given. */
  readonly cwd?: string;
}

export interface Launched {
  readonly pid: number;
  readonly pidfd: number;
  /** Our end of the socket to pocker-init. */
  readonly channel: number;
}

export interface ProcessHost {
  /** pidfd_open(2), or -1 when there is no such process. */
  pidfdOpen(pid: number): number;
  pidfdSendSignal(pidfd: number, signal: number): void;
  /** True if it has ended within `ms`. */
  waitPidfd(pidfd: number, ms: number): boolean;
  /** Reaps a child of ours. Returns its wait status as in waitid(2), or null if it is not our child. */
  reap(pidfd: number): { readonly code: number; readonly signal: number } | null;
  /** How another process's child ended, once its parent has reaped it (Linux 6.15); null: unknown within `ms`. */
  exitStatus(pidfd: number, ms: number): { readonly code: number; readonly signal: number } | null;
  runProgram(program: Program): ProgramResult;
  /** execve(2): this process becomes that program. `args` includes its name. Returns only on failure. */
  execute(path: string, args: readonly string[], env: readonly string[]): never;
  /** Returns once it executes its program; fails if it cannot. */
  startService(service: Service): Launched;
  /** One packet from it, with a descriptor sent along or -1; null once it has closed. ETIMEDOUT after waitMs (0: never). */
  receiveBytes(channel: number, waitMs: number): { readonly bytes: Uint8Array; readonly fd: number } | null;
  sendBytes(channel: number, bytes: Uint8Array): void;
}
