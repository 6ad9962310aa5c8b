// What a bundle resolves to: one complete, immutable Plan that is carried out without looking at config.json again.
import type { CgroupFacts } from '../host/host-facts.js';
import type { SeccompFilter } from '../host/host.js';
import type { Step } from './step.js';

/** What the command line adds to a bundle. */
export interface PlanOptions {
  readonly id: string;
  /** Absolute path of the bundle. */
  readonly bundle: string;
  readonly cgroupManager: 'cgroupfs' | 'systemd' | 'disabled';
  /** Not root on this machine: cgroups that may not be made are left out. */
  readonly rootless: boolean;
  readonly noPivot: boolean;
  readonly noNewKeyring: boolean;
  /** How many fds after 2 the program keeps. */
  readonly preserveFds: number;
  /** How many of them, the first ones, are sockets of systemd's (sd_listen_fds(3)). */
  readonly listenFds: number;
  /** Whether a console socket was given. */
  readonly consoleSocket: boolean;
}

export interface IdMapping {
  readonly containerID: number;
  readonly hostID: number;
  readonly size: number;
}

/** The id maps of a new user namespace; `byHelper`: newuidmap(1) and newgidmap(1) have to write them. */
export interface UserNamespacePlan {
  readonly uidMappings: readonly IdMapping[];
  readonly gidMappings: readonly IdMapping[];
  readonly byHelper: boolean;
  /** "deny" for /proc/PID/setgroups, which an unprivileged gid map needs. */
  readonly denySetgroups: boolean;
}

/** One write to a cgroup file. */
export interface CgroupFile {
  readonly file: string;
  readonly value: string;
  readonly pointer: string;
  /** A kernel without the file (ENOENT) is no error. */
  readonly optional?: boolean;
  /** What to write instead when `file` is not there. */
  readonly otherwise?: { readonly file: string; readonly value: string };
}

/** One rule on device nodes. */
export interface DeviceRule {
  readonly allow: boolean;
  /** a: both kinds, whatever numbers. */
  readonly type: 'a' | 'b' | 'c';
  /** null: any. */
  readonly major: number | null;
  readonly minor: number | null;
  /** Some of r, w and m. */
  readonly access: string;
  readonly pointer: string;
}

/** A cgroup to make, with its missing parents below `mount`. */
export interface CgroupDirectory {
  /** "memory", "cpu,cpuacct", "name=systemd"; "" for v2. */
  readonly controller: string;
  /** Where the hierarchy is mounted. Parents between it and `path` are made when missing, and never removed. */
  readonly mount: string;
  readonly path: string;
  /** v1 cpuset: files that are copied from the parent, from `mount` downwards, wherever they are empty. */
  readonly inherit: readonly string[];
  /** v2: controllers for cgroup.subtree_control of `mount` and of every parent of `path` ("+memory"), as far as each has them. */
  readonly enable: readonly string[];
  /** Written in this order, after `inherit`, before the container's process is attached. */
  readonly files: readonly CgroupFile[];
  /** v2: the rules of its device program, in order; empty where devices are not restricted. */
  readonly devices: readonly DeviceRule[];
  /** systemd makes it, for the unit. */
  readonly managed: boolean;
}

/** A property of a unit as D-Bus has it: the words of its value as busctl(1) takes them, an array's length first. */
export interface UnitProperty {
  readonly name: string;
  readonly signature: string;
  readonly words: readonly string[];
  /** The version of systemd that brought it: an older one does not get it. */
  readonly since?: number;
}

/** A transient scope, which systemd makes the cgroups for. */
export interface UnitPlan {
  /** Of the machine, or the user's own. */
  readonly manager: 'system' | 'user';
  readonly name: string;
  /** Of its cgroup, from the root of the hierarchy. */
  readonly path: string;
  /** All but PIDs. */
  readonly properties: readonly UnitProperty[];
}

export interface CgroupPlan {
  readonly layout: CgroupFacts['layout'];
  readonly directories: readonly CgroupDirectory[];
  /** The v2 directory to be born in (CLONE_INTO_CGROUP), or "". */
  readonly intoCgroup: string;
  /** Directories of v1, which the process joins by itself as its first act. */
  readonly v1Cgroups: readonly string[];
  /** With the systemd cgroup manager. The process is born outside, and waits until it has been put inside. */
  readonly unit: UnitPlan | null;
  /** v2: the host uid that gets the directory and the files of /sys/kernel/cgroup/delegate, or null. */
  readonly owner: number | null;
  /** Nothing in the config asks for a cgroup and we may not be allowed to make one: a failure is a warning. */
  readonly optional: boolean;
}

/** linux.seccomp: what is compiled to the program that encode() puts into the Seccomp step. */
export interface SeccompPlan {
  readonly filter: SeccompFilter;
  /** ENOSYS for system calls newer than all that the filter names. */
  readonly refuseNewer: boolean;
  /** Names by /linux/seccomp/syscalls/INDEX/names of which none may be unknown to libseccomp. */
  readonly mustKnow: readonly (readonly string[])[];
  readonly listener: SeccompListener | null;
}

/** Where the notify fd goes. */
export interface SeccompListener {
  readonly path: string;
  readonly metadata: string;
}

/** A network device of the runtime's that the container gets. */
export interface NetDevicePlan {
  readonly name: string;
  /** In the container; "eth%d" where the kernel chooses the number. */
  readonly newName: string;
  readonly pointer: string;
}

/** The container's group in resctrl, the kernel's interface to Intel RDT. */
export interface RdtPlan {
  /** The control group's directory; resctrl's root for closID "/". */
  readonly directory: string;
  /** Made when it is not there; otherwise that is an error. */
  readonly make: boolean;
  /** Whether it goes with the container, if it was made for it. */
  readonly remove: boolean;
  /** What its file "schemata" is to have, line by line; what is in it already must agree with `l3CacheSchema` and `memBwSchema`. */
  readonly schemata: readonly { readonly line: string; readonly compared: boolean; readonly pointer: string }[];
  /** Directory of the container's monitoring group, or "". */
  readonly monitoring: string;
  /** Where resctrl is mounted. */
  readonly root: string;
}

/** A hook that the runtime itself runs, outside of the container. */
export interface HookPlan {
  readonly path: string;
  /** With argv[0]. */
  readonly args: readonly string[];
  /** null: that of whoever runs it. */
  readonly env: readonly string[] | null;
  /** 0: no limit. */
  readonly timeoutMs: number;
  readonly pointer: string;
}

export type RuntimeHookKind = 'prestart' | 'createRuntime' | 'poststart' | 'poststop';

export interface PlanWarning {
  readonly pointer: string;
  readonly text: string;
  /** Everything was done all the same: --strict does not mind. */
  readonly advice?: boolean;
}

export interface Plan {
  readonly id: string;
  readonly bundle: string;
  /** Absolute. */
  readonly rootfs: string;
  readonly ociVersion: string;
  /** Whether the config has a process: without one a container can be created, but not started. */
  readonly hasProcess: boolean;
  /** Other processes of the machine are in its pid namespace. */
  readonly sharesPids: boolean;
  readonly annotations: Readonly<Record<string, string>>;
  /** CLONE_NEW* for clone3(2), all at once. */
  readonly cloneFlags: number;
  /** Namespaces are joined first, so that a process forked after that is the container's. */
  readonly forks: boolean;
  readonly userNamespace: UserNamespacePlan | null;
  readonly cgroup: CgroupPlan;
  readonly netDevices: readonly NetDevicePlan[];
  /** Of a joined network namespace; "" for that of the container's process. */
  readonly networkPath: string;
  readonly rdt: RdtPlan | null;
  /** What pocker-init does, in order. */
  readonly steps: readonly Step[];
  readonly hooks: Readonly<Record<RuntimeHookKind, readonly HookPlan[]>>;
  readonly seccomp: SeccompPlan | null;
  /** Of a new time namespace, as /proc/PID/timens_offsets takes them; "" without any. */
  readonly timeOffsets: string;
  /** CPUs that the process is made on, before it is in its cgroup, as words of 64 bits; empty: the caller's. */
  readonly affinity: readonly bigint[];
  readonly terminal: boolean;
  /** No mount namespace of its own: the mounts are on the host and must be undone by delete. */
  readonly hostMounts: boolean;
  readonly warnings: readonly PlanWarning[];
}
