// Trees of cgroups, however deep and whatever their names, and the device programs of cgroup v2.

export interface CgroupHost {
  /** rmdir(2), deepest first. Not `gone` while a process is in one, or if there were more than could be removed in `ms`. */
  removeCgroup(path: string, ms: number): { readonly gone: boolean; readonly removed: number };
  /** Pids of the processes in them, in no order. */
  cgroupProcesses(path: string): number[];
  /** One write(2) to the file of that name in each of them; skips those that fail. */
  writeCgroups(path: string, file: string, text: string): void;
  /** Loads an eBPF program for device access and attaches it to a cgroup v2 directory (bpf(2)). */
  attachDeviceProgram(cgroup: string, program: Uint8Array): void;
  /** The same, replacing at once the program that attachDeviceProgram attached there. */
  replaceDeviceProgram(cgroup: string, program: Uint8Array): void;
}
