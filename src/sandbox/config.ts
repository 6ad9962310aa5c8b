// The config of a sandbox: it leaves out everything that an untrusted program does not need.
import type { Spec } from '../generated/spec.js';
import type { Mount } from '../plan/spec-types.js';
import type { Limits } from './options.js';
import { profile } from './seccomp.js';

export const workDirectory = '/work';

export interface Shown {
  readonly source: string;
  readonly destination: string;
}

export interface SandboxConfig {
  readonly rootfs: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly limits: Limits;
  /** The host's user that is root in the sandbox: nobody, or an ordinary user. */
  readonly user: { readonly uid: number; readonly gid: number };
  /** Shown read-only, from the host or from the caller's root filesystem. */
  readonly shown: readonly Shown[];
}

const period = 100_000;
const inodesPerMebibyte = 1024;
const smallTmpfs = 65_536;
/** The kernel counts them, and timers, for whoever made the user namespace, too: without them, root on the host can make no timer. */
const pendingSignals = 1024;
/** The recursive ones are for filesystems mounted below a shown directory. */
const shownOptions = ['rbind', 'ro', 'nosuid', 'nodev', 'rro', 'rnosuid', 'rnodev'];

function tmpfs(destination: string, size: number, options: readonly string[]): Mount {
  const inodes = Math.max(1024, Math.ceil((size / 2 ** 20) * inodesPerMebibyte));
  return {
    destination,
    type: 'tmpfs',
    source: 'tmpfs',
    options: ['nosuid', 'nodev', `size=${size}`, `nr_inodes=${inodes}`, ...options],
  };
}

function mountsOf({ shown, limits }: SandboxConfig): Mount[] {
  return [
    ...shown.map((one) => ({ ...one, type: 'bind', options: shownOptions })),
    { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
    { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'noexec', 'mode=755', `size=${smallTmpfs}`] },
    tmpfs('/dev/shm', limits.disk, ['noexec', 'mode=1777']),
    tmpfs('/tmp', limits.disk, ['mode=1777']),
    tmpfs(workDirectory, limits.disk, ['mode=755', 'tmpcopyup']),
  ];
}

const masked = [
  'acpi',
  'asound',
  'kcore',
  'keys',
  'key-users',
  'latency_stats',
  'timer_list',
  'timer_stats',
  'sched_debug',
  'scsi',
];
const readonly = ['bus', 'fs', 'irq', 'sys', 'sysrq-trigger'];

export function sandboxConfig(config: SandboxConfig): Spec {
  const { limits, user, args, env } = config;
  const variables = { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: workDirectory, LANG: 'C.UTF-8', ...env };
  const rlimit = (type: string, value: number) => ({ type, soft: value, hard: value });
  return {
    ociVersion: '1.2.0',
    root: { path: config.rootfs, readonly: true },
    hostname: 'sandbox',
    process: {
      args: [...args],
      cwd: workDirectory,
      env: Object.entries(variables).map(([name, value]) => `${name}=${value}`),
      user: { uid: 0, gid: 0 },
      capabilities: { bounding: [], effective: [], permitted: [], inheritable: [], ambient: [] },
      rlimits: [
        rlimit('RLIMIT_CORE', 0),
        rlimit('RLIMIT_NOFILE', 1024),
        rlimit('RLIMIT_MEMLOCK', smallTmpfs),
        rlimit('RLIMIT_SIGPENDING', pendingSignals),
      ],
      noNewPrivileges: true,
      oomScoreAdj: 1000,
    },
    mounts: mountsOf(config),
    linux: {
      namespaces: (['user', 'pid', 'network', 'ipc', 'uts', 'mount', 'cgroup'] as const).map((type) => ({ type })),
      uidMappings: [{ containerID: 0, hostID: user.uid, size: 1 }],
      gidMappings: [{ containerID: 0, hostID: user.gid, size: 1 }],
      resources: {
        memory: { limit: limits.memory, swap: limits.memory },
        cpu: { period, quota: Math.max(1000, Math.round(limits.cpus * period)) },
        pids: { limit: limits.pids },
        devices: [{ allow: false, access: 'rwm' }],
      },
      seccomp: profile,
      maskedPaths: masked.map((name) => `/proc/${name}`),
      readonlyPaths: readonly.map((name) => `/proc/${name}`),
    },
  };
}
