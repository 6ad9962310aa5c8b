// A plan in the making: planners put their steps into phases, and the order of the phases is decided here, once.
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
  /** Of the namespace to join; "" for a new one. */
  readonly path: string;
  readonly pointer: string;
}

/** linux.namespaces. */
export interface Namespaces {
  /** Not the runtime's own: new or joined. */
  has(type: NamespaceType): boolean;
  isNew(type: NamespaceType): boolean;
  /** The entry of a namespace that is joined by path. */
  joined(type: NamespaceType): NamespaceEntry | undefined;
  /** CLONE_NEW* of all new ones that clone3(2) can make at once. */
  readonly cloneFlags: number;
  /** Whether a second clone has to make them: pid namespaces hold only children, a user namespace must be mapped first. */
  readonly fork: boolean;
}

/** What init does, in this order. Within a phase, steps stand in the order in which they were added. */
export const phases = [
  'host', // needs the runtime's own privileges
  'enter', // namespaces joined, forked into, mapped
  'session', // time namespace, setsid, keyring
  'root', // the tree's propagation, the root as a mount of its own
  'mounts',
  'cgroup', // the cgroup namespace, where no cgroup mount asked for it before
  'devices',
  'hooks', // prestart, createRuntime (by the runtime), createContainer
  'jail', // the old root is left
  'terminal',
  'finish', // what had to be writable until here becomes read-only
  'kernel', // sysctls and names
  'paths', // read-only and masked paths
  'propagation', // of the root, which could not be mounted on or bound from as before
  'limits', // scheduling, resource limits
  'bounding', // capabilities that nothing may ever gain
  'user', // umask, ids, working directory
  'program', // found, and labelled for, before create returns
  'notify', // seccomp with an agent, which is told before create returns
  'park', // created, and the wait for start
  'report', // from here on, init need not be able to send anything
  'start', // startContainer hooks
  'label', // for the program alone
  'filter', // seccomp, where it needs the capabilities that go next
  'capabilities',
  'unprivilegedFilter', // seccomp, where no_new_privs allows it without them
  'exec',
] as const;

export type Phase = (typeof phases)[number];

/** A path of the runtime's mount namespace that a mount is made of. `idMap`: the slot of its id maps, or -1. `peer`: of the host's mount. */
export interface MountSource {
  readonly path: string;
  readonly recursive: boolean;
  readonly idMap: number;
  readonly idMapRecursive: boolean;
  readonly peer: boolean;
  /** A link is bound itself. */
  readonly nofollow: boolean;
  /** May be missing until its turn. */
  readonly deferred: boolean;
  readonly pointer: string;
}

/** The user namespace at `path`; or the content of uid_map and gid_map for one that is made. */
export interface IdMapSource {
  readonly path: string;
  readonly uidMap: string;
  readonly gidMap: string;
  readonly pointer: string;
}

/** A device with its ids on the host. */
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
  readonly namespaces: Namespaces;
  /** Another process for a container that is there already. */
  readonly inExistingContainer: boolean;
  cgroup: CgroupPlan;
  userNamespace: UserNamespacePlan | null;
  seccomp: SeccompPlan | null;
  /** Of a new time namespace, as /proc/PID/timens_offsets takes them; "" without any. */
  timeOffsets: string;
  readonly netDevices: NetDevicePlan[];
  rdt: RdtPlan | null;
  affinity: readonly bigint[];
  /** Whether its cgroup namespace has been made. */
  cgroupEntered: boolean;
  readonly steps: Readonly<Record<Phase, Step[]>>;
  readonly warnings: PlanWarning[];
  readonly hooks: Record<RuntimeHookKind, HookPlan[]>;
  /** Bind sources opened before a user namespace is entered, by slot number. */
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

/** Something of the config has no effect. */
export function warn(draft: Draft, pointer: string, text: string): void {
  draft.warnings.push({ pointer, text });
}

/** Something of the config had better be written in another way. */
export function advise(draft: Draft, pointer: string, text: string): void {
  draft.warnings.push({ pointer, text, advice: true });
}

/** The config contradicts itself, the spec or the kernel. */
export function refuse(pointer: string, message: string, hint?: string): never {
  throw new PockerError('E_CONFIG_RULE', `${pointer}: ${message}`, hint === undefined ? { pointer } : { pointer, hint });
}

/** The config is right, but this version does not do it. */
export function unsupported(pointer: string, message: string, hint?: string): never {
  throw new PockerError('E_UNSUPPORTED', `${pointer}: ${message}`, hint === undefined ? { pointer } : { pointer, hint });
}

/** The value of a name in a table; a name that is not in it is refused with those that are. */
export function lookUp<T>(table: Readonly<Record<string, T>>, name: string, pointer: string, kind: string): T {
  const value = Object.hasOwn(table, name) ? table[name] : undefined;
  if (value === undefined)
    refuse(pointer, `unknown ${kind} ${JSON.stringify(name)}`, `Allowed: ${Object.keys(table).join(', ')}.`);
  return value;
}
