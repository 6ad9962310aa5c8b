// Turns config, machine and options into one plan: of a container, or of another process for an existing one. This file is the
// table of contents.
import { planCgroup } from './cgroup/directories.js';
import { add, phases, type Draft, type Phase } from './draft.js';
import type { HostFacts } from '../host/host-facts.js';
import type { Plan, PlanOptions } from './plan.js';
import { enterCgroup } from './planners/mounts/cgroup-mounts.js';
import { planHooks } from './planners/hooks.js';
import { planLinux } from './planners/linux.js';
import { planMounts } from './planners/mounts/mounts.js';
import {
  ConfiguredNamespaces,
  joinedNamespaces,
  planEntering,
  planUserNamespace,
  rootInNamespace,
} from './planners/namespaces.js';
import { planProcess } from './planners/process.js';
import { planDomainname, planHostname, planRoot } from './planners/root.js';
import type { Process, Spec } from './spec-types.js';
import { KeyringT, LoopbackT, make, Message, NewSessionT, OpenRootT, SyncT, type Step } from './step.js';

type Planner<T> = (draft: Draft, value: T | undefined, pointer: string) => void;

/** For words about the container, which are copied into the plan. */
const copied = (): void => undefined;

const planners = {
  ociVersion: copied,
  annotations: copied,
  root: planRoot,
  mounts: planMounts,
  hostname: planHostname,
  domainname: planDomainname,
  linux: planLinux, // after domainname, which a sysctl overrides
  hooks: planHooks,
  process: planProcess,
} satisfies { [K in keyof Spec]-?: Planner<Spec[K]> };

function emptyPhases(): Record<Phase, Step[]> {
  const empty: Partial<Record<Phase, Step[]>> = {};
  for (const phase of phases) empty[phase] = [];
  return empty as Record<Phase, Step[]>;
}

function rootfsOf({ root }: Spec, bundle: string): string {
  if (root === undefined) return '';
  return root.path.startsWith('/') ? root.path : `${bundle}/${root.path}`;
}

/** `existing`: the container that it is another process for. */
export function newDraft(spec: Spec, facts: HostFacts, options: PlanOptions, existing?: { readonly rootfs: string }): Draft {
  return {
    spec,
    facts,
    options,
    rootfs: existing?.rootfs ?? rootfsOf(spec, options.bundle),
    namespaces: new ConfiguredNamespaces(spec),
    inExistingContainer: existing !== undefined,
    cgroup: { layout: 'none', directories: [], intoCgroup: '', v1Cgroups: [], unit: null, owner: null, optional: false },
    cgroupEntered: false,
    userNamespace: null,
    netDevices: [],
    rdt: null,
    seccomp: null,
    timeOffsets: '',
    affinity: [],
    steps: emptyPhases(),
    warnings: [],
    hooks: { prestart: [], createRuntime: [], poststart: [], poststop: [] },
    sources: [],
    keptMounts: 0,
    idMaps: [],
    deviceNodes: [],
  };
}

function planSession(draft: Draft): void {
  add(draft, 'session', '', new NewSessionT());
  if (draft.namespaces.isNew('network')) add(draft, 'session', '/linux/namespaces', new LoopbackT());
  if (!draft.options.noNewKeyring) add(draft, 'session', '', make(KeyringT, { name: `_ses.${draft.options.id}` }));
}

export function finish(draft: Draft): Plan {
  const { spec, options, namespaces } = draft;
  return {
    id: options.id,
    bundle: options.bundle,
    rootfs: draft.rootfs,
    ociVersion: spec.ociVersion,
    hasProcess: spec.process !== undefined,
    sharesPids: !namespaces.isNew('pid'),
    annotations: spec.annotations ?? {},
    cloneFlags: namespaces.fork ? 0 : namespaces.cloneFlags,
    forks: namespaces.fork,
    userNamespace: draft.userNamespace,
    cgroup: draft.cgroup,
    netDevices: draft.netDevices,
    networkPath: namespaces.joined('network')?.path ?? '',
    rdt: draft.rdt,
    steps: phases.flatMap((phase) => draft.steps[phase]),
    hooks: draft.hooks,
    seccomp: draft.seccomp,
    timeOffsets: draft.timeOffsets,
    affinity: draft.affinity,
    terminal: spec.process?.terminal === true,
    hostMounts: !namespaces.has('mount'),
    warnings: draft.warnings,
  };
}

/**
 * The plan for a config that has passed validation. Pure: the same arguments give the same plan. Throws PockerError
 * (E_CONFIG_RULE, E_UNSUPPORTED, E_CGROUP) with the JSON pointer of the field to blame.
 */
export function resolve(spec: Spec, facts: HostFacts, options: PlanOptions): Plan {
  const draft = newDraft(spec, facts, options);
  draft.userNamespace = planUserNamespace(draft);
  draft.cgroup = planCgroup(draft);
  for (const key of Object.keys(planners) as (keyof Spec)[]) {
    (planners[key] as Planner<unknown>)(draft, spec[key], `/${key}`);
  }
  planSession(draft);
  enterCgroup(draft, 'cgroup');
  planEntering(draft);
  return finish(draft);
}

export interface ExecTarget {
  /** The container's first process. */
  readonly pid: number;
  /** As in the record. */
  readonly rootfs: string;
  /** Its cgroups: of v2, then of v1. */
  readonly intoCgroup: string;
  readonly v1Cgroups: readonly string[];
  /** Somebody else moves the process into them, and it waits for that. */
  readonly moved: boolean;
}

/** What of a config concerns another process of its container. */
function specOfProcess(spec: Spec, process: Process, pid: number): Spec {
  const { ociVersion, annotations, linux = {} } = spec;
  const { seccomp, personality, memoryPolicy } = linux;
  return {
    ociVersion,
    annotations,
    process,
    linux: { namespaces: joinedNamespaces(spec, pid), seccomp, personality, memoryPolicy },
  } as Spec;
}

/** The plan for `process` in the container of `spec`. Pure, with the errors of resolve(). */
export function resolveExec(spec: Spec, process: Process, target: ExecTarget, facts: HostFacts, options: PlanOptions): Plan {
  const { pid, rootfs, v1Cgroups, moved } = target;
  const draft = newDraft(specOfProcess(spec, process, pid), facts, options, { rootfs });
  const intoCgroup = moved ? '' : target.intoCgroup;
  draft.cgroup = { ...draft.cgroup, layout: facts.cgroup.layout, intoCgroup, v1Cgroups };
  if (moved) add(draft, 'host', '', make(SyncT, { send: Message.none, expect: Message.cgroups_ready }));
  add(draft, 'root', '', make(OpenRootT, rootInNamespace(spec, rootfs)));
  planProcess(draft);
  planSession(draft);
  planEntering(draft);
  return finish(draft);
}
