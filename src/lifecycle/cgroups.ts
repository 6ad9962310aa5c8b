// Making, joining and removing the container's cgroups as directories, as the plan has them.
import { fromHost, isHostFailure, PockerError } from '../errors.js';
import type { Host } from '../host/host.js';
import { compileDeviceRules } from '../plan/cgroup/device-program.js';
import type { CgroupDirectory, CgroupFacts, CgroupFile, CgroupPlan } from '../plan/plan.js';
import { thawQuietly } from '../state/freezer.js';
import type { CgroupRecord } from '../state/record.js';
import { open } from '../state/process.js';
import type { Notices } from './notices.js';
import { childrenOf, killCgroup, membersBelow, processesIn } from './members.js';

const ENOENT = 2;
const EBUSY = 16;
const ENOTDIR = 20;
const fileLimit = 4 * 1024 * 1024;
const directoryMode = 0o755;
const removeWaitMs = 10_000;
/** For those that end by themselves, at a time; then it is looked again who is there. */
const endWaitMs = 1000;
/** access(2) */
const W_OK = 2;
/** chown(2): leave the group as it is. */
const sameGroup = 0xffff_ffff;

function failedWith(caught: unknown, ...errnos: readonly number[]): boolean {
  return isHostFailure(caught) && errnos.includes(caught.errno);
}

/** "/sys/fs/cgroup/cpu/a/b" below "/sys/fs/cgroup/cpu": [ ".../a", ".../a/b" ]. */
function levels(directory: CgroupDirectory): string[] {
  const names = directory.path
    .slice(directory.mount.length)
    .split('/')
    .filter((name) => name !== '');
  return names.map((_, index) => `${directory.mount}/${names.slice(0, index + 1).join('/')}`);
}

/** v1 cpuset: a new cgroup has no cpus and takes no process until it has the parent's. */
function inherit(host: Host, parent: string, child: string, files: readonly string[]): void {
  for (const file of files) {
    if (host.readText(`${child}/${file}`, fileLimit).trim() !== '') continue;
    host.writeControl(`${child}/${file}`, host.readText(`${parent}/${file}`, fileLimit).trim());
  }
}

/** v2: the parent hands down the controllers that it has itself. */
function enable(host: Host, parent: string, wanted: readonly string[]): void {
  if (wanted.length === 0) return;
  const available = host.readText(`${parent}/cgroup.controllers`, fileLimit).trim().split(' ');
  const enabled = host.readText(`${parent}/cgroup.subtree_control`, fileLimit).trim().split(' ');
  const missing = wanted.filter((name) => available.includes(name.slice(1)) && !enabled.includes(name.slice(1)));
  if (missing.length > 0) host.writeControl(`${parent}/cgroup.subtree_control`, missing.join(' '));
}

/** E_CGROUP with the config's field when the kernel refuses it. */
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
      });
    }
  }
}

function restrictDevices(host: Host, { path, devices }: CgroupDirectory): void {
  try {
    host.attachDeviceProgram(path, compileDeviceRules(devices));
  } catch (caught) {
    throw fromHost('E_CGROUP', 'cannot restrict devices', caught, { pointer: '/linux/resources/devices' });
  }
}

/** Runs `one`; how its failure is taken is for whoever made it. */
type Attempt = (pointer: string, one: () => void) => void;

const mustSucceed: Attempt = (_pointer, one) => one();

/** An ordinary user's cgroup has the controllers that it was given: what it cannot do is said, and the rest is done. */
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

/** Makes one that is not there, with its parents, and writes its files. */
export function makeCgroup(host: Host, directory: CgroupDirectory, attempt: Attempt = mustSucceed): void {
  let parent = directory.mount;
  for (const path of levels(directory)) {
    const from = parent;
    attempt('', () => enable(host, from, directory.enable));
    host.mkdir(path, directoryMode, false);
    inherit(host, parent, path, directory.inherit);
    parent = path;
  }
  for (const entry of directory.files) attempt(entry.pointer, () => writeFile(host, directory.path, entry));
  if (directory.devices.length > 0) attempt('/linux/resources/devices', () => restrictDevices(host, directory));
}

/** The files that a cgroup's owner must have, too: what the kernel says, or what it said before it told (cgroups(7)). */
function delegatedFiles(host: Host): string[] {
  const list = '/sys/kernel/cgroup/delegate';
  if (host.stat(list) === null) return ['cgroup.procs', 'cgroup.subtree_control', 'cgroup.threads'];
  return host
    .readText(list, fileLimit)
    .split('\n')
    .filter((name) => name !== '');
}

/** config-linux.md, "Cgroup ownership": the container's user may make cgroups below its own. */
export function delegateCgroup(host: Host, path: string, uid: number): void {
  for (const entry of [path, ...delegatedFiles(host).map((name) => `${path}/${name}`)]) {
    if (host.stat(entry) !== null) host.chown(entry, uid, sameGroup);
  }
}

/**
 * The cgroups that the plan asks for and their missing parents, deepest first, and which of them were not there before.
 * To be recorded before any is made.
 */
export function surveyCgroups(host: Host, plan: CgroupPlan): CgroupRecord[] {
  return plan.directories.flatMap((directory) =>
    levels(directory)
      .reverse()
      .map((path) => ({
        path,
        controller: directory.controller,
        fresh: host.stat(path) === null,
        parent: path !== directory.path,
      }))
      // The parents of a unit's are slices, and systemd's own.
      .filter(({ fresh, parent }) => !parent || (fresh && !directory.managed)),
  );
}

/** Makes all of them and writes their files. False when the plan can do without and this machine does not let us. */
export function makeCgroups(host: Host, plan: CgroupPlan, notApplied: Notices['notApplied']): boolean {
  try {
    const attempt = plan.optional ? mayFail(notApplied) : mustSucceed;
    for (const directory of plan.directories) makeCgroup(host, directory, attempt);
    if (plan.owner !== null) delegateCgroup(host, plan.into, plan.owner);
    return true;
  } catch (caught) {
    const error = fromHost('E_CGROUP', 'cannot make the cgroup', caught);
    // --strict has spoken already.
    if (!plan.optional || error.code !== 'E_CGROUP') throw error;
    notApplied(`the container runs in the caller's cgroup: ${error.message}`, { pointer: '/linux/cgroupsPath' });
    return false;
  }
}

/** cgroups(7): whoever moves a process needs the right to write to the cgroup that both places are below. */
export function mayMoveInto(host: Host, { unified }: CgroupFacts, into: string): boolean {
  if (unified === null || into === '') return true;
  const own = `${unified.mount}${unified.own}`.split('/');
  const target = into.split('/');
  const apart = target.findIndex((part, index) => part !== own[index]);
  const common = target.slice(0, apart < 0 ? target.length : apart).join('/');
  return host.access(`${common}/cgroup.procs`, W_OK);
}

/** A parent that was made on the way is left to whoever uses it by now. */
function removeParent(host: Host, path: string): void {
  try {
    host.rmdir(path);
  } catch (caught) {
    if (!isHostFailure(caught)) throw caught;
  }
}

/** rmdir of the cgroup and those below it; true when it is gone. */
function tryRemove(host: Host, path: string): boolean {
  if (removeOne(host, path)) return true;
  const children = childrenOf(host, path);
  return children.length > 0 && children.every((child) => tryRemove(host, child)) && removeOne(host, path);
}

/** False while processes or other cgroups are in it. */
function removeOne(host: Host, path: string): boolean {
  try {
    host.rmdir(path);
    return true;
  } catch (caught) {
    if (failedWith(caught, ENOENT, ENOTDIR)) return true;
    if (failedWith(caught, EBUSY)) return false;
    throw fromHost('E_CGROUP', 'cannot remove the cgroup', caught);
  }
}

/** Until whoever is in them has ended, or the time is over. Of what is dying already nobody tells. */
function awaitEnds(host: Host, left: readonly CgroupRecord[], dyingMs: number): void {
  const deadline = host.monotonic() + endWaitMs;
  let found = false;
  for (const process of left.flatMap(({ path }) => membersBelow(host, path))) {
    const pidfd = open(host, process);
    if (pidfd < 0) continue;
    found = true;
    host.waitProcess(pidfd, Math.max(0, Math.ceil(deadline - host.monotonic())));
    host.close(pidfd);
  }
  if (!found) host.sleep(dyingMs);
}

/**
 * Removes the cgroups, waiting for what is still dying in them. With `kill`, what runs in the ones that were made for this
 * container is killed first. E_CGROUP names who is left at the deadline.
 */
export function removeCgroups(host: Host, cgroups: readonly CgroupRecord[], kill: boolean): void {
  let left = cgroups.filter(({ parent }) => !parent);
  const deadline = host.monotonic() + removeWaitMs;
  for (let dyingMs = 1; ; dyingMs = Math.min(dyingMs * 2, 50)) {
    left = left.filter(({ path }) => !tryRemove(host, path));
    if (left.length === 0) return cgroups.filter(({ parent }) => parent).forEach(({ path }) => removeParent(host, path));
    if (kill) {
      left.filter(({ fresh }) => fresh).forEach(({ path }) => killCgroup(host, path));
      thawQuietly(host, left);
    }
    if (host.monotonic() > deadline) break;
    awaitEnds(host, left, dyingMs);
  }
  const busy = left.map(({ path }) => `${path} (pids ${processesIn(host, path).join(' ')})`).join(', ');
  throw new PockerError('E_CGROUP', `cannot remove the cgroup: device or resource busy: ${busy}`, { errno: EBUSY });
}
