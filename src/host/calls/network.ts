// Network namespaces and devices.

/** `from`, `to`: network namespaces from Host.openNamespace. `newName`: with "eth%d", the kernel chooses the number. */
export interface NetDeviceMove {
  readonly from: number;
  readonly to: number;
  readonly name: string;
  readonly newName: string;
}

export interface MovedNetDevice {
  /** Its name now. */
  readonly name: string;
  readonly wasUp: boolean;
  /** Its permanent global addresses, to pass to configureNetDevice. */
  readonly addresses: Uint8Array;
}

export interface NetworkHost {
  /** Opens a file of /proc/PID/ns, or one that is bound elsewhere. */
  openNamespace(path: string): number;
  /** rtnetlink(7): moves and renames a device, which is then down. EEXIST: `newName` is taken there. */
  moveNetDevice(move: NetDeviceMove): MovedNetDevice;
  /** Gives a device its former addresses, and sets it up or down. */
  configureNetDevice(device: {
    readonly network: number;
    readonly name: string;
    readonly addresses: Uint8Array;
    readonly up: boolean;
  }): void;
}
