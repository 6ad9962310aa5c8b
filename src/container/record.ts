// What a state directory remembers of a container: all that start, state, kill and delete need without the bundle.
import type { HookPlan, SeccompListener } from '../plan/plan.js';

/** Version of state.json. A change of its shape needs a new number, and a migration from the previous one (state-json.ts). */
export const currentVersion = 4;

/** A process by pid and start time (field 22 of /proc/PID/stat, clock ticks since boot): a pid alone may be reused. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTime: number;
}

/** criu, while it is at work on the container. */
export interface CriuRecord extends ProcessIdentity {
  /** The container was paused before its checkpoint: what is frozen stays so. */
  readonly paused: boolean;
}

/** One cgroup directory of the container. `fresh`: its create made it, or is about to, so whatever runs in it is its own. */
export interface CgroupRecord {
  readonly path: string;
  /** v1: the controllers of its hierarchy, "cpu,cpuacct"; "" is v2. */
  readonly controller: string;
  readonly fresh: boolean;
  /** Made, by us or another create, because containers' cgroups are below it: removed once nobody uses it any more. */
  readonly parent: boolean;
}

/** The container's systemd scope. */
export interface UnitRecord {
  readonly manager: 'system' | 'user';
  readonly name: string;
  /** It is ours: systemd started it for this container. */
  readonly fresh: boolean;
}

/** resctrl groups that the container's processes are in, and those that create made for it alone, innermost first. */
export interface RdtRecord {
  readonly groups: readonly string[];
  readonly made: readonly string[];
}

/** A step that pocker-init carries out after `start`, by its index in the plan. `start` needs it to tell what failed. */
export interface StartStep {
  readonly index: number;
  readonly operation: string;
  readonly pointer: string;
}

export interface ContainerRecord {
  readonly version: typeof currentVersion;
  readonly ociVersion: string;
  readonly id: string;
  /** As given by the caller, absolute. */
  readonly bundle: string;
  readonly rootfs: string;
  /** RFC 3339. */
  readonly created: string;
  /** The boot id of the kernel (process.ts); absent where the state directory does not outlive a boot. */
  readonly boot?: string;
  /** The uid that created it. */
  readonly owner: number;
  readonly annotations: Readonly<Record<string, string>>;
  /** creating: `creator` is at work or died at it; meanwhile no other command makes or deletes a container with that id. */
  readonly status: 'creating' | 'created';
  readonly creator: ProcessIdentity;
  /** `creator` failed and could not undo everything: the rest is left to delete, or to the next create with that id. */
  readonly abandoned?: true;
  /** The container's first process; null until a hook may ask for it, or until it is ready to wait for start. */
  readonly init: ProcessIdentity | null;
  /** Left in the record by a checkpoint or restore that was killed: whoever comes next lets criu end first (criu/unattended.ts). */
  readonly criu?: CriuRecord;
  readonly hasProcess: boolean;
  /** Whether other processes of the machine are in its pid namespace. */
  readonly sharesPids: boolean;
  readonly cgroups: readonly CgroupRecord[];
  /** The cgroups' unit, with the systemd cgroup manager. */
  readonly unit: UnitRecord | null;
  readonly rdt: RdtRecord | null;
  /** Without a mount namespace of its own: what delete must unmount. */
  readonly hostMount: string | null;
  /** The mount that was there before (`mountAt`), which is not the container's. */
  readonly hostMountBefore?: string;
  readonly poststart: readonly HookPlan[];
  readonly poststop: readonly HookPlan[];
  readonly startSteps: readonly StartStep[];
  /** criu restores into a time namespace so that clocks go on, whether or not the config asks for one. */
  readonly timeNamespace?: true;
  /** It has no session keyring of its own. */
  readonly noNewKeyring: boolean;
  /** Who gets the notify fd of the seccomp filter at start, if an earlier version created it; now create sends it. */
  readonly seccompListener: SeccompListener | null;
}

export type Status = 'creating' | 'created' | 'running' | 'paused' | 'stopped';
