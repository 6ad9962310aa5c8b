// What a bundle resolves to: one complete, immutable Plan. It is carried out without looking at config.json again.
import type { CgroupFacts } from '../host/host-facts.js';
import type { SeccompFilter } from '../host/host.js';
import type { Step } from './step.js';

/** What the command line adds to a bundle. */
export interface PlanOptions {
  readonly id: string;
  /** Absolute path of the bundle. */
  readonly bundle: string;
  readonly cgroupManager: 'cgroupfs' | 'systemd' | 'disabled';
  /** Not root on this machine: leaves out cgroups that we may not make. */
  readonly rootless: boolean;
  readonly noPivot: boolean;
  readonly noNewKeyring: boolean;
  /** How many descriptors after 2 the program keeps. */
  readonly preserveFds: number;
  /** How many of them, from the first, are sockets from systemd (sd_listen_fds(3)). */
  readonly listenFds: number;
  /** Whether a console socket was given. */
  readonly consoleSocket: boolean;
}

export interface IdMapping {
  readonly containerID: number;
  readonly hostID: number;
  readonly size: number;
}

/** The id maps of a new user namespace; `byHelper`: newuidmap(1) and newgidmap(1) must write them. */
export interface UserNamespacePlan {
  readonly uidMappings: readonly IdMapping[];
  readonly gidMappings: readonly IdMapping[];
  readonly byHelper: boolean;
  /** Write "deny" to /proc/PID/setgroups, as an unprivileged gid map requires. */
  readonly denySetgroups: boolean;
}

/** One write to a cgroup file. */
export interface CgroupFile {
  readonly file: string;
  readonly value: string;
  readonly pointer: string;
  /** It is not an error if the kernel does not have the file (ENOENT). */
  readonly optional?: boolean;
  /** What to write instead if `file` does not exist. */
  readonly otherwise?: { readonly file: string; readonly value: string };
}

/** One rule on device nodes. */
export interface DeviceRule {
  readonly allow: boolean;
  /** a: both kinds, with any numbers. */
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
  /** Where the hierarchy is mounted. Missing parents between it and `path` are made, but never removed. */
  readonly mount: string;
  readonly path: string;
  /** v1 cpuset: files to copy from the parent, from `mount` downwards, where they are empty. */
  readonly inherit: readonly string[];
  /** v2: controllers ("+memory") for cgroup.subtree_control of `mount` and of all parents of `path`, as far as each has them. */
  readonly enable: readonly string[];
  /** Written in this order, after `inherit`, before the container's process is attached. */
  readonly files: readonly CgroupFile[];
  /** v2: the rules of its device program, in order; empty if devices are not restricted. */
  readonly devices: readonly DeviceRule[];
  /** systemd makes it for the unit. */
  readonly managed: boolean;
}

/** A property of a unit as in D-Bus: the words of its value as in busctl(1); an array begins with its length. */
export interface UnitProperty {
  readonly name: string;
  readonly signature: string;
  readonly words: readonly string[];
  /** The first version of systemd that has it; older ones do not get it. */
  readonly since?: number;
}

/** A transient scope, whose cgroups systemd makes. */
export interface UnitPlan {
  /** The machine's manager, or the user's own. */
  readonly manager: 'system' | 'user';
  readonly name: string;
  /** Path of its cgroup, from the root of the hierarchy. */
  readonly path: string;
  /** All except PIDs. */
  readonly properties: readonly UnitProperty[];
}

export interface CgroupPlan {
  readonly layout: CgroupFacts['layout'];
  readonly directories: readonly CgroupDirectory[];
  /** The v2 directory to be born in (CLONE_INTO_CGROUP), or "". */
  readonly intoCgroup: string;
  /** Directories of v1, which the process itself joins first of all. */
  readonly v1Cgroups: readonly string[];
  /** With the systemd cgroup manager, the process is born outside, and waits until it has been moved inside. */
  readonly unit: UnitPlan | null;
  /** v2: the host uid that gets the directory and the files of /sys/kernel/cgroup/delegate, or null. */
  readonly owner: number | null;
  /** The config does not ask for a cgroup and we may not be allowed to make one, so a failure is only a warning. */
  readonly optional: boolean;
}

/** linux.seccomp: compiles to the program that encode() puts into the Seccomp step. */
export interface SeccompPlan {
  readonly filter: SeccompFilter;
  /** ENOSYS for system calls newer than all that the filter names. */
  readonly refuseNewer: boolean;
  /** Names, by their index in /linux/seccomp/syscalls/INDEX/names, that libseccomp must know. */
  readonly mustKnow: readonly (readonly string[])[];
  readonly listener: SeccompListener | null;
}

/** Where the notify fd goes. */
export interface SeccompListener {
  readonly path: string;
  readonly metadata: string;
}

/** A network device of the runtime that moves into the container. */
export interface NetDevicePlan {
  readonly name: string;
  /** Its name in the container; with "eth%d", the kernel chooses the number. */
  readonly newName: string;
  readonly pointer: string;
}

/** The container's group in resctrl, the kernel's interface to Intel RDT. */
export interface RdtPlan {
  /** The control group's directory; resctrl's root for closID "/". */
  readonly directory: string;
  /** Make it if it does not exist; otherwise that is an error. */
  readonly make: boolean;
  /** Whether to remove it with the container for which it was made. */
  readonly remove: boolean;
  /** Lines for its file "schemata". Existing content must agree with `l3CacheSchema` and `memBwSchema`. */
  readonly schemata: readonly { readonly line: string; readonly compared: boolean; readonly pointer: string }[];
  /** Directory of the container's monitoring group, or "". */
  readonly monitoring: string;
  /** Where resctrl is mounted. */
  readonly root: string;
}

/** A hook that the runtime itself runs, outside of the container. */
export interface HookPlan {
  readonly path: string;
  /** Including argv[0]. */
  readonly args: readonly string[];
  /** null: the environment of whoever runs it. */
  readonly env: readonly string[] | null;
  /** 0: no limit. */
  readonly timeoutMs: number;
  readonly pointer: string;
}

export type RuntimeHookKind = 'prestart' | 'createRuntime' | 'poststart' | 'poststop';

export interface PlanWarning {
  readonly pointer: string;
  readonly text: string;
  /** Everything was done all the same, so --strict ignores it. */
  readonly advice?: boolean;
}

export interface Plan {
  readonly id: string;
  readonly bundle: string;
  /** Absolute. */
  readonly rootfs: string;
  readonly ociVersion: string;
  /** Whether the config has a process. Without one, a container can be created but not started. */
  readonly hasProcess: boolean;
  /** Other processes of the machine are in its pid namespace. */
  readonly sharesPids: boolean;
  readonly annotations: Readonly<Record<string, string>>;
  /** CLONE_NEW* flags for clone3(2), all at once. */
  readonly cloneFlags: number;
  /** Namespaces are joined first; then a process is forked, which becomes the container's. */
  readonly forks: boolean;
  readonly userNamespace: UserNamespacePlan | null;
  readonly cgroup: CgroupPlan;
  readonly netDevices: readonly NetDevicePlan[];
  /** Path of a joined network namespace; "" for that of the container's process. */
  readonly networkPath: string;
  readonly rdt: RdtPlan | null;
  /** What pocker-init does, in order. */
  readonly steps: readonly Step[];
  readonly hooks: Readonly<Record<RuntimeHookKind, readonly HookPlan[]>>;
  readonly seccomp: SeccompPlan | null;
  /** Offsets of a new time namespace, in the format of /proc/PID/timens_offsets; "" if there are none. */
  readonly timeOffsets: string;
  /** CPUs that the process is born on, before it is in its cgroup, as 64-bit words; empty: the caller's. */
  readonly affinity: readonly bigint[];
  readonly terminal: boolean;
  /** It has no mount namespace of its own: the mounts are on the host, and delete must undo them. */
  readonly hostMounts: boolean;
  readonly warnings: readonly PlanWarning[];
}
