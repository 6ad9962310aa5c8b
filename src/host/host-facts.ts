// What resolve() may know of this machine; facts.ts finds it out.
/** A mounted hierarchy of cgroup v1. */
export interface CgroupHierarchy {
  /** "memory"; "cpu", "cpuacct" when mounted together; a named one is "name=systemd". */
  readonly controllers: readonly string[];
  /** Mount point: "/sys/fs/cgroup/memory". */
  readonly mount: string;
  /** Our own cgroup in it, from its root: "/user.slice". */
  readonly own: string;
}

export interface CgroupFacts {
  /** hybrid: v1 hierarchies with controllers and a v2 one without. none: there are no cgroups. */
  readonly layout: 'v1' | 'hybrid' | 'v2' | 'none';
  readonly hierarchies: readonly CgroupHierarchy[];
  /** The v2 hierarchy: "/sys/fs/cgroup", on a hybrid machine "/sys/fs/cgroup/unified". */
  readonly unified: { readonly mount: string; readonly own: string } | null;
}

export interface SystemdFacts {
  /** Whether it is process 1 of this machine (sd_booted(3)). */
  readonly running: boolean;
  /** Where its units' cgroups are, from the root of the hierarchy: "", in a container perhaps "/machine.slice/x". */
  readonly cgroup: string;
  /** The same of our user's own manager: "/user.slice/user-1000.slice/user@1000.service". */
  readonly userCgroup: string;
  /** Whether we run below that one. */
  readonly ofUser: boolean;
}

/** What resolve() may know of this machine. What costs system calls is a getter. */
export interface HostFacts {
  readonly euid: number;
  readonly egid: number;
  readonly cgroup: CgroupFacts;
  readonly systemd: SystemdFacts;
  /** Whether we are in a user namespace other than the machine's first: mknod(2) is refused there. */
  readonly inUserNamespace: boolean;
  /** Whether SELinux is there to take labels. */
  readonly selinux: boolean;
  /** Where AppArmor takes labels: "/proc/self/attr/apparmor" (Linux 5.8) or "/proc/self/attr"; "" when it is not there. */
  readonly apparmor: string;
  /** Where resctrl is mounted, "" if it is not. */
  readonly resctrl: string;
  /** Whether the kernel shows its memory as /proc/kcore. */
  readonly kcore: boolean;
  /** Whether we may make something in that directory. */
  mayWrite(path: string): boolean;
  /** Whether the namespace file (of /proc/PID/ns or bound elsewhere) is our own namespace of that name: "net". */
  isOwnNamespace(path: string, name: string): boolean;
}
