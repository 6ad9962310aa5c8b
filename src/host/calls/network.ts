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

/** Two connected devices: one joins a bridge here, the other is inside another namespace. */
export interface Veth {
  /** From Host.openNamespace. */
  readonly network: number;
  readonly bridge: string;
  /** Its name here. */
  readonly hostName: string;
  /** Its name inside, its hardware address and its IPv4 address. */
  readonly name: string;
  readonly mac: string;
  readonly address: string;
  readonly prefix: number;
  /** Where the default route leads; "": none. */
  readonly gateway: string;
}

export interface NetworkHost {
  /** Makes a network namespace and binds it to a file, which is made if it is missing; its loopback device is up. */
  makeNetworkNamespace(path: string): void;
  /** Makes a bridge with an IPv4 address; false if there is a device of that name. */
  makeBridge(name: string, address: string, prefix: number): boolean;
  makeVeth(veth: Veth): void;
  /** False if there is none. */
  removeNetDevice(name: string): boolean;
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
