// Makes the container's cgroups as planned: directories, controllers, files, device program, owner.
import { fromHost, isHostFailure, PockerError } from '../errors.js';
import type { FileStatus, Host } from '../host/host.js';
import { compileDeviceRules } from '../plan/cgroup/device-program.js';
import type { CgroupDirectory, CgroupFile, CgroupPlan } from '../plan/plan.js';
import type { Notices } from '../container/notices.js';

const ENOENT = 2;
const ENODEV = 19;
const fileLimit = 4 * 1024 * 1024;
const lockWaitMs = 10_000;
/** How often in a row others may remove a parent before we assume another cause. */
const triesLimit = 100;
const sticky = 0o1000;
/**
 * The sticky bit marks what a create has made; mkdir(2) sets it at the same moment. Nobody else may use a container's cgroup, and
 * a parent goes with the last container below it.
 */
const madeMode = 0o755 | sticky;
/** chown(2): leave the group as it is. */
const sameGroup = 0xffff_ffff;

export function isMade(status: FileStatus | null): boolean {
  return status !== null && (status.mode & sticky) !== 0;
}

function failedWith(caught: unknown, ...errnos: readonly number[]): boolean {
  return isHostFailure(caught) && errnos.includes(caught.errno);
}

/** "/sys/fs/cgroup/cpu/a/b" below "/sys/fs/cgroup/cpu": [ ".../a", ".../a/b" ]. */
export function levels(directory: CgroupDirectory): string[] {
  const { path, mount } = directory;
  const found: string[] = [];
  for (let end = mount.length; end >= 0 && end < path.length;) {
    end = path.indexOf('/', end + 1);
    found.push(end < 0 ? path : path.slice(0, end));
  }
  return found;
}

/** v1 cpuset: a new cgroup has no cpus or mems, and takes no process until it has the parent's. */
function inherit(host: Host, parent: string, child: string, files: readonly string[]): void {
  for (const file of files) {
    if (host.readText(`${child}/${file}`, fileLimit).trim() !== '') continue;
    host.writeControl(`${child}/${file}`, host.readText(`${parent}/${file}`, fileLimit).trim());
  }
}

const controllerOf = ({ file }: CgroupFile): string => file.slice(0, file.indexOf('.'));

/** v2: the parent enables the controllers that it has itself. */
function enable(host: Host, parent: string, { enable: wanted, files }: CgroupDirectory): void {
  if (wanted.length === 0) return;
  const available = host.readText(`${parent}/cgroup.controllers`, fileLimit).trim().split(' ');
  const enabled = host.readText(`${parent}/cgroup.subtree_control`, fileLimit).trim().split(' ');
  const missing = wanted.filter((name) => available.includes(name.slice(1)) && !enabled.includes(name.slice(1)));
  if (missing.length === 0 || tryWrite(host, `${parent}/cgroup.subtree_control`, missing.join(' '))) return;
  // A parent with processes or threads of its own cannot enable all of them, and enabling what it can changes its type: we try
  // only the controllers that have limits, and see what comes of it when the limits are written.
  const needed = new Set(files.map((entry) => `+${controllerOf(entry)}`));
  for (const one of missing) if (needed.has(one)) tryWrite(host, `${parent}/cgroup.subtree_control`, one);
}

function tryWrite(host: Host, path: string, value: string): boolean {
  try {
    host.writeControl(path, value);
    return true;
  } catch (caught) {
    if (isHostFailure(caught)) return false;
    throw caught;
  }
}

const noFileHint = 'The kernel lacks that limit or, on cgroup v2, a parent cgroup has not enabled the controller';

/** E_CGROUP with the config's field if the kernel refuses it. */
export function writeFile(host: Host, directory: string, entry: CgroupFile): void {
  const path = `${directory}/${entry.file}`;
  try {
    host.writeControl(path, entry.value);
  } catch (caught) {
    if (failedWith(caught, ENOENT) && entry.otherwise !== undefined) {
      writeFile(host, directory, { ...entry.otherwise, pointer: entry.pointer });
    } else if (!(failedWith(caught, ENOENT) && entry.optional === true)) {
      throw fromHost('E_CGROUP', `cannot set ${entry.file} to ${JSON.stringify(entry.value)}`, caught, {
        pointer: entry.pointer,
        ...(failedWith(caught, ENOENT) ? { hint: noFileHint } : {}),
      });
    }
  }
}

/** An existing cgroup may have the program of an earlier container. */
function restrictDevices(host: Host, { path, devices }: CgroupDirectory, fresh: boolean): void {
  try {
    if (fresh) host.attachDeviceProgram(path, compileDeviceRules(devices));
    else host.replaceDeviceProgram(path, compileDeviceRules(devices));
  } catch (caught) {
    throw fromHost('E_CGROUP', 'cannot restrict devices', caught, { pointer: '/linux/resources/devices' });
  }
}

/** Controllers that limit processes as a whole: a cgroup of threads has none of them (cgroups(7), "Thread mode"). */
const domainControllers = ['memory', 'io', 'hugetlb', 'rdma', 'misc'];

const typeOf = (host: Host, path: string): string => host.readText(`${path}/cgroup.type`, fileLimit).trim();

/** Below a threaded cgroup, the kernel accepts no process until this one is made threaded, too. */
function joinThreads(host: Host, directory: CgroupDirectory): void {
  if (typeOf(host, directory.path) !== 'domain invalid') return;
  const limit = directory.files.find((entry) => domainControllers.includes(controllerOf(entry)));
  if (limit !== undefined)
    throw new PockerError(
      'E_CGROUP',
      `cannot set ${limit.file}: ${directory.path} is below a cgroup of threads, which does not have this limit`,
      {
        pointer: limit.pointer,
      },
    );
  let parent = directory.mount;
  for (const path of levels(directory)) {
    enable(host, parent, directory);
    if (typeOf(host, path) === 'domain invalid') host.writeControl(`${path}/cgroup.type`, 'threaded');
    parent = path;
  }
}

/** A process in there would be limited, signalled and killed together with the container. */
function assertUnused(host: Host, { path, controller }: CgroupDirectory): void {
  const blame = { path, pointer: '/linux/cgroupsPath' };
  const pids = host.cgroupProcesses(path);
  if (pids.length > 0)
    throw new PockerError(
      'E_CGROUP',
      `container's cgroup is not empty: ${path} or one below it has ${pids.length} process(es), e.g. ${pids[0]}`,
      {
        ...blame,
        hint: 'Give every container its own path',
      },
    );
  const [file, frozen] = controller === '' ? ['cgroup.freeze', '1'] : ['freezer.state', 'FROZEN'];
  if (host.lstat(`${path}/${file}`) === null || host.readText(`${path}/${file}`, fileLimit).trim() !== frozen) return;
  throw new PockerError('E_CGROUP', `container's cgroup is frozen: ${path}`, {
    ...blame,
    hint: `Thaw it through ${path}/${file}`,
  });
}

/** Runs `one`; its maker decides what a failure means. */
type Attempt = (pointer: string, one: () => void) => void;

const mustSucceed: Attempt = (_pointer, one) => one();

/** An ordinary user's cgroup has the controllers that it was given: warns of what it cannot do, and does the rest. */
function mayFail(notApplied: Notices['notApplied']): Attempt {
  return (pointer, one) => {
    try {
      one();
    } catch (caught) {
      const { message } = fromHost('E_CGROUP', 'cannot use the controller', caught);
      if (pointer !== '') notApplied(message, { pointer });
    }
  };
}

/** What one create makes of its cgroups. */
export interface CgroupMaker {
  /** Its own cgroups: those that its mkdir(2) made. */
  readonly made: Set<string>;
  /** Descriptors that lock cgroups that existed before. */
  readonly locks: number[];
}

function makeLevels(host: Host, directory: CgroupDirectory, made: CgroupMaker['made'], attempt: Attempt): void {
  let parent = directory.mount;
  for (const path of levels(directory)) {
    const from = parent;
    attempt('', () => enable(host, from, directory));
    if (host.mkdir(path, madeMode, false)) made.add(path);
    inherit(host, parent, path, directory.inherit);
    parent = path;
  }
}

/** Until it exists, a parent may go with the last container of others. */
function makeDirectory(host: Host, directory: CgroupDirectory, made: CgroupMaker['made'], attempt: Attempt): void {
  for (let tries = 1; ; tries++) {
    try {
      return makeLevels(host, directory, made, attempt);
    } catch (caught) {
      if (tries === triesLimit || !failedWith(caught, ENOENT, ENODEV)) throw caught;
    }
  }
}

/** Locks an existing cgroup for one container of ours: others that want it wait until this one's process is in it. */
function lockExisting(host: Host, directory: CgroupDirectory, locks: number[]): void {
  const { path } = directory;
  const blame = { path, pointer: '/linux/cgroupsPath' };
  const fd = host.openDirectory(path);
  locks.push(fd);
  if (!host.lock(fd, lockWaitMs))
    throw new PockerError('E_BUSY', `another create is using the container's cgroup: ${path}`, blame);
  assertUnused(host, directory);
  if (!isMade(host.lstat(path))) return;
  throw new PockerError('E_CGROUP', `container's cgroup is another container's: ${path}`, {
    ...blame,
    hint: 'Delete that one first, or give every container its own path',
  });
}

/** Makes a cgroup that does not exist, with its parents, and writes its files. */
export function makeCgroup(host: Host, directory: CgroupDirectory, making: CgroupMaker, attempt: Attempt = mustSucceed): void {
  makeDirectory(host, directory, making.made, attempt);
  const fresh = making.made.has(directory.path);
  // systemd makes its own cgroups around the process.
  if (!fresh && !directory.managed) lockExisting(host, directory, making.locks);
  if (directory.enable.length > 0) joinThreads(host, directory);
  for (const entry of directory.files) attempt(entry.pointer, () => writeFile(host, directory.path, entry));
  const restrict = (): void => restrictDevices(host, directory, fresh);
  if (directory.devices.length > 0) attempt('/linux/resources/devices', restrict);
}

/** The files that a cgroup's owner must own, too: as the kernel lists them, or as they were before it did (cgroups(7)). */
function delegatedFiles(host: Host): string[] {
  const list = '/sys/kernel/cgroup/delegate';
  if (host.lstat(list) === null) return ['cgroup.procs', 'cgroup.subtree_control', 'cgroup.threads'];
  return host
    .readText(list, fileLimit)
    .split('\n')
    .filter((name) => name !== '');
}

/** config-linux.md, "Cgroup ownership": the container's user may make cgroups below its own. */
export function delegateCgroup(host: Host, path: string, uid: number): void {
  for (const entry of [path, ...delegatedFiles(host).map((name) => `${path}/${name}`)]) {
    if (host.lstat(entry) !== null) host.chown(entry, uid, sameGroup);
  }
}

/** Makes all of them and writes their files. False if the plan can do without, and this machine does not let us. */
export function makeCgroups(host: Host, plan: CgroupPlan, making: CgroupMaker, notApplied: Notices['notApplied']): boolean {
  try {
    const attempt = plan.optional ? mayFail(notApplied) : mustSucceed;
    for (const directory of plan.directories) makeCgroup(host, directory, making, attempt);
    if (plan.owner !== null) delegateCgroup(host, plan.intoCgroup, plan.owner);
    return true;
  } catch (caught) {
    const error = fromHost('E_CGROUP', 'cannot make the cgroup', caught);
    // --strict has thrown already.
    if (!plan.optional || error.code !== 'E_CGROUP') throw error;
    notApplied(`the container runs in the caller's cgroup: ${error.message}`, { pointer: '/linux/cgroupsPath' });
    return false;
  }
}
