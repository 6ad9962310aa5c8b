// What is stored of a container: container.json, written by create, rename and update, and state.json, written at every start and
// end. Both use docker's field names, so that `inspect` shows them as they are. container.json leaves out fields with their
// default value (container-defaults.ts).

/** docker's Config: the inside of the container. */
export interface ContainerConfig {
  readonly Hostname: string;
  readonly Domainname: string;
  readonly User: string;
  readonly Tty: boolean;
  readonly OpenStdin: boolean;
  /** Its standard input closes when the first client leaves. */
  readonly StdinOnce: boolean;
  readonly Env: readonly string[];
  readonly Cmd: readonly string[];
  readonly Entrypoint: readonly string[] | null;
  readonly Image: string;
  readonly WorkingDir: string;
  readonly Labels: Readonly<Record<string, string>>;
  readonly StopSignal: string;
  /** Seconds. */
  readonly StopTimeout: number;
  /** "80/tcp" */
  readonly ExposedPorts: Readonly<Record<string, object>>;
  /** Paths in the image that get anonymous volumes. */
  readonly Volumes: Readonly<Record<string, object>>;
  readonly Healthcheck?: Healthcheck;
}

/** Durations in nanoseconds, as in docker. */
export interface Healthcheck {
  /** ["NONE"], ["CMD", …], ["CMD-SHELL", text] */
  readonly Test: readonly string[];
  readonly Interval: number;
  readonly Timeout: number;
  readonly StartPeriod: number;
  readonly Retries: number;
}

export interface PortBinding {
  readonly HostIp: string;
  /** "" until the container runs, for a port that the engine chooses. */
  readonly HostPort: string;
}

export interface RestartPolicy {
  readonly Name: 'no' | 'always' | 'on-failure' | 'unless-stopped';
  readonly MaximumRetryCount: number;
}

export interface MountPoint {
  readonly Type: 'bind' | 'volume' | 'tmpfs';
  /** Of a volume. */
  readonly Name?: string;
  /** On the host; "" for tmpfs. */
  readonly Source: string;
  readonly Destination: string;
  readonly RW: boolean;
  /** Mount options besides ro and rw: "rshared", "size=64m". */
  readonly Options: readonly string[];
  /** An anonymous volume goes with its container. */
  readonly Anonymous?: boolean;
}

export interface DeviceRate {
  readonly Path: string;
  readonly Rate: number;
}

/** docker's HostConfig: what it gets from the host. 0 and "": unlimited, unset. */
export interface HostConfig {
  readonly AutoRemove: boolean;
  readonly Privileged: boolean;
  readonly ReadonlyRootfs: boolean;
  readonly Init: boolean;
  readonly RestartPolicy: RestartPolicy;
  /** "bridge", "none", "host", "container:ID", or the name of a network. */
  readonly NetworkMode: string;
  readonly PortBindings: Readonly<Record<string, readonly PortBinding[]>>;
  readonly PublishAllPorts: boolean;
  readonly Dns: readonly string[];
  readonly DnsSearch: readonly string[];
  readonly DnsOptions: readonly string[];
  /** "name:address" */
  readonly ExtraHosts: readonly string[];
  readonly CapAdd: readonly string[];
  readonly CapDrop: readonly string[];
  readonly SecurityOpt: readonly string[];
  readonly GroupAdd: readonly string[];
  readonly Devices: readonly {
    readonly PathOnHost: string;
    readonly PathInContainer: string;
    readonly CgroupPermissions: string;
  }[];
  readonly Ulimits: readonly { readonly Name: string; readonly Soft: number; readonly Hard: number }[];
  readonly Sysctls: Readonly<Record<string, string>>;
  readonly ShmSize: number;
  readonly Memory: number;
  readonly MemorySwap: number;
  readonly MemoryReservation: number;
  readonly NanoCpus: number;
  readonly CpuShares: number;
  readonly CpusetCpus: string;
  readonly PidsLimit: number;
  readonly OomKillDisable: boolean;
  readonly UsernsMode: string;
  readonly OomScoreAdj: number;
  /** "": the engine chooses. */
  readonly CgroupParent: string;
  /** "", "host", "container:NAME" */
  readonly PidMode: string;
  /** "private", "none", "host" */
  readonly IpcMode: string;
  readonly UTSMode: string;
  readonly CgroupnsMode: string;
  /** "c 42:* rwm" */
  readonly DeviceCgroupRules: readonly string[];
  readonly Annotations: Readonly<Record<string, string>>;
  readonly VolumesFrom: readonly string[];
  readonly MemorySwappiness: number | null;
  readonly CpuPeriod: number;
  readonly CpuQuota: number;
  readonly CpuRealtimePeriod: number;
  readonly CpuRealtimeRuntime: number;
  readonly CpusetMems: string;
  readonly BlkioWeight: number;
  readonly BlkioWeightDevice: readonly { readonly Path: string; readonly Weight: number }[];
  readonly BlkioDeviceReadBps: readonly DeviceRate[];
  readonly BlkioDeviceWriteBps: readonly DeviceRate[];
  readonly BlkioDeviceReadIOps: readonly DeviceRate[];
  readonly BlkioDeviceWriteIOps: readonly DeviceRate[];
  /** Whatever its name, conmon writes the log, in its own form. */
  readonly LogConfig: {
    readonly Type: 'k8s-file' | 'json-file' | 'local' | 'none';
    readonly Config: Readonly<Record<string, string>>;
  };
}

export interface Endpoint {
  readonly Aliases: readonly string[];
  /** Requested; "" for one that the engine chooses. */
  readonly IPAddress: string;
  /** Requested. */
  readonly MacAddress?: string;
}

export interface ContainerRecord {
  readonly version: 1;
  /** 64 hexadecimal digits. */
  readonly id: string;
  readonly name: string;
  /** ISO 8601. */
  readonly created: string;
  /** Id of the image: "sha256:…". */
  readonly image: string;
  readonly path: string;
  readonly args: readonly string[];
  readonly config: ContainerConfig;
  readonly hostConfig: HostConfig;
  readonly mounts: readonly MountPoint[];
  /** Its networks by name, in the order given; none for host, none and container:. */
  readonly networks: Readonly<Record<string, Endpoint>>;
}

export interface HealthState {
  readonly Status: 'starting' | 'healthy' | 'unhealthy';
  readonly FailingStreak: number;
  /** The last five. */
  readonly Log: readonly { readonly Start: string; readonly End: string; readonly ExitCode: number; readonly Output: string }[];
}

/** A container's addresses on one network, as docker inspect shows them. */
export interface EndpointSettings {
  readonly NetworkID: string;
  readonly Gateway: string;
  readonly IPAddress: string;
  readonly IPPrefixLen: number;
  readonly MacAddress: string;
  readonly Aliases: readonly string[];
}

export interface ContainerState {
  readonly version: 1;
  readonly status: 'created' | 'running' | 'paused' | 'restarting' | 'exited' | 'removing';
  /** 0: not running. */
  readonly pid: number;
  /** Start time of that process, in clock ticks since boot (proc_pid_stat(5)), and its boot: a pid alone may be another's. */
  readonly startTime: number;
  readonly bootId: string;
  readonly exitCode: number;
  readonly oomKilled: boolean;
  readonly error: string;
  /** ISO 8601; "0001-01-01T00:00:00Z" for never, as in docker. */
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly restartCount: number;
  /** How long to wait before the next start; grows until the container has run for a while. */
  readonly backOffMs?: number;
  /** The user stopped it: `unless-stopped` and `always` do not restart it. */
  readonly stopRequested: boolean;
  /** `restart` ends it and starts it again: until then it stays in spite of --rm. */
  readonly restarts?: boolean;
  readonly endpoints: Readonly<Record<string, EndpointSettings>>;
  /** Published ports as they are now: "80/tcp" → bindings. */
  readonly ports: Readonly<Record<string, readonly PortBinding[]>>;
  readonly health?: HealthState;
}

export const never = '0001-01-01T00:00:00Z';

export const firstState: ContainerState = {
  version: 1,
  status: 'created',
  pid: 0,
  startTime: 0,
  bootId: '',
  exitCode: 0,
  oomKilled: false,
  error: '',
  startedAt: never,
  finishedAt: never,
  restartCount: 0,
  stopRequested: false,
  endpoints: {},
  ports: {},
};
