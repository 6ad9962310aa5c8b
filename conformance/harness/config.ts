// Builds config.json: the smallest one that runs a busybox program; a case changes only what it is about.
import type { Profile } from './seccomp-profile.js';

export interface Hook {
  path: string;
  args?: string[];
  env?: string[];
  timeout?: number;
}

export type HookKind = 'prestart' | 'createRuntime' | 'createContainer' | 'startContainer' | 'poststart' | 'poststop';

export interface Mount {
  destination: string;
  type?: string;
  source?: string;
  options?: string[];
  uidMappings?: IdMapping[];
  gidMappings?: IdMapping[];
}

export interface IdMapping {
  containerID: number;
  hostID: number;
  size: number;
}

export interface Device {
  path: string;
  type: string;
  major?: number;
  minor?: number;
  fileMode?: number;
  uid?: number;
  gid?: number;
}

export type CapabilitySet = 'bounding' | 'effective' | 'permitted' | 'inheritable' | 'ambient';

export interface Process {
  terminal?: boolean;
  consoleSize?: { height: number; width: number };
  user: { uid: number; gid: number; umask?: number; additionalGids?: number[] };
  args: string[];
  env?: string[];
  cwd: string;
  capabilities?: Partial<Record<CapabilitySet, string[]>>;
  rlimits?: { type: string; soft: number | bigint; hard: number | bigint }[];
  noNewPrivileges?: boolean;
  oomScoreAdj?: number;
  apparmorProfile?: string;
  selinuxLabel?: string;
  scheduler?: {
    policy: string;
    nice?: number;
    priority?: number;
    flags?: string[];
    runtime?: number;
    deadline?: number;
    period?: number;
  };
  ioPriority?: { class: string; priority?: number };
  execCPUAffinity?: { initial?: string; final?: string };
}

export interface Linux {
  namespaces: { type: string; path?: string }[];
  uidMappings?: IdMapping[];
  gidMappings?: IdMapping[];
  timeOffsets?: Record<string, { secs: number; nanosecs?: number }>;
  devices?: Device[];
  cgroupsPath?: string;
  resources?: {
    devices?: { allow: boolean; type?: string; major?: number; minor?: number; access?: string }[];
    memory?: Record<string, number | bigint | boolean>;
    cpu?: Record<string, number | string>;
    pids?: { limit: number };
    unified?: Record<string, string>;
    blockIO?: Record<string, unknown>;
    hugepageLimits?: { pageSize: string; limit: number }[];
    network?: { classID?: number; priorities?: { name: string; priority: number }[] };
    rdma?: Record<string, { hcaHandles?: number; hcaObjects?: number }>;
  };
  seccomp?: Profile;
  rootfsPropagation?: string;
  maskedPaths?: string[];
  readonlyPaths?: string[];
  sysctl?: Record<string, string>;
  netDevices?: Record<string, { name?: string }>;
  intelRdt?: { closID?: string; l3CacheSchema?: string; memBwSchema?: string; schemata?: string[]; enableMonitoring?: boolean };
  personality?: { domain: string; flags?: string[] };
  memoryPolicy?: { mode?: string; nodes?: string; flags?: string[] };
}

export interface Config {
  ociVersion: string;
  root: { path: string; readonly?: boolean };
  process: Process;
  hostname?: string;
  domainname?: string;
  mounts: Mount[];
  hooks?: Partial<Record<HookKind, Hook[]>>;
  annotations?: Record<string, string>;
  linux: Linux;
}

/** The minimum: five new namespaces, /proc and a /dev, and `true` as the program. */
export function minimal(cgroupsPath: string): Config {
  return {
    ociVersion: '1.0.2',
    root: { path: 'rootfs' },
    process: { user: { uid: 0, gid: 0 }, args: ['true'], env: ['PATH=/bin'], cwd: '/' },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755', 'size=64k'] },
    ],
    linux: {
      namespaces: [{ type: 'mount' }, { type: 'pid' }, { type: 'network' }, { type: 'ipc' }, { type: 'uts' }],
      cgroupsPath,
    },
  };
}

/** JSON text with bigints as plain integers, which JSON.stringify cannot write. */
export function toJson(value: unknown): string {
  const text = JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? `#int ${item}#` : item), 2);
  return text.replaceAll(/"#int (-?\d+)#"/g, '$1');
}

/** A `sh -c` program. */
export function shell(script: string): string[] {
  return ['/bin/sh', '-c', script];
}
