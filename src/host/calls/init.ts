// pocker-init, a container's first process: its start, and the messages with it.
import type { Launched } from './processes.js';

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
  | 'offsets_written'
  | 'times';

/** One message from pocker-init. `number`: pid (forked), errno (failed), step (times). `fd`: -1 or a descriptor that came along. */
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

export interface InitHost {
  launch(launch: Launch): Launched;
  /** Next message, or null when the other end is closed; ECONNRESET when it has not read what we sent. ETIMEDOUT after waitMs (0: never). */
  receive(channel: number, waitMs: number): Received | null;
  /** Of the descriptor that came with `report`, once the other end is closed: null: it is at execve(2); `failed`; `none`: it ended at that step. */
  readReport(fd: number): Received | null;
  send(channel: number, message: MessageName, text: string, number?: number): void;
  /** A listening SOCK_SEQPACKET socket `name` in the directory, for nobody but its owner. */
  listen(directory: number, name: string): number;
  /** Connects to it: -1 when nobody listens any more (the container was started, or is gone). */
  connect(directory: number, name: string): number;
}
