// pocker-init, a container's first process: how it is started, and the messages exchanged with it.
import type { Launched } from './processes.js';

export interface Launch {
  /** CLONE_NEW* flags of clone3(2), for namespaces made at once. */
  readonly flags: number;
  /** A cgroup v2 directory to be born in (CLONE_INTO_CGROUP), or "". */
  readonly intoCgroup: string;
  /** cgroup v1 directories to join before it executes pocker-init. */
  readonly v1Cgroups: readonly string[];
  /** CPUs (sched_setaffinity(2)) that it is born with, as 64-bit words; empty: all that its cgroups allow. */
  readonly affinity: readonly bigint[];
  /** The InitPlan buffer (schema/plan.fbs), which is verified before anything is cloned. */
  readonly plan: Uint8Array;
  /** Listening socket from Host.listen to pass to init, or -1. */
  readonly gate: number;
  /** How many descriptors after 2 the program keeps. */
  readonly preserveFds: number;
  /** Files that hooks in the container append to, as in Program. */
  readonly hookStdout?: string;
  readonly hookStderr?: string;
}

/** `Message` of schema/plan.fbs, by name. */
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

/** One message from pocker-init. `number`: pid (forked), errno (failed), step (times). `fd`: a descriptor sent along, or -1. */
export interface Received {
  readonly message: MessageName;
  /** Index, in the plan, of the step that it is about. */
  readonly step: number;
  readonly number: number;
  /** failed: the system call or check; warned: the text. */
  readonly text: string;
  readonly path: string;
  readonly fd: number;
}

export interface InitHost {
  launch(launch: Launch): Launched;
  /**
   * The next message, or null if the other end is closed; ECONNRESET if that has not read what we sent. ETIMEDOUT after waitMs
   * (0: never).
   */
  receive(channel: number, waitMs: number): Received | null;
  /**
   * Reads the descriptor that came with `report`, once the other end is closed. null: init got to execve(2); `failed`: the step
   * failed; `none`: init ended at that step.
   */
  readReport(fd: number): Received | null;
  send(channel: number, message: MessageName, text: string, number?: number): void;
  /** Makes a listening SOCK_SEQPACKET socket `name` in the directory, which only its owner may use. */
  listen(directory: number, name: string): number;
  /** Connects to it; -1 if nobody listens any more (the container was started, or is gone). */
  connect(directory: number, name: string): number;
}
