// What the calls of Host take and give.

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

export interface Launch {
  /** CLONE_NEW* of clone3(2), made at once. */
  readonly flags: number;
  /** A cgroup v2 directory to be born in (CLONE_INTO_CGROUP), or "" . */
  readonly intoCgroup: string;
  /** cgroup v1 directories that it joins before it executes pocker-init. */
  readonly v1Cgroups: readonly string[];
  /** CPUs (sched_setaffinity(2)) that it is born with, as words of 64 bits; empty: all that its cgroups allow. */
  readonly affinity: readonly bigint[];
  /** The InitPlan buffer (schema/plan.fbs). It is verified before anything is cloned. */
  readonly plan: Uint8Array;
  /** Listening socket from Host.listen, handed to init, or -1. */
  readonly gate: number;
  /** How many fds after 2 the program keeps. */
  readonly preserveFds: number;
  /** Files that hooks in the container add to, as Program has them. */
  readonly hookStdout?: string;
  readonly hookStderr?: string;
}

export interface Launched {
  readonly pid: number;
  readonly pidfd: number;
  /** Our end of the socket to pocker-init. */
  readonly channel: number;
}

/** `from`, `to`: network namespaces by Host.openNamespace. `newName`: "eth%d" for one that the kernel completes. */
export interface NetDeviceMove {
  readonly from: number;
  readonly to: number;
  readonly name: string;
  readonly newName: string;
}

export interface MovedNetDevice {
  /** Where it is now. */
  readonly name: string;
  readonly wasUp: boolean;
  /** Its permanent global addresses, for configureNetDevice. */
  readonly addresses: Uint8Array;
}

/** schema/plan.fbs `Message`, by name. */
export type MessageName =
  | 'none'
  | 'maps_written'
  | 'hooks_ready'
  | 'hooks_done'
  | 'created'
  | 'park'
  | 'go'
  | 'forked'
  | 'console'
  | 'failed'
  | 'warned'
  | 'seccomp'
  | 'cgroups_ready'
  | 'report'
  | 'offsets_ready'
  | 'offsets_written';

/** One message from pocker-init. `number`: pid (forked), errno (failed). `fd`: -1 or a descriptor that came along. */
export interface Received {
  readonly message: MessageName;
  /** Index of the step in the plan it speaks of. */
  readonly step: number;
  readonly number: number;
  /** failed: the system call or check; warned: the text. */
  readonly text: string;
  readonly path: string;
  readonly fd: number;
}

export interface SeccompRule {
  readonly action: number;
  /** System calls, as libseccomp names them; one that it does not know is left out. */
  readonly names: readonly string[];
  readonly args: readonly { readonly index: number; readonly op: number; readonly value: bigint; readonly valueTwo: bigint }[];
}

export interface SeccompFilter {
  /** SECCOMP_RET_* words: action in the high, errno in the low 16 bits. */
  readonly defaultAction: number;
  /** libseccomp's SCMP_ARCH_* tokens; empty: the native one. */
  readonly architectures: readonly number[];
  readonly rules: readonly SeccompRule[];
}

/** sd_notify(3): once the program says READY=1 on `socket`, `text` goes to the manager's socket at `path`. */
export interface ReadyNotification {
  readonly socket: number;
  readonly path: string;
  readonly text: string;
}
