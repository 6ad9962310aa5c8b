// The flags of `checkpoint` and `restore`, and what is known of the container, as the options that criu takes.
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

/** Of a running container. */
export interface DumpSubject {
  readonly spec: Spec;
  readonly pid: number;
  readonly rootfs: string;
  readonly external: readonly ExternalMount[];
  readonly descriptors: readonly string[];
  /** A cgroup that is the container's alone and can be frozen. */
  readonly freezer: string | null;
  /** "net:[4026531840]", as /proc/PID/ns/net says it. */
  readonly namespaceOf: (file: string) => string;
}

const debugLevel = 4;
const newNetwork = namespaceTypes.network.flag;
/** The names of joined namespaces in the images, which are runc's and crun's, too. */
const externalNamespaces = { network: 'extRootNetNS', pid: 'extRootPidNS' } as const;

/** criu's own configuration, which overrules what we say: that of the annotation, else the one that engines know. */
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
    // Network devices and their addresses are for whoever made the network namespace to restore, as with runc.
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

/** Namespaces that the container has joined by path: "net[4026531840]:extRootNetNS". */
function dumpedNamespaces({ spec, namespaceOf }: DumpSubject): string[] {
  return (['network', 'pid'] as const)
    .filter((type) => joinedPath(spec, type) !== undefined)
    .map((type) => `${namespaceOf(namespaceTypes[type].file).replace(':', '')}:${externalNamespaces[type]}`);
}

/** For DUMP, and with fewer of them for PRE_DUMP, which looks at memory alone. */
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

/** What a restore has besides the flags. */
export interface RestoreSubject {
  readonly spec: Spec;
  readonly plan: Plan;
  readonly descriptors: readonly string[];
  readonly external: readonly ExternalSource[];
  /** The descriptor, in criu, of a joined namespace. */
  readonly namespaceFds: Readonly<Partial<Record<keyof typeof externalNamespaces, number>>>;
}

/** A name in the images, and the host's path that takes its place. */
export type ExternalSource = readonly [name: string, source: string];

/** Bind mounts, the cgroups that are bound, and device nodes, of which /dev/null is what masks a file, too. */
export function externalSources(plan: Plan, spec: Spec, resolve: (path: string) => string): ExternalSource[] {
  const binds = plan.steps.map(({ operation }) => operation).filter((operation) => operation instanceof MountBindT);
  const sources = binds.map(({ target, source }) => [resolve(String(target)), String(source)] as const);
  const nodes = ['null', 'zero', 'full', 'tty', 'random', 'urandom'].map((name) => `/dev/${name}`);
  const devices = [...nodes, ...(spec.linux?.devices ?? []).map(({ path }) => path)].map((path) => [path, path] as const);
  return [...sources, ...devices];
}

/** Paths by which criu itself joins; the network and pid namespaces it wants as descriptors. */
function namespacesToJoin(spec: Spec): { ns: string; nsFile: string }[] {
  return (['ipc', 'uts', 'time', 'user'] as const).flatMap((type) => {
    const path = joinedPath(spec, type);
    return path === undefined ? [] : [{ ns: namespaceTypes[type].file, nsFile: path }];
  });
}

/** v2: the one cgroup for all controllers; v1: one for each hierarchy. Paths from the hierarchy's root. */
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
    // A child of ours, not criu's: it is waited for, or left to whoever reaps our children.
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

/** Namespaces whose files criu gets as descriptors, in this order. */
export function namespaceFiles(spec: Spec): { type: keyof typeof externalNamespaces; path: string }[] {
  return (['network', 'pid'] as const).flatMap((type) => {
    const path = joinedPath(spec, type);
    return path === undefined ? [] : [{ type, path }];
  });
}
