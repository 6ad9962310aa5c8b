// Controllers, and whether they can be given to containers.
import { gatherFacts } from '../host/facts.js';
import type { CgroupFacts } from '../host/host-facts.js';
import type { Host } from '../host/host.js';
import { type Check, checked } from './check.js';

/** Controllers, each with what is lost without it. */
const controllers: Readonly<Record<string, string>> = {
  cpu: 'linux.resources.cpu except cpus and mems',
  cpuset: 'linux.resources.cpu.cpus and mems',
  memory: 'linux.resources.memory, and out-of-memory events',
  pids: 'linux.resources.pids',
  io: 'linux.resources.blockIO',
  hugetlb: 'linux.resources.hugepageLimits',
  rdma: 'linux.resources.rdma',
  freezer: 'pause and resume',
  devices: 'linux.resources.devices',
};

/** The name in v1. */
const nameInV1 = (name: string): string => (name === 'io' ? 'blkio' : name);
/** In v2, the kernel provides these in every cgroup. */
const builtIntoV2 = ['freezer', 'devices'];

const smallFile = 65_536;
const W_OK = 2;

function layoutCheck({ layout }: CgroupFacts): Check {
  const words = { area: 'cgroups', name: 'hierarchies', required: false } as const;
  const lost = 'all of linux.resources, pause, ps, events';
  return checked({ ...words, lost, remedy: 'mount -t cgroup2 none /sys/fs/cgroup' }, layout !== 'none', layout);
}

function inV1(facts: CgroupFacts, name: string, lost: string, host: Host): Check {
  const wanted = nameInV1(name);
  const found = facts.hierarchies.find((one) => one.controllers.includes(wanted));
  const words = { area: 'cgroups', name: wanted, lost } as const;
  if (found === undefined)
    return checked({ ...words, remedy: `mount the hierarchy of ${wanted}, or boot with cgroup v2` }, false);
  const own = `${found.mount}${found.own === '/' ? '' : found.own}`;
  const remedy = `run as root, or make this user the owner of ${own}`;
  return checked({ ...words, remedy }, host.access(own, W_OK), own);
}

function inV2({ unified }: CgroupFacts, name: string, lost: string, host: Host): Check {
  const { mount, own } = unified!;
  const directory = `${mount}${own === '/' ? '' : own}`;
  const words = { area: 'cgroups', name, lost } as const;
  if (builtIntoV2.includes(name)) return checked({ ...words, remedy: '' }, true, 'built into the kernel');
  // Without root, a container's cgroup is next to or below ours: it gets only the controllers that ours has.
  const place = host.euid === 0 ? mount : directory;
  const list = host.readText(`${place}/cgroup.controllers`, smallFile).trim().split(' ');
  const remedy =
    host.euid === 0
      ? 'it is used by cgroup v1, disabled by cgroup_disable=, or not built into the kernel'
      : `let systemd delegate it: Delegate=${name} of user@.service (systemctl edit user@.service)`;
  return checked({ ...words, remedy }, list.includes(name), place);
}

export function checkCgroups(host: Host): Check[] {
  const facts = gatherFacts(host).cgroup;
  const first = layoutCheck(facts);
  if (facts.layout === 'none') return [first];
  const check = facts.layout === 'v2' ? inV2 : inV1;
  return [first, ...Object.entries(controllers).map(([name, lost]) => check(facts, name, lost, host))];
}
