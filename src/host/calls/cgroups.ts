// Trees of cgroups, however deep and of whatever names, and the device programs of cgroup v2.

export interface CgroupHost {
  /** rmdir(2) from the deepest on; not `gone` while somebody is in one, or when there were more than could be removed in `ms`. */
  removeCgroup(path: string, ms: number): { readonly gone: boolean; readonly removed: number };
  /** Pids of who is in them, in no order. */
  cgroupProcesses(path: string): number[];
  /** One write(2) to the file of that name in each; one that fails is passed over. */
  writeCgroups(path: string, file: string, text: string): void;
  /** Loads an eBPF program for device access and attaches it to a cgroup v2 directory (bpf(2)). */
  attachDeviceProgram(cgroup: string, program: Uint8Array): void;
  /** The same instead of the one that attachDeviceProgram attached there, at once. */
  replaceDeviceProgram(cgroup: string, program: Uint8Array): void;
}
