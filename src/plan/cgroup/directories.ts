// linux.cgroupsPath and linux.resources: which cgroups the container gets, and what is written into them.
import { PockerError } from '../../errors.js';
import { refuse, warn, type Draft } from '../draft.js';
import { below, cleanPath, parentOf } from '../paths.js';
import type { CgroupDirectory, CgroupFile, CgroupHierarchy, CgroupPlan } from '../plan.js';
import type { Resources } from '../spec-types.js';
import { HierarchyFiles, UnifiedFiles, type CgroupFiles } from './files.js';
import type { ResourcePlanner } from './shared.js';
import { resourcesV1 } from './v1.js';
import { resourcesV2 } from './v2.js';

/** The order in which runc goes through the controllers. */
const controllerOrder = [
  'cpuset',
  'devices',
  'memory',
  'cpu',
  'cpuacct',
  'pids',
  'blkio',
  'hugetlb',
  'net_cls',
  'net_prio',
  'perf_event',
  'freezer',
  'rdma',
  'name=systemd',
  'misc',
];

/** Controllers that a container's cgroup should have, for limits now, or later, or just for counting. */
const v2Controllers: readonly string[] = ['cpuset', 'cpu', 'io', 'memory', 'hugetlb', 'pids', 'rdma', 'misc'];

const noCgroup: CgroupPlan = { layout: 'none', directories: [], into: '', joins: [], owner: null, optional: false };

function planResources<T extends CgroupFiles>(files: T, planners: Record<keyof Resources, unknown>): T {
  const resources = files.draft.spec.linux?.resources ?? {};
  for (const key of Object.keys(planners) as (keyof Resources)[]) {
    (planners[key] as ResourcePlanner<unknown>)(files, resources[key], `/linux/resources/${key}`);
  }
  return files;
}

/** The configured path below `mount`; without one, or with a relative one, below `base`, a cgroup of our own. */
function directoryPath(draft: Draft, mount: string, base: string): string {
  const path = draft.spec.linux?.cgroupsPath ?? '';
  if (!path.startsWith('/')) return below(below(mount, base), path === '' ? draft.options.id : path);
  if (cleanPath(path) === '/') refuse('/linux/cgroupsPath', "the root of the hierarchy is the host's");
  return below(mount, path);
}

function rank({ controllers }: CgroupHierarchy): number {
  const ranks = controllers.map((controller) => controllerOrder.indexOf(controller)).filter((position) => position >= 0);
  return Math.min(controllerOrder.length, ...ranks);
}

function planHierarchies(draft: Draft): CgroupDirectory[] {
  const lists = new Map<string, CgroupFile[]>();
  const hierarchies = [...draft.facts.cgroup.hierarchies].sort((one, other) => rank(one) - rank(other));
  const directories = hierarchies.map((hierarchy) => {
    const files: CgroupFile[] = [];
    for (const controller of hierarchy.controllers) lists.set(controller, files);
    return {
      controller: hierarchy.controllers.join(','),
      mount: hierarchy.mount,
      path: directoryPath(draft, hierarchy.mount, hierarchy.own),
      inherit: hierarchy.controllers.includes('cpuset') ? ['cpuset.cpus', 'cpuset.mems'] : [],
      enable: [],
      files,
      devices: [],
    };
  });
  planResources(new HierarchyFiles(draft, lists), resourcesV1);
  return directories;
}

function planUnified(draft: Draft, unified: { readonly mount: string; readonly own: string }): CgroupDirectory {
  // Our own cgroup has us in it, so that it may not hand controllers to children: its parent may.
  const path = directoryPath(draft, unified.mount, parentOf(unified.own));
  const { list, devices } = planResources(new UnifiedFiles(draft), resourcesV2);
  const extra = Object.keys(draft.spec.linux?.resources?.unified ?? {}).map((file) => file.slice(0, file.indexOf('.')));
  const enable = new Set([...v2Controllers, ...extra.filter((controller) => controller !== 'cgroup')]);
  return {
    controller: '',
    mount: unified.mount,
    path,
    inherit: [],
    enable: [...enable].map((controller) => `+${controller}`),
    files: list,
    devices,
  };
}

/** The v2 hierarchy beside v1's: without controllers, for processes alone. */
function planBeside(draft: Draft, unified: { readonly mount: string; readonly own: string }): CgroupDirectory {
  const path = directoryPath(draft, unified.mount, unified.own);
  return { controller: '', mount: unified.mount, path, inherit: [], enable: [], files: [], devices: [] };
}

/** config-linux.md "Cgroup ownership": the user of a container that has its cgroup namespace and may write in it. */
function ownerOf(draft: Draft): number | null {
  const { spec, namespaces, facts } = draft;
  if (!namespaces.isNew('cgroup')) return null;
  const writable = spec.mounts?.some(({ source, destination, options }) => {
    return source === 'cgroup' && cleanPath(`/${destination}`) === '/sys/fs/cgroup' && !(options?.includes('ro') ?? false);
  });
  if (writable !== true) return null;
  const uid = spec.process?.user?.uid ?? 0;
  const mapping = spec.linux?.uidMappings?.find(({ containerID, size }) => uid >= containerID && uid - containerID < size);
  const owner = namespaces.isNew('user') && mapping !== undefined ? mapping.hostID + (uid - mapping.containerID) : uid;
  return owner === facts.euid ? null : owner;
}

/** Whether nothing in the config needs a cgroup, so that one that may not be made is no failure. */
function isOptional(draft: Draft, directories: readonly CgroupDirectory[]): boolean {
  if (!draft.options.rootless || (draft.spec.linux?.cgroupsPath ?? '') !== '') return false;
  return directories.every(({ files }) => files.length === 0);
}

function isEmpty(resources: Resources | undefined): boolean {
  return (
    resources === undefined ||
    Object.entries(resources).every(([key, value]) => key === 'devices' || Object.keys(value as object).length === 0)
  );
}

function planNothing(draft: Draft, reason: string): CgroupPlan {
  if (!isEmpty(draft.spec.linux?.resources)) warn(draft, '/linux/resources', `${reason}; ignored`);
  return noCgroup;
}

function planV2(draft: Draft, unified: { readonly mount: string; readonly own: string }): CgroupPlan {
  const directory = planUnified(draft, unified);
  const optional = isOptional(draft, [directory]);
  return { layout: 'v2', directories: [directory], into: directory.path, joins: [], owner: ownerOf(draft), optional };
}

function planV1(draft: Draft): CgroupPlan {
  const { layout, unified } = draft.facts.cgroup;
  const hierarchies = planHierarchies(draft);
  const beside = unified === null ? [] : [planBeside(draft, unified)];
  const directories = [...hierarchies, ...beside];
  const joins = hierarchies.map(({ path }) => path);
  return { layout, directories, into: beside[0]?.path ?? '', joins, owner: null, optional: isOptional(draft, directories) };
}

/** What linux.cgroupsPath and linux.resources ask for on this machine. */
export function planCgroup(draft: Draft): CgroupPlan {
  const { layout, unified } = draft.facts.cgroup;
  const { cgroupManager } = draft.options;
  if (cgroupManager === 'systemd') {
    throw new PockerError('E_UNSUPPORTED', 'the systemd cgroup driver is not supported yet', {
      hint: 'Leave --systemd-cgroup out.',
    });
  }
  if (cgroupManager === 'disabled') return planNothing(draft, 'cgroups are disabled by --cgroup-manager');
  if (layout === 'none') return planNothing(draft, 'this machine has no cgroup filesystem mounted');
  const plan = layout === 'v2' && unified !== null ? planV2(draft, unified) : planV1(draft);
  const forbidden = plan.optional && plan.directories.some(({ path }) => !draft.facts.mayWrite(parentOf(path)));
  return forbidden ? planNothing(draft, 'this user may not make cgroups') : plan;
}
