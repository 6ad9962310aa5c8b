// What resolve() may know about this machine. facts.ts finds it out.
/** A mounted hierarchy of cgroup v1. */
export interface CgroupHierarchy {
  /** "memory"; "cpu", "cpuacct" if mounted together; a named one is "name=systemd". */
  readonly controllers: readonly string[];
  /** Mount point: "/sys/fs/cgroup/memory". */
  readonly mount: string;
  /** Our own cgroup in it, relative to its root: "/user.slice". */
  readonly own: string;
}

export interface CgroupFacts {
  /** hybrid: v1 hierarchies with controllers, and a v2 one without. none: no cgroups. */
  readonly layout: 'v1' | 'hybrid' | 'v2' | 'none';
  readonly hierarchies: readonly CgroupHierarchy[];
  /** The v2 hierarchy: "/sys/fs/cgroup", or "/sys/fs/cgroup/unified" on a hybrid machine. */
  readonly unified: { readonly mount: string; readonly own: string } | null;
}

export interface SystemdFacts {
  /** Whether systemd is process 1 of this machine (sd_booted(3)). */
  readonly running: boolean;
  /** Where the cgroups of its units are, relative to the hierarchy's root: "", or perhaps "/machine.slice/x" in a container. */
  readonly cgroup: string;
  /** The same for our user's own manager: "/user.slice/user-1000.slice/user@1000.service". */
  readonly userCgroup: string;
  /** Whether we run below that cgroup. */
  readonly ofUser: boolean;
}

/** What resolve() may know about this machine. Facts that cost system calls are getters. */
export interface HostFacts {
  readonly euid: number;
  readonly egid: number;
  readonly cgroup: CgroupFacts;
  readonly systemd: SystemdFacts;
  /** Whether we are in a user namespace other than the machine's initial one: mknod(2) fails there. */
  readonly inUserNamespace: boolean;
  /** Whether SELinux is there to take labels. */
  readonly selinux: boolean;
  /** Where AppArmor takes labels: "/proc/self/attr/apparmor" (Linux 5.8) or "/proc/self/attr"; "" if there is no AppArmor. */
  readonly apparmor: string;
  /** Where resctrl is mounted, "" if it is not. */
  readonly resctrl: string;
  /** Whether the kernel shows its memory as /proc/kcore. */
  readonly kcore: boolean;
  /** Whether we may create something in that directory. */
  mayWrite(path: string): boolean;
  /** Whether the namespace file (in /proc/PID/ns, or bound elsewhere) is our own namespace of that name, e.g. "net". */
  isOwnNamespace(path: string, name: string): boolean;
}
