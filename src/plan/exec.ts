// Another process for an existing container: it joins the namespaces of the container's first process.
import type { HostFacts } from '../host/host-facts.js';
import type { Plan, PlanOptions } from './plan.js';
import { planEntering } from './planners/namespaces.js';
import { planProcess } from './planners/process.js';
import { rootInNamespace } from './planners/rootfs.js';
import { planMemoryPolicy, planPersonality } from './planners/scheduling.js';
import { planSeccomp } from './planners/seccomp.js';
import { add } from './draft.js';
import { finish, newDraft } from './resolve.js';
import type { Process, Spec } from './spec-types.js';
import { KeyringT, make, Message, NewSessionT, OpenRootT, SyncT } from './step.js';
import { namespaceTypes, type NamespaceType } from './tables/namespaces.js';

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

/** All of the container's own namespaces, by path in /proc. */
export function joinedNamespaces(spec: Spec, pid: number): { type: NamespaceType; path: string }[] {
  return (spec.linux?.namespaces ?? []).map(({ type }) => {
    return { type: type, path: `/proc/${pid}/ns/${namespaceTypes[type].file}` };
  });
}

/** The plan for `process` in the container of `spec`. Pure, with the errors of resolve(). */
export function resolveExec(spec: Spec, process: Process, target: ExecTarget, facts: HostFacts, options: PlanOptions): Plan {
  const { seccomp, personality, memoryPolicy } = spec.linux ?? {};
  const namespaces = joinedNamespaces(spec, target.pid);
  const { ociVersion, root, annotations } = spec;
  const joining = { ociVersion, root, annotations, process, linux: { namespaces } } as Spec;
  const draft = newDraft(joining, facts, options, true);
  const { v1Cgroups, moved } = target;
  const intoCgroup = moved ? '' : target.intoCgroup;
  draft.cgroup = {
    layout: facts.cgroup.layout,
    directories: [],
    intoCgroup,
    v1Cgroups,
    unit: null,
    owner: null,
    optional: false,
  };
  if (moved) add(draft, 'host', '', make(SyncT, { send: Message.none, expect: Message.cgroups_ready }));
  add(draft, 'session', '', new NewSessionT());
  if (!options.noNewKeyring) add(draft, 'session', '', make(KeyringT, { name: `_ses.${options.id}` }));
  add(draft, 'root', '', make(OpenRootT, rootInNamespace(spec, target.rootfs)));
  planProcess(draft, process);
  planSeccomp(draft, seccomp, '/linux/seccomp');
  planPersonality(draft, personality, '/linux/personality');
  planMemoryPolicy(draft, memoryPolicy, '/linux/memoryPolicy');
  planEntering(draft);
  return finish(draft);
}
