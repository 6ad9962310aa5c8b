// The plan of a process that makes what criu expects in a root filesystem: the mount points of the config. It mounts what the
// config says, as create does, in a mount namespace that ends with it: only the directories and files remain.
import { finish, newDraft } from '../plan/resolve.js';
import { add } from '../plan/draft.js';
import type { HostFacts } from '../host/host-facts.js';
import type { PlanOptions } from '../plan/plan.js';
import { planMount } from '../plan/planners/mounts/mounts.js';
import type { Spec } from '../plan/spec-types.js';
import { JoinNamespaceT, LoopbackT, make, Message, MountRootT, step, SyncT, TreePropagationT, type Step } from '../plan/step.js';
import { MS } from '../plan/tables/mounts.js';
import { namespaceTypes } from '../plan/tables/namespaces.js';

type Mount = NonNullable<Spec['mounts']>[number];

const others = /^r?(shared|slave|private|unbindable|idmap)$/;

/** Nobody else may see anything of it, and it does not matter what ids are mapped to. */
function isolated(mount: Mount): Mount {
  return { ...mount, options: (mount.options ?? []).filter((option) => !others.test(option)) };
}

/** Cgroup mounts are inside what criu restores itself, and a remount makes no mount point. */
function makesPoint({ type, options = [] }: Mount): boolean {
  return type !== 'cgroup' && type !== 'cgroup2' && !options.includes('remount');
}

/** Pure, with the errors of resolve(). Its process says "created" once everything is there, and waits until it is ended. */
export function planMountPoints(spec: Spec, facts: HostFacts, options: PlanOptions): readonly Step[] {
  const { linux: _linux, hooks: _hooks, process: _process, ...rest } = spec;
  const bare = { ...rest, linux: { namespaces: [{ type: 'mount' }] } } as Spec;
  const draft = newDraft(bare, facts, options);
  add(draft, 'root', '', make(TreePropagationT, { propagation: MS.PRIVATE, recursive: true }));
  add(draft, 'root', '/root/path', make(MountRootT, { path: draft.rootfs }));
  (spec.mounts ?? []).forEach((mount, index) => {
    if (makesPoint(mount)) planMount(draft, isolated(mount), `/mounts/${index}`);
  });
  add(draft, 'park', '', make(SyncT, { send: Message.created, expect: Message.park }));
  return finish(draft).steps;
}

/** Brings up the loopback device of a process's network namespace, as create does: criu makes the namespace empty. */
export function planLoopback(pid: number): readonly Step[] {
  const { flag, file } = namespaceTypes.network;
  return [
    step('', make(JoinNamespaceT, { flag, path: `/proc/${pid}/ns/${file}` })),
    step('', new LoopbackT()),
    step('', make(SyncT, { send: Message.created, expect: Message.park })),
  ];
}
