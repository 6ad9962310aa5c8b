// Processes, by pidfd, and programs that the runtime runs.

export interface Program {
  readonly path: string;
  readonly args: readonly string[];
  /** Exactly this environment, nothing inherited; null: ours. */
  readonly env: readonly string[] | null;
  readonly cwd?: string;
  /** Files that it adds to, made with 0600 if missing, instead of what `output` is kept of; "": none. */
  readonly stdout?: string;
  readonly stderr?: string;
  readonly stdin: string;
  /** 0: no limit. At the limit the program is killed. */
  readonly timeoutMs: number;
  /** How many bytes of its output are kept, the last ones; 64 KiB if not given. */
  readonly keep?: number;
}

/** `signal` 0: it exited. `output`: the end of stdout and stderr together. */
export interface ProgramResult {
  readonly exitCode: number;
  readonly signal: number;
  readonly timedOut: boolean;
  readonly output: string;
}

/** A program that is talked to: its descriptor 3 is one end of a SOCK_SEQPACKET socket. */
export interface Service {
  readonly path: string;
  readonly args: readonly string[];
  /** Exactly this environment, nothing inherited but standard input, output and error. */
  readonly env: readonly string[];
  /** Descriptors of ours that it gets as 4, 5, … */
  readonly fds: readonly number[];
  /** A directory that is to be a mount point, in a mount namespace of the program's own; "": neither. */
  readonly root: string;
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
  /** True when it has ended within `ms`. */
  waitPidfd(pidfd: number, ms: number): boolean;
  /** Reaps a child of ours; its wait status as waitid(2) gives it, or null when it is no child of ours. */
  reap(pidfd: number): { readonly code: number; readonly signal: number } | null;
  /** How a process has ended that somebody else waits for, once that has been done (Linux 6.15); null: not known within `ms`. */
  exitStatus(pidfd: number, ms: number): { readonly code: number; readonly signal: number } | null;
  runProgram(program: Program): ProgramResult;
  /** Returns when it executes its program; fails when it cannot. */
  startService(service: Service): Launched;
  /** One packet of its, with the descriptor that came along or -1; null when it has closed. ETIMEDOUT after waitMs (0: never). */
  receiveBytes(channel: number, waitMs: number): { readonly bytes: Uint8Array; readonly fd: number } | null;
  sendBytes(channel: number, bytes: Uint8Array): void;
}
