// Mounts in this process's own mount namespace.

/** mount(2). `flags`: MS_*. */
export interface Mount {
  readonly source: string;
  readonly target: string;
  readonly type: string;
  readonly flags: number;
  readonly data: string;
}

export interface MountHost {
  mount(mount: Mount): void;
  /** Detaches the mount at path (MNT_DETACH). */
  unmount(path: string): void;
}
