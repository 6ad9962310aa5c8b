// Finds out what resolve() may know about this machine, as cheaply as possible: usually with a handful of system calls.
import { isGone } from './failure.js';
import type { CgroupFacts, CgroupHierarchy, HostFacts } from './host-facts.js';
import type { Host } from './host.js';
import { parseMountinfo, unescape } from './mountinfo.js';
import { gatherSystemd } from './systemd-facts.js';

/** statfs(2). */
const CGROUP_MAGIC = 0x0027_e0eb;
const CGROUP2_MAGIC = 0x6367_7270;
const SELINUX_MAGIC = 0xf97c_ff8c;

const cgroupRoot = '/sys/fs/cgroup';
const smallFile = 65_536;
const largeFile = 16 * 1024 * 1024;

/** A line of /proc/self/cgroup: "4:cpu,cpuacct:/user.slice" (cgroups(7)). */
interface Membership {
  /** [""] stands for the v2 hierarchy. */
  readonly controllers: readonly string[];
  readonly own: string;
}

/** A byte that is not UTF-8 becomes U+FFFD (Host.readText), and then the path is that of another cgroup, or of none. */
export const isText = (path: string): boolean => !path.includes('\ufffd');

/** If nobody can say our cgroup's name, we treat it as none. */
export function parseMemberships(text: string): Membership[] {
  const memberships: Membership[] = [];
  for (const line of text.split('\n')) {
    const first = line.indexOf(':');
    const second = line.indexOf(':', first + 1);
    if (second < 0) continue;
    memberships.push({ controllers: line.slice(first + 1, second).split(','), own: isText(line) ? line.slice(second + 1) : '/' });
  }
  return memberships;
}

/** 0 if it does not exist. */
function statfsType(host: Host, path: string): number {
  try {
    return host.statfsType(path);
  } catch (caught) {
    if (isGone(caught)) return 0;
    throw caught;
  }
}

/** The usual directory of these controllers in /sys/fs/cgroup. */
function usualName(controllers: readonly string[], names: ReadonlySet<string>): string | undefined {
  const named = controllers[0]?.startsWith('name=') === true ? controllers[0].slice('name='.length) : controllers.join(',');
  if (names.has(named)) return named;
  return controllers.find((controller) => names.has(controller));
}

/** The v1 hierarchies by convention; undefined if something is not where it usually is. */
function usualHierarchies(
  host: Host,
  memberships: readonly Membership[],
  names: ReadonlySet<string>,
): CgroupHierarchy[] | undefined {
  const hierarchies: CgroupHierarchy[] = [];
  for (const { controllers, own } of memberships) {
    if (controllers[0] === '') continue;
    const name = usualName(controllers, names);
    if (name === undefined) return undefined;
    const mount = `${cgroupRoot}/${name}`;
    if (hierarchies.length === 0 && statfsType(host, mount) !== CGROUP_MAGIC) return undefined;
    // In a container without a cgroup namespace, the mount begins further down than the path says.
    if (own !== '/' && host.lstat(`${mount}${own}`) === null) return undefined;
    hierarchies.push({ controllers, mount, own });
  }
  return hierarchies;
}

interface CgroupMount {
  readonly v2: boolean;
  readonly root: string;
  readonly mount: string;
  readonly options: readonly string[];
}

/** The lines of /proc/self/mountinfo that are cgroup filesystems. */
export function parseCgroupMounts(text: string): CgroupMount[] {
  const mounts: CgroupMount[] = [];
  for (const line of text.split('\n')) {
    const separator = line.indexOf(' - cgroup');
    if (separator < 0) continue;
    const [, , , root = '', mount = ''] = line.slice(0, separator).split(' ');
    const [type = '', , options = ''] = line.slice(separator + 3).split(' ');
    mounts.push({ v2: type === 'cgroup2', root: unescape(root), mount: unescape(mount), options: options.split(',') });
  }
  return mounts;
}

/** Our own cgroup as seen from the root of the mount; undefined if it is not below that. */
function ownBelow(root: string, own: string): string | undefined {
  if (root === '/') return own;
  if (own === root) return '/';
  return own.startsWith(`${root}/`) ? own.slice(root.length) : undefined;
}

/** The slow way, which relies on mountinfo alone. */
function mountedCgroups(host: Host, memberships: readonly Membership[]): CgroupFacts {
  const hierarchies: CgroupHierarchy[] = [];
  let unified: CgroupFacts['unified'] = null;
  const mounts = parseCgroupMounts(host.readText('/proc/self/mountinfo', largeFile));
  for (const { controllers, own } of memberships) {
    const v2 = controllers[0] === '';
    const found = mounts.find(
      (one) => one.v2 === v2 && (v2 || controllers.every((controller) => one.options.includes(controller))),
    );
    if (found === undefined) continue;
    const hierarchy = { mount: found.mount, own: ownBelow(found.root, own) ?? '/' };
    if (v2) unified = hierarchy;
    else hierarchies.push({ controllers, ...hierarchy });
  }
  if (hierarchies.length > 0) return { layout: unified === null ? 'v1' : 'hybrid', hierarchies, unified };
  return { layout: unified === null ? 'none' : 'v2', hierarchies, unified };
}

function gatherCgroups(host: Host): CgroupFacts {
  const magic = statfsType(host, cgroupRoot);
  const memberships = parseMemberships(host.readText('/proc/self/cgroup', smallFile));
  const own = memberships.find(({ controllers }) => controllers[0] === '')?.own ?? '/';
  // ".." leads out of our cgroup namespace, where no path reaches.
  const reachable = own === '/' || (!own.startsWith('/..') && host.lstat(`${cgroupRoot}${own}`) !== null);
  if (magic === CGROUP2_MAGIC)
    return { layout: 'v2', hierarchies: [], unified: { mount: cgroupRoot, own: reachable ? own : '/' } };
  if (magic === 0) return mountedCgroups(host, memberships);
  const names = new Set(host.readdir(cgroupRoot));
  const hierarchies = usualHierarchies(host, memberships, names);
  if (hierarchies === undefined || hierarchies.length === 0) return mountedCgroups(host, memberships);
  const mount = `${cgroupRoot}/unified`;
  const hybrid = names.has('unified') && statfsType(host, mount) === CGROUP2_MAGIC;
  return { layout: hybrid ? 'hybrid' : 'v1', hierarchies, unified: hybrid ? { mount, own } : null };
}

/** user_namespaces(7): the initial namespace maps every id to itself. */
const initialMap = /^\s*0\s+0\s+4294967295\s*$/;

function readUserNamespace(host: Host): boolean {
  try {
    return !initialMap.test(host.readText('/proc/self/uid_map', smallFile));
  } catch (caught) {
    // A kernel without user namespaces does not have this file.
    if (isGone(caught)) return false;
    throw caught;
  }
}

const userNamespaces = new WeakMap<Host, boolean>();

/** Whether this user namespace is not the machine's initial one. A process does not change its own, so it is read once. */
export function inUserNamespace(host: Host): boolean {
  const known = userNamespaces.get(host) ?? readUserNamespace(host);
  userNamespaces.set(host, known);
  return known;
}

/** "net:[4026531840]" → 4026531840. */
function namespaceInode(link: string): number {
  return Number(link.slice(link.indexOf('[') + 1, -1));
}

function isOwnNamespace(host: Host, path: string, name: string): boolean {
  const own = host.readLink(`/proc/self/ns/${name}`);
  const status = host.lstat(path);
  if (status === null) return false;
  // Below /proc, a namespace is a link that names its inode; bound elsewhere, it is a file with that inode.
  return status.type === 'symlink' ? host.readLink(path) === own : status.inode === namespaceInode(own);
}

function gatherApparmor(host: Host): string {
  const switchFile = '/sys/module/apparmor/parameters/enabled';
  if (host.lstat(switchFile) === null || host.readText(switchFile, smallFile).trim() !== 'Y') return '';
  const directory = '/proc/self/attr/apparmor';
  return host.lstat(directory) === null ? '/proc/self/attr' : directory;
}

const RDTGROUP_MAGIC = 0x0765_5821;

/** Nearly always in its usual place, which the kernel provides if the processor supports it. */
function findResctrl(host: Host): string {
  const usual = '/sys/fs/resctrl';
  const magic = statfsType(host, usual);
  if (magic === 0 || magic === RDTGROUP_MAGIC) return magic === 0 ? '' : usual;
  const mounts = parseMountinfo(host.readText('/proc/self/mountinfo', largeFile));
  return mounts.find(({ type }) => type === 'resctrl')?.point ?? '';
}

/** access(2) */
const W_OK = 2;

/** Computes the value at first use, then remembers it. */
function once<T>(compute: () => T): () => T {
  let known: { readonly value: T } | undefined;
  return () => (known ??= { value: compute() }).value;
}

/** The facts as getters: each costs nothing until used. */
export function gatherFacts(host: Host): HostFacts {
  const cgroup = once(() => gatherCgroups(host));
  const systemd = once(() => gatherSystemd(host));
  const selinux = once(() => statfsType(host, '/sys/fs/selinux') === SELINUX_MAGIC);
  const apparmor = once(() => gatherApparmor(host));
  const resctrl = once(() => findResctrl(host));
  const kcore = once(() => host.lstat('/proc/kcore') !== null);
  return {
    euid: host.euid,
    egid: host.egid,
    get cgroup() {
      return cgroup();
    },
    get systemd() {
      return systemd();
    },
    get inUserNamespace() {
      return inUserNamespace(host);
    },
    get selinux() {
      return selinux();
    },
    get apparmor() {
      return apparmor();
    },
    get resctrl() {
      return resctrl();
    },
    get kcore() {
      return kcore();
    },
    mayWrite: (path) => host.access(path, W_OK),
    isOwnNamespace: (path, name) => isOwnNamespace(host, path, name),
  };
}
