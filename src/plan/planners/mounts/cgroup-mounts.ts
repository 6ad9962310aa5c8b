// A mount of type "cgroup", whose meaning differs between v1, hybrid and v2 machines, and the cgroup namespace behind it.
import { add, refuse, type Draft, type Phase } from '../../draft.js';
import { baseName } from '../../paths.js';
import type { CgroupHierarchy } from '../../../host/host-facts.js';
import { make, MountAttributesT, MountFilesystemT, SymlinkT, UnshareT } from '../../step.js';
import { ATTR } from '../../tables/mounts.js';
import { namespaceTypes } from '../../tables/namespaces.js';
import { firstPropagation, type ParsedOptions } from './mount-options.js';
import { addBind, keptMount, type MountEntry } from './mount-entry.js';

const hardened = ATTR.NOSUID | ATTR.NODEV | ATTR.NOEXEC;

/** Makes the cgroup namespace, whose root is the cgroup at that moment. */
export function enterCgroup(draft: Draft, phase: Phase): void {
  if (draft.cgroupEntered) return;
  draft.cgroupEntered = true;
  if (draft.namespaces.isNew('cgroup')) {
    add(draft, phase, '/linux/namespaces', make(UnshareT, { flags: namespaceTypes.cgroup.flag }));
  }
}

/** The container's cgroup in a hierarchy; our own if it gets none. */
function containerCgroup(draft: Draft, mount: string, own: string): string {
  const directory = draft.cgroup.directories.find((one) => one.mount === mount);
  if (directory !== undefined) return directory.path;
  return own === '/' ? mount : `${mount}${own}`;
}

interface Filesystem {
  readonly type: string;
  readonly source: string;
  readonly target: string;
  readonly set: number;
  readonly data: string[];
}

function addCgroupFilesystem(draft: Draft, entry: MountEntry, filesystem: Filesystem): MountFilesystemT {
  const { type, source, target, set, data } = filesystem;
  // "ro" applies only to this mount: the superblock is the host's, too.
  const fields = { type, source, target, flags: entry.options.flags, attributesSet: BigInt(set), data };
  const clear = { attributesClear: BigInt(entry.options.clear & ATTR.ATIME) };
  const operation = make(MountFilesystemT, { ...fields, ...clear, ...firstPropagation(entry.options) });
  add(draft, 'mounts', entry.pointer, operation);
  return operation;
}

/** For the mounts that show the container's own cgroup by binding it. */
function bindOptions(options: ParsedOptions): ParsedOptions {
  return { ...options, bind: true, recursive: true, unnamed: 0, data: [] };
}

/**
 * Whether to mount v2 anew. Without a cgroup namespace, that shows the whole hierarchy, as in runc and as engines expect from
 * "cgroupns=host". In a user namespace the kernel refuses it, and the container gets only its own cgroup.
 */
function mayMount(draft: Draft): boolean {
  if (draft.namespaces.has('cgroup')) return true;
  return draft.facts.cgroup.layout === 'v2' && !draft.namespaces.has('user') && !draft.facts.inUserNamespace;
}

function planUnified(draft: Draft, entry: MountEntry, target: string): void {
  const { unified } = draft.facts.cgroup;
  if (unified === null) return;
  if (!mayMount(draft)) {
    const options = bindOptions(entry.options);
    addBind(draft, { ...entry, target, options }, containerCgroup(draft, unified.mount, unified.own));
    return;
  }
  enterCgroup(draft, 'mounts');
  addCgroupFilesystem(draft, entry, {
    type: 'cgroup2',
    source: 'cgroup',
    target,
    set: entry.options.set,
    data: entry.options.data,
  });
}

function planHierarchy(draft: Draft, entry: MountEntry, bound: ParsedOptions, hierarchy: CgroupHierarchy): void {
  const name = baseName(hierarchy.mount);
  const target = `${entry.target}/${name}`;
  if (draft.namespaces.has('cgroup')) {
    const named = hierarchy.controllers[0]?.startsWith('name=') ?? false;
    const set = hardened | entry.options.set;
    addCgroupFilesystem(draft, entry, {
      type: 'cgroup',
      source: named ? name : 'cgroup',
      target,
      set,
      data: [...hierarchy.controllers],
    });
  } else {
    addBind(draft, { ...entry, target, options: bound }, containerCgroup(draft, hierarchy.mount, hierarchy.own));
  }
  for (const controller of hierarchy.controllers) {
    if (controller === name || controller.startsWith('name=')) continue;
    add(draft, 'mounts', entry.pointer, make(SymlinkT, { path: `${entry.target}/${controller}`, target: name }));
  }
}

/** v1: a tmpfs with one mount per hierarchy in it; hybrid: also the v2 one, as "unified". */
function planHierarchies(draft: Draft, entry: MountEntry): void {
  const { options, target, pointer } = entry;
  if (draft.namespaces.has('cgroup')) enterCgroup(draft, 'mounts');
  const set = hardened | (options.set & ~ATTR.RDONLY);
  const tmpfs = addCgroupFilesystem(draft, entry, { type: 'tmpfs', source: 'tmpfs', target, set, data: ['mode=755'] });
  const bound = bindOptions(options);
  for (const hierarchy of draft.facts.cgroup.hierarchies) planHierarchy(draft, entry, bound, hierarchy);
  planUnified(draft, { ...entry, options: { ...options, set: hardened | options.set, data: [] } }, `${target}/unified`);
  if ((options.set & ATTR.RDONLY) !== 0) {
    const kept = keptMount(draft, tmpfs, pointer);
    add(draft, 'mounts', pointer, make(MountAttributesT, { target, kept, attributesSet: BigInt(ATTR.RDONLY) }));
  }
}

export function planCgroupMount(draft: Draft, entry: MountEntry): void {
  const { layout } = draft.facts.cgroup;
  if (layout === 'none') refuse(entry.pointer, 'this machine has no cgroup filesystem mounted');
  if (layout === 'v2') planUnified(draft, entry, entry.target);
  else planHierarchies(draft, entry);
}
