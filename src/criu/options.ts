// Turns the flags of `checkpoint` and `restore`, and what is known of the container, into criu's options.
import type { Plan } from '../plan/plan.js';
import type { Spec } from '../plan/spec-types.js';
import { MountBindT } from '../plan/step.js';
import { namespaceTypes } from '../plan/tables/namespaces.js';
import { cgroupModes, networkLocks, type CriuOptions } from './messages.js';
import type { ExternalMount } from './mounts.js';
import { externalFiles, inheritedStdio } from './stdio.js';
import { unsafeAnnotations } from '../plan/tables/annotations.js';

/** Flags of both commands. */
export interface CriuFlags {
  readonly tcpEstablished: boolean;
  readonly tcpClose: boolean;
  readonly extUnixSk: boolean;
  readonly shellJob: boolean;
  readonly fileLocks: boolean;
  readonly autoDedup: boolean;
  readonly lazyPages: boolean;
  readonly cgroupMode: keyof typeof cgroupModes;
  readonly networkLock: keyof typeof networkLocks | null;
}

export interface DumpFlags extends CriuFlags {
  readonly leaveRunning: boolean;
  readonly preDump: boolean;
  readonly tcpSkipInFlight: boolean;
  readonly linkRemap: boolean;
  readonly pageServer: { readonly address: string; readonly port: number } | null;
  /** Relative to the image directory. */
  readonly parentPath: string | null;
}

export interface RestoreFlags extends CriuFlags {
  readonly lsmProfile: string | null;
  readonly lsmMountContext: string | null;
}

/** A running container. */
export interface DumpSubject {
  readonly spec: Spec;
  readonly pid: number;
  readonly rootfs: string;
  readonly external: readonly ExternalMount[];
  readonly descriptors: readonly string[];
  /** A cgroup that belongs to the container alone and can be frozen. */
  readonly freezer: string | null;
  /** "net:[4026531840]", as in /proc/PID/ns/net. */
  readonly namespaceOf: (file: string) => string;
}

const debugLevel = 4;
const newNetwork = namespaceTypes.network.flag;
/** The names of joined namespaces in the images; runc and crun use the same. */
const externalNamespaces = { network: 'extRootNetNS', pid: 'extRootPidNS' } as const;

/** criu's own configuration file, which overrides what we say: that of the annotation, or else the one that engines know. */
function configFile({ annotations }: Spec): string | undefined {
  const named = annotations?.[unsafeAnnotations.criuConfig];
  return named === '' ? undefined : (named ?? '/etc/criu/runc.conf');
}

function joinedPath(spec: Spec, wanted: string): string | undefined {
  const path = (spec.linux?.namespaces ?? []).find(({ type }) => type === wanted)?.path;
  return path === '' ? undefined : path;
}

function optional<K extends keyof CriuOptions>(key: K, value: CriuOptions[K] | null | undefined): CriuOptions {
  return value === null || value === undefined ? {} : { [key]: value };
}

function common(flags: CriuFlags, spec: Spec): CriuOptions {
  return {
    logLevel: debugLevel,
    notifyScripts: true,
    orphanPtsMaster: true,
    manageCgroups: true,
    manageCgroupsMode: cgroupModes[flags.cgroupMode],
    // Whoever made the network namespace restores its devices and addresses, as with runc.
    emptyNs: newNetwork,
    tcpEstablished: flags.tcpEstablished,
    tcpClose: flags.tcpClose,
    extUnixSk: flags.extUnixSk,
    shellJob: flags.shellJob,
    fileLocks: flags.fileLocks,
    autoDedup: flags.autoDedup,
    lazyPages: flags.lazyPages,
    ...optional('networkLock', flags.networkLock === null ? null : networkLocks[flags.networkLock]),
    ...optional('configFile', configFile(spec)),
  };
}

/** Namespaces that the container joined by path: "net[4026531840]:extRootNetNS". */
function dumpedNamespaces({ spec, namespaceOf }: DumpSubject): string[] {
  return (['network', 'pid'] as const)
    .filter((type) => joinedPath(spec, type) !== undefined)
    .map((type) => `${namespaceOf(namespaceTypes[type].file).replace(':', '')}:${externalNamespaces[type]}`);
}

/** For DUMP; PRE_DUMP gets fewer of them, because it looks only at memory. */
export function dumpOptions(flags: DumpFlags, subject: DumpSubject): CriuOptions {
  const { spec, pid, rootfs, external, descriptors, freezer } = subject;
  return {
    ...common(flags, spec),
    logFile: 'dump.log',
    pid,
    root: rootfs,
    leaveRunning: flags.leaveRunning,
    tcpSkipInFlight: flags.tcpSkipInFlight,
    linkRemap: flags.linkRemap,
    ...optional('ps', flags.pageServer),
    ...optional('freezeCgroup', freezer),
    ...(flags.parentPath === null ? {} : { parentImg: flags.parentPath }),
    ...(flags.preDump || flags.parentPath !== null ? { trackMem: true } : {}),
    external: [...dumpedNamespaces(subject), ...(flags.preDump ? [] : externalFiles(descriptors))],
    extMnt: flags.preDump ? [] : external.map(([key, val]) => ({ key, val })),
  };
}

/** What a restore needs besides the flags. */
export interface RestoreSubject {
  readonly spec: Spec;
  readonly plan: Plan;
  readonly descriptors: readonly string[];
  readonly external: readonly ExternalSource[];
  /** In criu, the descriptors of joined namespaces. */
  readonly namespaceFds: Readonly<Partial<Record<keyof typeof externalNamespaces, number>>>;
}

/** A name in the images, and the host path that replaces it. */
export type ExternalSource = readonly [name: string, source: string];

/** Bind mounts, bound cgroups, and device nodes, including /dev/null, which also masks files. */
export function externalSources(plan: Plan, spec: Spec, resolve: (path: string) => string): ExternalSource[] {
  const binds = plan.steps.map(({ operation }) => operation).filter((operation) => operation instanceof MountBindT);
  const sources = binds.map(({ target, source }) => [resolve(String(target)), String(source)] as const);
  const nodes = ['null', 'zero', 'full', 'tty', 'random', 'urandom'].map((name) => `/dev/${name}`);
  const devices = [...nodes, ...(spec.linux?.devices ?? []).map(({ path }) => path)].map((path) => [path, path] as const);
  return [...sources, ...devices];
}

/** Paths of namespaces that criu itself joins; it wants the network and pid namespaces as descriptors. */
function namespacesToJoin(spec: Spec): { ns: string; nsFile: string }[] {
  return (['ipc', 'uts', 'time', 'user'] as const).flatMap((type) => {
    const path = joinedPath(spec, type);
    return path === undefined ? [] : [{ ns: namespaceTypes[type].file, nsFile: path }];
  });
}

/** v2: one cgroup for all controllers; v1: one for each hierarchy. Paths are relative to the hierarchy's root. */
function cgroupRoots({ cgroup }: Plan): { ctrl?: string; path: string }[] {
  return cgroup.directories.map(({ controller, mount, path }) => {
    return { ...(controller === '' ? {} : { ctrl: controller }), path: path.slice(mount.length) };
  });
}

export function restoreOptions(flags: RestoreFlags, subject: RestoreSubject): CriuOptions {
  const { spec, plan, descriptors, external, namespaceFds } = subject;
  const namespaces = (['network', 'pid'] as const).flatMap((type) => {
    const fd = namespaceFds[type];
    return fd === undefined ? [] : [{ key: externalNamespaces[type], fd }];
  });
  return {
    ...common(flags, spec),
    logFile: 'restore.log',
    root: plan.rootfs,
    // It becomes our child, not criu's: we wait for it, or leave it to whoever reaps our children.
    rstSibling: true,
    evasiveDevices: true,
    ...optional('lsmProfile', flags.lsmProfile),
    ...optional('lsmMountContext', flags.lsmMountContext),
    extMnt: external.map(([key, val]) => ({ key, val })),
    inheritFd: [...namespaces, ...inheritedStdio(descriptors)],
    joinNs: namespacesToJoin(spec),
    cgRoot: flags.cgroupMode === 'ignore' ? [] : cgroupRoots(plan),
  };
}

/** Namespaces whose files are passed to criu as descriptors, in this order. */
export function namespaceFiles(spec: Spec): { type: keyof typeof externalNamespaces; path: string }[] {
  return (['network', 'pid'] as const).flatMap((type) => {
    const path = joinedPath(spec, type);
    return path === undefined ? [] : [{ type, path }];
  });
}
