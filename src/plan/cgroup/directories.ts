// linux.cgroupsPath and linux.resources: which cgroups the container gets, and what is written to them.
import { PockerError } from '../../errors.js';
import { add, refuse, warn, type Draft } from '../draft.js';
import { below, cleanPath, join, parentOf } from '../paths.js';
import type { CgroupFacts, CgroupHierarchy } from '../../host/host-facts.js';
import type { CgroupDirectory, CgroupFile, CgroupPlan, UnitPlan } from '../plan.js';
import type { Resources } from '../spec-types.js';
import { HierarchyFiles, UnifiedFiles, type CgroupFiles } from './files.js';
import { make, Message, SyncT } from '../step.js';
import type { ResourcePlanner } from './shared.js';
import { isManaged, planUnit } from './systemd/systemd.js';
import { roundedQuota } from './systemd/unit-properties.js';
import { resourcesV1 } from './v1.js';
import { resourcesV2 } from './v2.js';

type V2 = NonNullable<CgroupFacts['unified']>;

/** runc's order of the controllers. */
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

/** Controllers that a container's cgroup should have: for limits now or later, or just for counting. */
const v2Controllers: readonly string[] = ['cpuset', 'cpu', 'io', 'memory', 'hugetlb', 'pids', 'rdma', 'misc'];

const noCgroup: CgroupPlan = {
  layout: 'none',
  directories: [],
  intoCgroup: '',
  v1Cgroups: [],
  unit: null,
  owner: null,
  optional: false,
};

/** Where a container's cgroup is in the hierarchy mounted at `mount`. Relative paths start at the cgroup `base`. */
type CgroupPath = (mount: string, base: string) => string;

function planResources<T extends CgroupFiles>(files: T, planners: Record<keyof Resources, unknown>): T {
  const given = files.draft.spec.linux?.resources ?? {};
  const resources = files.draft.options.cgroupManager === 'systemd' ? roundedQuota(given) : given;
  for (const key of Object.keys(planners) as (keyof Resources)[]) {
    (planners[key] as ResourcePlanner<unknown>)(files, resources[key], `/linux/resources/${key}`);
  }
  return files;
}

/** The configured path below `mount`; if there is none, or it is relative, below `base`, a cgroup of our own. */
function configuredPath(draft: Draft): CgroupPath {
  const path = draft.spec.linux?.cgroupsPath ?? '';
  if (path !== '' && cleanPath(path) === '/') {
    const owner = path.startsWith('/')
      ? "the root of the hierarchy is the host's"
      : "the runtime's own cgroup is not a container's";
    refuse('/linux/cgroupsPath', owner);
  }
  const clean = cleanPath(`/${path === '' ? draft.options.id : path}`);
  if (path.startsWith('/')) return (mount) => join(mount, clean);
  return (mount, base) => join(below(mount, base), clean);
}

function rank({ controllers }: CgroupHierarchy): number {
  let least = controllerOrder.length;
  for (const controller of controllers) {
    const position = controllerOrder.indexOf(controller);
    if (position >= 0 && position < least) least = position;
  }
  return least;
}

function planHierarchies(draft: Draft, cgroupPath: CgroupPath): CgroupDirectory[] {
  const lists = new Map<string, CgroupFile[]>();
  const ranked = draft.facts.cgroup.hierarchies.map((hierarchy) => ({ hierarchy, position: rank(hierarchy) }));
  ranked.sort((one, other) => one.position - other.position);
  const directories = ranked.map(({ hierarchy }) => {
    const files: CgroupFile[] = [];
    for (const controller of hierarchy.controllers) lists.set(controller, files);
    return {
      controller: hierarchy.controllers.join(','),
      mount: hierarchy.mount,
      path: cgroupPath(hierarchy.mount, hierarchy.own),
      inherit: hierarchy.controllers.includes('cpuset') ? ['cpuset.cpus', 'cpuset.mems'] : [],
      enable: [],
      files,
      devices: [],
      managed: draft.options.cgroupManager === 'systemd' && isManaged(hierarchy.controllers),
    };
  });
  planResources(new HierarchyFiles(draft, lists), resourcesV1);
  return directories;
}

/** Controllers for the parents to enable; not for a user's manager, which has enabled them or may not. */
function enabledControllers(draft: Draft, unit: UnitPlan | null): string[] {
  if (unit?.manager === 'user') return [];
  const extra = Object.keys(draft.spec.linux?.resources?.unified ?? {}).map((file) => file.slice(0, file.indexOf('.')));
  const wanted = new Set([...v2Controllers, ...extra.filter((controller) => controller !== 'cgroup')]);
  return [...wanted].map((controller) => `+${controller}`);
}

function planUnified(draft: Draft, unified: V2, cgroupPath: CgroupPath, unit: UnitPlan | null): CgroupDirectory {
  const { list, devices } = planResources(new UnifiedFiles(draft), resourcesV2);
  return {
    controller: '',
    mount: unified.mount,
    // We are in our own cgroup, so it may not enable controllers for children, but its parent may.
    path: cgroupPath(unified.mount, parentOf(unified.own)),
    inherit: [],
    enable: enabledControllers(draft, unit),
    files: list,
    devices,
    managed: unit !== null,
  };
}

/** The v2 hierarchy beside v1's: without controllers, only for processes. */
function planBeside(unified: V2, cgroupPath: CgroupPath, unit: UnitPlan | null): CgroupDirectory {
  const path = cgroupPath(unified.mount, unified.own);
  return { controller: '', mount: unified.mount, path, inherit: [], enable: [], files: [], devices: [], managed: unit !== null };
}

/** config-linux.md "Cgroup ownership": the user of a container that has its own cgroup namespace and may write there. */
function ownerOf(draft: Draft): number | null {
  const { spec, namespaces, facts } = draft;
  if (!namespaces.isNew('cgroup')) return null;
  const writable = spec.mounts?.some(({ type, destination, options }) => {
    return type === 'cgroup' && cleanPath(`/${destination}`) === '/sys/fs/cgroup' && !(options?.includes('ro') ?? false);
  });
  if (writable !== true) return null;
  const uid = spec.process?.user?.uid ?? 0;
  const mapping = spec.linux?.uidMappings?.find(({ containerID, size }) => uid >= containerID && uid - containerID < size);
  const owner = namespaces.isNew('user') && mapping !== undefined ? mapping.hostID + (uid - mapping.containerID) : uid;
  return owner === facts.euid ? null : owner;
}

/** One warning for everything that has no effect. */
function planNothing(draft: Draft, reason: string): CgroupPlan {
  const { resources = {}, cgroupsPath = '' } = draft.spec.linux ?? {};
  for (const [key, value] of Object.entries(resources)) {
    if (Object.keys(value).length > 0) warn(draft, `/linux/resources/${key}`, `${reason}; ignored`);
  }
  if (cgroupsPath !== '' && draft.options.rootless) warn(draft, '/linux/cgroupsPath', `${reason}; ignored`);
  return noCgroup;
}

/** Whether it can be made: the nearest existing parent is ours. */
function isMakeable({ facts }: Draft, { mount, path }: CgroupDirectory): boolean {
  for (let parent = parentOf(path); parent.length >= mount.length; parent = parentOf(parent)) {
    if (facts.mayWrite(parent)) return true;
    if (parent === '/') return false;
  }
  return false;
}

function planV2(draft: Draft, unified: V2, cgroupPath: CgroupPath, unit: UnitPlan | null): CgroupPlan {
  const directory = planUnified(draft, unified, cgroupPath, unit);
  const optional = unit === null && draft.options.rootless;
  const intoCgroup = directory.managed ? '' : directory.path;
  return { layout: 'v2', directories: [directory], intoCgroup, v1Cgroups: [], unit, owner: ownerOf(draft), optional };
}

function planV1(draft: Draft, cgroupPath: CgroupPath, unit: UnitPlan | null): CgroupPlan {
  const { layout, unified } = draft.facts.cgroup;
  const hierarchies = planHierarchies(draft, cgroupPath);
  const beside = unified === null ? [] : [planBeside(unified, cgroupPath, unit)];
  const directories = [...hierarchies, ...beside];
  const v1Cgroups = hierarchies.filter(({ managed }) => !managed).map(({ path }) => path);
  const intoCgroup = unit === null ? (beside[0]?.path ?? '') : '';
  const optional = unit === null && draft.options.rootless;
  return { layout, directories, intoCgroup, v1Cgroups, unit, owner: null, optional };
}

function planUnitCgroups(draft: Draft): CgroupPlan {
  const { layout, unified } = draft.facts.cgroup;
  const unit = planUnit(draft);
  if (layout !== 'v2' && unit.manager === 'user')
    throw new PockerError('E_CGROUP', "a user's own systemd manages only cgroups of v2, and this machine has v1", {
      hint: 'Omit --systemd-cgroup',
    });
  // Waits until the runtime has seen it inside, with its limits in force.
  add(draft, 'host', '/linux/cgroupsPath', make(SyncT, { send: Message.none, expect: Message.cgroups_ready }));
  const cgroupPath: CgroupPath = (mount) => `${mount}${unit.path}`;
  return layout === 'v2' && unified !== null ? planV2(draft, unified, cgroupPath, unit) : planV1(draft, cgroupPath, unit);
}

/** What linux.cgroupsPath and linux.resources require on this machine. */
export function planCgroup(draft: Draft): CgroupPlan {
  const { layout, unified } = draft.facts.cgroup;
  const { cgroupManager } = draft.options;
  if (cgroupManager === 'disabled') return planNothing(draft, 'cgroups are disabled by --cgroup-manager');
  if (layout === 'none') return planNothing(draft, 'this machine has no cgroup filesystem mounted');
  if (cgroupManager === 'systemd') return planUnitCgroups(draft);
  const cgroupPath = configuredPath(draft);
  const plan = layout === 'v2' && unified !== null ? planV2(draft, unified, cgroupPath, null) : planV1(draft, cgroupPath, null);
  const forbidden = plan.optional && plan.directories.some((directory) => !isMakeable(draft, directory));
  return forbidden ? planNothing(draft, 'this user may not make cgroups') : plan;
}
