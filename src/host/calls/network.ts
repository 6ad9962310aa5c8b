// Network namespaces and devices.

/** `from`, `to`: network namespaces by Host.openNamespace. `newName`: "eth%d" for one that the kernel completes. */
export interface NetDeviceMove {
  readonly from: number;
  readonly to: number;
  readonly name: string;
  readonly newName: string;
}

export interface MovedNetDevice {
  /** Where it is now. */
  readonly name: string;
  readonly wasUp: boolean;
  /** Its permanent global addresses, for configureNetDevice. */
  readonly addresses: Uint8Array;
}

export interface NetworkHost {
  /** Opens a file of /proc/PID/ns, or one that was bound elsewhere. */
  openNamespace(path: string): number;
  /** rtnetlink(7): moves and renames a device, which is down then. EEXIST: `newName` is taken there. */
  moveNetDevice(move: NetDeviceMove): MovedNetDevice;
  /** Gives a device the addresses that it had, and sets it up or down. */
  configureNetDevice(device: {
    readonly network: number;
    readonly name: string;
    readonly addresses: Uint8Array;
    readonly up: boolean;
  }): void;
}
