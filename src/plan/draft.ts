// A plan in the making: planners add their steps to phases, whose order is decided here, once.
import { PockerError } from '../errors.js';
import type { HostFacts } from '../host/host-facts.js';
import type {
  CgroupPlan,
  HookPlan,
  NetDevicePlan,
  PlanOptions,
  PlanWarning,
  RdtPlan,
  RuntimeHookKind,
  SeccompPlan,
  UserNamespacePlan,
} from './plan.js';
import type { Spec } from './spec-types.js';
import { step, type StepOperation } from './step.js';
import type { Step } from './step.js';
import type { NamespaceType } from './tables/namespaces.js';

export interface NamespaceEntry {
  readonly type: NamespaceType;
  /** Path of the namespace to join; "" for a new one. */
  readonly path: string;
  readonly pointer: string;
}

/** linux.namespaces. */
export interface Namespaces {
  /** Whether it is not the runtime's own, but new or joined. */
  has(type: NamespaceType): boolean;
  isNew(type: NamespaceType): boolean;
  /** The entry of a namespace that is joined by path. */
  joined(type: NamespaceType): NamespaceEntry | undefined;
  /** CLONE_NEW* flags of all new namespaces that clone3(2) can make at once. */
  readonly cloneFlags: number;
  /** Whether a second clone must make them: pid namespaces hold only children, and a user namespace must be mapped first. */
  readonly fork: boolean;
}

/** What init does, in this order. Within a phase, steps keep the order in which they were added. */
export const phases = [
  'host', // needs the runtime's own privileges
  'enter', // namespaces are joined, forked into, mapped
  'session', // time namespace, setsid, keyring
  'root', // the tree's propagation, the root as a mount of its own
  'mounts',
  'cgroup', // the cgroup namespace, unless a cgroup mount has already asked for it
  'devices',
  'hooks', // prestart, createRuntime (by the runtime), createContainer
  'jail', // leaves the old root
  'terminal',
  'finish', // makes read-only what had to be writable until here
  'kernel', // sysctls and names
  'paths', // read-only and masked paths
  'propagation', // of the root, which afterwards cannot be mounted on or bound from as before
  'limits', // scheduling, resource limits
  'bounding', // capabilities that nothing may ever gain
  'user', // umask, ids, working directory
  'program', // found, and labels prepared, before create returns
  'notify', // seccomp with an agent, which is told before create returns
  'park', // created, and waiting for start
  'report', // from here on, init may be unable to send anything
  'start', // startContainer hooks
  'label', // for the program alone
  'filter', // seccomp, if it needs the capabilities that go next
  'capabilities',
  'unprivilegedFilter', // seccomp, if no_new_privs allows it without them
  'exec',
] as const;

export type Phase = (typeof phases)[number];

/**
 * The source of a mount: a path in the runtime's mount namespace. `idMap`: the slot of its id maps, or -1. `slave`, `propagation`:
 * what its clone becomes to the host's mount, by MS_*; with neither, it stays a peer.
 */
export interface MountSource {
  readonly path: string;
  readonly recursive: boolean;
  readonly idMap: number;
  readonly idMapRecursive: boolean;
  readonly slave: boolean;
  readonly propagation: number;
  /** If it is a link, bind the link itself. */
  readonly nofollow: boolean;
  /** It may be missing until its turn. */
  readonly deferred: boolean;
  readonly pointer: string;
}

/** The path of a user namespace; or the content of uid_map and gid_map for a new one. */
export interface IdMapSource {
  readonly path: string;
  readonly uidMap: string;
  readonly gidMap: string;
  readonly pointer: string;
}

/** A device with the ids that it has on the host. */
export interface DeviceNode {
  readonly path: string;
  readonly mode: number;
  readonly major: number;
  readonly minor: number;
  readonly uid: number;
  readonly gid: number;
  readonly pointer: string;
}

/** Everything that planners read and write. `spec` has passed validation. */
export interface Draft {
  readonly spec: Spec;
  readonly facts: HostFacts;
  readonly options: PlanOptions;
  /** Absolute path of the root filesystem in the runtime's mount namespace. */
  readonly rootfs: string;
  readonly namespaces: Namespaces;
  /** Plans another process for an existing container. */
  readonly inExistingContainer: boolean;
  cgroup: CgroupPlan;
  userNamespace: UserNamespacePlan | null;
  seccomp: SeccompPlan | null;
  /** Offsets of a new time namespace, in the format of /proc/PID/timens_offsets; "" if there are none. */
  timeOffsets: string;
  readonly netDevices: NetDevicePlan[];
  rdt: RdtPlan | null;
  affinity: readonly bigint[];
  /** Whether the plan has made its cgroup namespace yet. */
  cgroupEntered: boolean;
  readonly steps: Readonly<Record<Phase, Step[]>>;
  readonly warnings: PlanWarning[];
  readonly hooks: Record<RuntimeHookKind, HookPlan[]>;
  /** Bind sources to open before a user namespace is entered, by slot number. */
  readonly sources: MountSource[];
  /** Id maps of mounts, by slot number. */
  readonly idMaps: IdMapSource[];
  /** How many mounts are kept for later steps. */
  keptMounts: number;
  /** Devices to make before a user namespace is entered, by slot number. */
  readonly deviceNodes: DeviceNode[];
}

/** Adds one operation to a phase. `pointer`: the config field that asks for it, "" if none does. */
export function add(draft: Draft, phase: Phase, pointer: string, operation: StepOperation): void {
  draft.steps[phase].push(step(pointer, operation));
}

/** Something in the config has no effect. */
export function warn(draft: Draft, pointer: string, text: string): void {
  draft.warnings.push({ pointer, text });
}

/** Something in the config should be written differently. */
export function advise(draft: Draft, pointer: string, text: string): void {
  draft.warnings.push({ pointer, text, advice: true });
}

/** The config contradicts itself, the specification or the kernel. */
export function refuse(pointer: string, message: string, hint?: string): never {
  throw new PockerError('E_CONFIG_RULE', `${pointer}: ${message}`, hint === undefined ? { pointer } : { pointer, hint });
}

/** The config is valid, but this version does not support it. */
export function unsupported(pointer: string, message: string, hint?: string): never {
  throw new PockerError('E_UNSUPPORTED', `${pointer}: ${message}`, hint === undefined ? { pointer } : { pointer, hint });
}

/** The value of a name in a table. If it is not in the table, the error lists the names that are. */
export function lookUp<T>(table: Readonly<Record<string, T>>, name: string, pointer: string, kind: string): T {
  const value = Object.hasOwn(table, name) ? table[name] : undefined;
  if (value === undefined)
    refuse(pointer, `unknown ${kind} ${JSON.stringify(name)}`, `Choose one of: ${Object.keys(table).join(', ')}`);
  return value;
}
