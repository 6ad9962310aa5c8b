// Requests to `criu swrk` and its responses: the messages of criu's rpc.proto, with the fields that we use.
import type { Message, Table } from './wire.js';

const pageServer = { address: { number: 1, kind: 'string' }, port: { number: 2, kind: 'int' } } as const satisfies Table;
const mountMap = { key: { number: 1, kind: 'string' }, val: { number: 2, kind: 'string' } } as const satisfies Table;
const inheritedFd = { key: { number: 1, kind: 'string' }, fd: { number: 2, kind: 'int' } } as const satisfies Table;
const cgroupRoot = { ctrl: { number: 1, kind: 'string' }, path: { number: 2, kind: 'string' } } as const satisfies Table;
const joinNamespace = { ns: { number: 1, kind: 'string' }, nsFile: { number: 2, kind: 'string' } } as const satisfies Table;

const options = {
  imagesDirFd: { number: 1, kind: 'int' },
  pid: { number: 2, kind: 'int' },
  leaveRunning: { number: 3, kind: 'bool' },
  extUnixSk: { number: 4, kind: 'bool' },
  tcpEstablished: { number: 5, kind: 'bool' },
  evasiveDevices: { number: 6, kind: 'bool' },
  shellJob: { number: 7, kind: 'bool' },
  fileLocks: { number: 8, kind: 'bool' },
  logLevel: { number: 9, kind: 'int' },
  logFile: { number: 10, kind: 'string' },
  ps: { number: 11, kind: pageServer },
  notifyScripts: { number: 12, kind: 'bool' },
  root: { number: 13, kind: 'string' },
  parentImg: { number: 14, kind: 'string' },
  trackMem: { number: 15, kind: 'bool' },
  autoDedup: { number: 16, kind: 'bool' },
  workDirFd: { number: 17, kind: 'int' },
  linkRemap: { number: 18, kind: 'bool' },
  extMnt: { number: 23, kind: mountMap, repeated: true },
  manageCgroups: { number: 24, kind: 'bool' },
  cgRoot: { number: 25, kind: cgroupRoot, repeated: true },
  rstSibling: { number: 26, kind: 'bool' },
  inheritFd: { number: 27, kind: inheritedFd, repeated: true },
  manageCgroupsMode: { number: 34, kind: 'int' },
  external: { number: 37, kind: 'string', repeated: true },
  emptyNs: { number: 38, kind: 'int' },
  joinNs: { number: 39, kind: joinNamespace, repeated: true },
  freezeCgroup: { number: 44, kind: 'string' },
  tcpSkipInFlight: { number: 46, kind: 'bool' },
  lazyPages: { number: 48, kind: 'bool' },
  orphanPtsMaster: { number: 50, kind: 'bool' },
  configFile: { number: 51, kind: 'string' },
  tcpClose: { number: 52, kind: 'bool' },
  lsmProfile: { number: 53, kind: 'string' },
  lsmMountContext: { number: 63, kind: 'string' },
  networkLock: { number: 64, kind: 'int' },
} as const satisfies Table;

/** criu_req. */
export const requestTable = {
  type: { number: 1, kind: 'int' },
  opts: { number: 2, kind: options },
  notifySuccess: { number: 3, kind: 'bool' },
} as const satisfies Table;

const notification = { script: { number: 1, kind: 'string' }, pid: { number: 2, kind: 'int' } } as const satisfies Table;

/** criu_resp. */
export const responseTable = {
  type: { number: 1, kind: 'int' },
  success: { number: 2, kind: 'bool' },
  notify: { number: 5, kind: notification },
  errno: { number: 7, kind: 'int' },
  errorMessage: { number: 9, kind: 'string' },
} as const satisfies Table;

export type CriuOptions = Message<typeof options>;
export type CriuRequest = Message<typeof requestTable>;
export type CriuResponse = Message<typeof responseTable>;

/** criu_req_type. */
export const requestTypes = { dump: 1, restore: 2, preDump: 4, notify: 6 } as const;

/** criu_cg_mode, named as in --manage-cgroups-mode; "" is criu's own default. */
export const cgroupModes = { '': 6, ignore: 0, soft: 3, full: 4, strict: 5 } as const;

/** criu_network_lock_method, since criu 3.17; "skip" since 4.0. */
export const networkLocks = { iptables: 1, nftables: 2, skip: 3 } as const;
