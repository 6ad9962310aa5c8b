// Namespace types of the config: clone(2) flag, name below /proc/PID/ns.

export interface NamespaceRow {
  readonly flag: number;
  readonly file: string;
}

export const namespaceTypes = {
  cgroup: { flag: 0x0200_0000, file: 'cgroup' },
  ipc: { flag: 0x0800_0000, file: 'ipc' },
  mount: { flag: 0x0002_0000, file: 'mnt' },
  network: { flag: 0x4000_0000, file: 'net' },
  pid: { flag: 0x2000_0000, file: 'pid' },
  time: { flag: 0x0000_0080, file: 'time' },
  user: { flag: 0x1000_0000, file: 'user' },
  uts: { flag: 0x0400_0000, file: 'uts' },
} as const satisfies Record<string, NamespaceRow>;

export type NamespaceType = keyof typeof namespaceTypes;
