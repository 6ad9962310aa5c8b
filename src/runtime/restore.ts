// restore: makes a container of a bundle as create does, but its processes come from criu's images.
import { fromHost, isGone, PockerError } from '../errors.js';
import { gatherFacts } from '../host/facts.js';
import type { Host } from '../host/host.js';
import { planLoopback, planMountPoints } from '../criu/helper-steps.js';
import {
  externalSources,
  namespaceFiles,
  restoreOptions,
  type ExternalSource,
  type RestoreFlags,
  type RestoreSubject,
} from '../criu/options.js';
import { notRestored } from '../criu/not-restored.js';
import { isWithin } from '../criu/mounts.js';
import { parseMountinfo } from '../host/mountinfo.js';
import { descriptorsName } from '../criu/stdio.js';
import type { Plan } from '../plan/plan.js';
import type { Spec } from '../plan/spec-types.js';
import { namespaceTypes } from '../plan/tables/namespaces.js';
import { identify } from '../container/process.js';
import type { ContainerRecord } from '../container/record.js';
import { gateName, Store, type LockedDirectory } from '../container/store.js';
import { cgroupManager, type CgroupManager } from '../cgroup/manager.js';
import { killProcess } from '../container/process.js';
import { firstRecord, recordCgroups } from './create.js';
import { runCriu, type Question } from '../criu/criu.js';
import { prepareDirectories, type CriuDirectories, type CriuPaths } from '../criu/paths.js';
import { withCriu } from '../criu/unattended.js';
import { deleteContainer } from './delete.js';
import { runHelperInit } from '../init/helper-init.js';
import { checkHandover, handOverConsole, hasConsole, writePidFile, type Handover } from '../init/handover.js';
import { cleanUp } from '../container/notices.js';
import { joinRdt, makeRdt } from '../container/resctrl.js';
import { runHooks } from '../container/hooks.js';
import { planBundle, type PlanRequest } from './plan.js';
import { assertFree, reserve } from './shared/reserve.js';
import { resolveInRootfs } from '../criu/rootfs-links.js';
import { UndoStack } from '../container/undo.js';
import { deletedMeanwhile, rollBack } from './shared/roll-back.js';

export interface RestoreOptions extends PlanRequest, Handover, CriuPaths {
  readonly root: string;
  readonly consoleSocket?: string;
  readonly preserveFds: number;
  readonly flags: RestoreFlags;
  readonly noSubreaper: boolean;
}

interface Work {
  readonly host: Host;
  readonly options: RestoreOptions;
  readonly plan: Plan;
  readonly spec: Spec;
  readonly undo: UndoStack;
  readonly directory: LockedDirectory;
  readonly directories: CriuDirectories;
  record: ContainerRecord;
  master: number;
}

const textLimit = 16 * 1024 * 1024;

/** Returns the program's exit code (128 + signal if one killed it); if detached, 0. */
export function restoreContainer(host: Host, options: RestoreOptions): number {
  if (!options.detached && !options.noSubreaper) host.setChildSubreaper();
  const { record, master } = restore(host, options);
  if (options.detached) return 0;
  const { pid } = record.init!;
  const { root, id, warn } = options;
  try {
    return host.supervise(host.pidfdOpen(pid), pid, master, null, null);
  } finally {
    cleanUp(warn, () => deleteContainer(host, { root, id, force: true, warn, init: record.init }));
  }
}

/** The same, detached. Returns its record. */
export function restoreDetached(host: Host, options: RestoreOptions): ContainerRecord {
  return restore(host, options).record;
}

/** On failure, leaves nothing and throws the error. */
function restore(host: Host, options: RestoreOptions): Work {
  const store = new Store(host, options.root);
  assertFree(host, store, options.id);
  const { plan, config, configText } = planBundle(host, options);
  checkHandover(host, plan, options);
  if (plan.hostMounts)
    throw new PockerError('E_UNSUPPORTED', 'cannot restore a container that does not have its own mount namespace');
  for (const { pointer, text } of notRestored(plan, config)) options.notApplied(text, { pointer });
  const directories = prepareDirectories(host, options, 'find');
  assertImages(host, options.imagePath);
  const record: ContainerRecord = { ...firstRecord(host, plan, options), startSteps: [] };
  const directory = reserve(store, record, options.warn);
  const work: Work = { host, options, plan, spec: config, undo: new UndoStack(), directory, directories, record, master: -1 };
  restoreInto(work, configText);
  return work;
}

/** criu itself would only say that it cannot open a file. */
function assertImages(host: Host, imagePath: string): void {
  if (host.lstat(`${imagePath}/inventory.img`) !== null) return;
  const hint = 'Use --image-path to name the directory that checkpoint wrote';
  throw new PockerError('E_CRIU', `no checkpoint in ${imagePath}: inventory.img is missing`, { path: imagePath, hint });
}

function restoreInto(work: Work, configText: string): void {
  const { host, options, plan, undo, directory } = work;
  try {
    directory.writeConfig(configText);
    makeMountPoints(work);
    const manager = cgroupManager(host, { plan, ...work.record, notApplied: options.notApplied });
    undo.push('recorded', () => manager.undo());
    undo.always(() => manager.release());
    manager.prepare();
    recordCgroups(work, manager);
    makeRdt(host, plan.rdt, undo);
    // As in a started container: nobody listens there.
    host.close(host.listen(directory.fd, gateName));
    restoreProcesses(work, manager);
    finish(work);
    undo.commit();
  } catch (caught) {
    throw rollBack(work, caught);
  } finally {
    directory.unlock();
  }
}

/** criu mounts everything anew, but needs the mount points: a root filesystem that was copied elsewhere may lack some. */
function makeMountPoints({ host, options, spec, plan }: Work): void {
  const planOptions = { ...options, bundle: plan.bundle, consoleSocket: hasConsole(options) };
  const steps = planMountPoints(spec, gatherFacts(host), planOptions);
  runHelperInit(host, { steps, flags: namespaceTypes.mount.flag, warned: (text) => options.warn(text) });
}

/** runc and crun write it, too. A checkpoint without it needs no pipes; one of somebody else's may have anything in its place. */
function readDescriptors({ host, options }: Work): string[] {
  const path = `${options.imagePath}/${descriptorsName}`;
  let text: string;
  try {
    text = host.readRegular(path, textLimit);
  } catch (caught) {
    if (isGone(caught)) return [];
    throw fromHost('E_CRIU', 'cannot read the descriptors of the checkpoint', caught);
  }
  try {
    const read: unknown = JSON.parse(text);
    return Array.isArray(read) ? read.map(String) : [];
  } catch (cause) {
    throw new PockerError('E_CRIU', `${path} is not JSON`, { path, cause });
  }
}

/** The sources of bind mounts, and of the mounts below them on this machine. */
function sourcesOf({ host, plan, spec }: Work, rootfs: string): ExternalSource[] {
  const named = externalSources(plan, spec, (path) => resolveInRootfs(host, rootfs, path));
  const mounts = parseMountinfo(host.readText('/proc/self/mountinfo', textLimit));
  const below = named.flatMap(([name, source]) =>
    mounts
      .filter(({ point }) => point !== source && isWithin(point, source) && source !== '/')
      .map(({ point }) => [`${name}${point.slice(source.length)}`, point] as const),
  );
  return [...named, ...below];
}

/** Lets criu restore the processes. */
function restoreProcesses(work: Work, manager: CgroupManager): void {
  const { host, options, plan, spec, directories } = work;
  const files = namespaceFiles(spec).map(({ type, path }) => ({ type, fd: openNamespace(host, path) }));
  try {
    const rootfs = host.realPath(plan.rootfs);
    const firstFd = 4;
    const subject: RestoreSubject = {
      spec,
      plan: { ...plan, rootfs },
      descriptors: readDescriptors(work),
      external: sourcesOf(work, rootfs),
      namespaceFds: Object.fromEntries(files.map(({ type }, index) => [type, firstFd + index])),
    };
    runCriu(host, {
      type: 'restore',
      options: restoreOptions(options.flags, subject),
      directories,
      fds: files.map(({ fd }) => fd),
      root: rootfs,
      noTimeout: options.flags.lazyPages,
      // A unit of systemd needs a process to begin with; what criu makes is born there, too.
      started: (pid) => {
        manager.enter(pid);
        recordCgroups(work, manager);
        work.record = withCriu(host, work.directory, work.record, { pid, paused: false });
      },
      answer: (question) => answer(work, question),
    });
  } finally {
    for (const { fd } of files) host.close(fd);
  }
}

function openNamespace(host: Host, path: string): number {
  try {
    return host.openFile(path);
  } catch (caught) {
    throw fromHost('E_NAMESPACE', 'cannot join the namespace', caught, { pointer: '/linux/namespaces' });
  }
}

function answer(work: Work, { script, pid, fd }: Question): void {
  if (script === 'setup-namespaces') prepareProcess(work, pid);
  else if (script === 'post-restore') identifyInit(work, pid);
  else if (script === 'orphan-pts-master') work.master = handOverConsole(work.host, work.options, fd);
  else if (fd >= 0) work.host.close(fd);
}

/** The first process exists, with namespaces and nothing else. Its children will be in the same place. */
function prepareProcess(work: Work, pid: number): void {
  const { host, options, spec, record, directory, undo } = work;
  // It is in the caller's cgroups still: if criu is killed, nothing else tells whose it is.
  const init = identify(host, pid);
  if (init !== null) undo.push('process', () => killProcess(host, init));
  directory.write({ ...record, init });
  const isNew = (spec.linux?.namespaces ?? []).some(({ type, path = '' }) => type === 'network' && path === '');
  if (isNew) runHelperInit(host, { steps: planLoopback(pid), flags: 0, warned: (text) => options.warn(text) });
  // Otherwise criu does it.
  if (options.flags.cgroupMode === 'ignore') {
    const own = record.cgroups.filter(({ parent }) => !parent);
    for (const { path } of own) host.writeControl(`${path}/cgroup.procs`, String(pid));
  }
  joinRdt(host, record.rdt, pid);
  runRestoreHooks(work, pid);
}

/** Runs the hooks. They may call this program about the container, which is being created. */
function runRestoreHooks(work: Work, pid: number): void {
  const { host, directory, record } = work;
  const { prestart, createRuntime } = work.plan.hooks;
  if (prestart.length + createRuntime.length === 0) return;
  directory.release();
  const moment = { record, status: 'creating', pid } as const;
  runHooks(host, 'prestart', prestart, moment);
  runHooks(host, 'createRuntime', createRuntime, moment);
  if (!directory.retake()) throw deletedMeanwhile(record.id);
}

/** All processes exist and none runs yet. The first one may end before criu has finished. */
function identifyInit(work: Work, pid: number): void {
  const { host, options, undo } = work;
  const init = identify(host, pid);
  if (init === null) throw new PockerError('E_PROCESS', 'the restored process has ended');
  undo.push('process', () => killProcess(host, init));
  // As soon as criu lets it run, signals to us are meant for the container.
  if (!options.detached) host.blockSignals();
  const alone = timeNamespaceOf(host, String(pid)) !== timeNamespaceOf(host, 'self');
  work.record = { ...work.record, init, ...(alone ? { timeNamespace: true } : {}) };
  work.directory.write(work.record);
}

/** "" on a kernel without time namespaces. */
function timeNamespaceOf(host: Host, pid: string): string {
  const path = `/proc/${pid}/ns/time`;
  return host.lstat(path) === null ? '' : host.readLink(path);
}

/** Writes the pid file, then the record: whoever reads the record as created may rely on everything. */
function finish(work: Work): void {
  const { host, options, undo, directory } = work;
  const { init } = work.record;
  if (init === null) throw new PockerError('E_CRIU', 'criu did not report the restored process');
  if (options.pidFile !== undefined) {
    const path = options.pidFile;
    writePidFile(host, path, init.pid);
    undo.push('hidden', () => host.unlink(path));
  }
  const { criu: _, ...record } = work.record;
  work.record = { ...record, status: 'created' };
  directory.write(work.record);
}
