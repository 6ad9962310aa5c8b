// Default values of a container record's fields. container.json leaves them out: `ps` reads all records, and takes half the time
// for what is left. A value here must never change: existing records rely on the old one.
import type { ContainerConfig, ContainerRecord, HostConfig } from './container.js';

const usualConfig = {
  Domainname: '',
  User: '',
  Tty: false,
  OpenStdin: false,
  StdinOnce: false,
  Entrypoint: null,
  WorkingDir: '',
  Labels: {},
  StopSignal: 'SIGTERM',
  StopTimeout: 10,
  ExposedPorts: {},
  Volumes: {},
} as const satisfies Partial<ContainerConfig>;

const usualHostConfig = {
  AutoRemove: false,
  Privileged: false,
  ReadonlyRootfs: false,
  Init: false,
  RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
  PublishAllPorts: false,
  PortBindings: {},
  Dns: [],
  DnsSearch: [],
  DnsOptions: [],
  ExtraHosts: [],
  CapAdd: [],
  CapDrop: [],
  SecurityOpt: [],
  GroupAdd: [],
  Devices: [],
  Ulimits: [],
  Sysctls: {},
  ShmSize: 67_108_864,
  OomKillDisable: false,
  OomScoreAdj: 0,
  CgroupParent: '',
  DeviceCgroupRules: [],
  Annotations: {},
  VolumesFrom: [],
  PidMode: '',
  IpcMode: 'private',
  UTSMode: '',
  CgroupnsMode: '',
  UsernsMode: '',
  LogConfig: { Type: 'k8s-file', Config: {} },
  Memory: 0,
  MemorySwap: 0,
  MemoryReservation: 0,
  MemorySwappiness: null,
  NanoCpus: 0,
  CpuShares: 0,
  CpuPeriod: 0,
  CpuQuota: 0,
  CpuRealtimePeriod: 0,
  CpuRealtimeRuntime: 0,
  CpusetCpus: '',
  CpusetMems: '',
  PidsLimit: 0,
  BlkioWeight: 0,
  BlkioWeightDevice: [],
  BlkioDeviceReadBps: [],
  BlkioDeviceWriteBps: [],
  BlkioDeviceReadIOps: [],
  BlkioDeviceWriteIOps: [],
} as const satisfies Partial<HostConfig>;

type Shortened<T, Usual> = Omit<T, keyof Usual> & Partial<T>;

const usual = { mounts: [], networks: {} } as const satisfies Partial<ContainerRecord>;

/** As in container.json. */
export interface StoredRecord extends Shortened<Omit<ContainerRecord, 'config' | 'hostConfig'>, typeof usual> {
  readonly config: Shortened<ContainerConfig, typeof usualConfig>;
  readonly hostConfig: Shortened<HostConfig, typeof usualHostConfig>;
}

/** Assembles the whole config only on demand: a listing needs little of it. */
export function withUsual(stored: StoredRecord): ContainerRecord {
  let config: ContainerConfig | undefined;
  let hostConfig: HostConfig | undefined;
  return {
    ...usual,
    ...stored,
    get config() {
      return (config ??= { ...usualConfig, ...stored.config });
    },
    get hostConfig() {
      return (hostConfig ??= { ...usualHostConfig, ...stored.hostConfig });
    },
  };
}

/** Both are JSON values; `usual` has no more than a few words. */
const isSame = (value: unknown, usual: unknown): boolean =>
  value === usual || (typeof value === 'object' && JSON.stringify(value) === JSON.stringify(usual));

function shortened<T extends object, Usual extends Partial<T>>(whole: T, usual: Usual): Shortened<T, Usual> {
  const usually = new Map<string, unknown>(Object.entries(usual));
  const asked = Object.entries(whole).filter(([name, value]) => !usually.has(name) || !isSame(value, usually.get(name)));
  return Object.fromEntries(asked) as Shortened<T, Usual>;
}

export const withoutUsual = (record: ContainerRecord): StoredRecord => ({
  ...shortened(record, usual),
  config: shortened(record.config, usualConfig),
  hostConfig: shortened(record.hostConfig, usualHostConfig),
});
