// checkpoint: stores a running container's processes in image files, with criu, and ends it unless it is left running.
import { isGone, PockerError } from '../errors.js';
import type { Host } from '../host/host.js';
import { configuredMounts, externalMounts } from '../criu/mounts.js';
import { parseMountinfo } from '../host/mountinfo.js';
import { dumpOptions, type DumpFlags, type DumpSubject } from '../criu/options.js';
import { describeStdio, descriptorsName, type Descriptor } from '../criu/stdio.js';
import type { Spec } from '../plan/spec-types.js';
import { thaw } from '../cgroup/freezer.js';
import { withLocked, type LockedContainer } from './shared/state-machine.js';
import { cleanUp } from '../container/notices.js';
import type { ContainerRecord } from '../container/record.js';
import { destroy } from './shared/clear.js';
import { runCriu, type Question } from '../criu/criu.js';
import { prepareDirectories, type CriuDirectories, type CriuPaths } from '../criu/paths.js';
import { withCriu } from '../criu/unattended.js';
import { resolveInRootfs } from '../criu/rootfs-links.js';
import { validateStored } from '../spec/validate.js';

export interface CheckpointOptions extends CriuPaths {
  readonly root: string;
  readonly id: string;
  readonly flags: DumpFlags;
  /** Gets a NUL byte as soon as criu serves pages lazily; -1: nobody wants to know. */
  readonly statusFd: number;
  readonly warn: (text: string) => void;
}

const procLimit = 4 * 1024 * 1024;
const descriptorsMode = 0o600;
const stdio = [0, 1, 2] as const;

/** E_STATE unless it is running; E_CRIU with the errors of criu's log, and the container keeps running. */
export function checkpointContainer(host: Host, options: CheckpointOptions): void {
  const { flags, warn } = options;
  if (options.statusFd >= 0 && !host.isInherited(options.statusFd))
    throw new PockerError('E_USAGE', `invalid --status-fd argument ${options.statusFd}: it is not open`);
  withLocked(host, options, 'checkpoint', (locked) => {
    const { store, directory, record, status } = locked;
    const spec = validateStored(store.readConfig(options.id));
    const directories = prepareDirectories(host, options, 'make');
    const subject = survey(host, record, spec);
    try {
      dump(host, options, subject, directories, (pid) => withCriu(host, directory, record, { pid, paused: status === 'paused' }));
    } catch (caught) {
      cleanUp(warn, () => forgetCriu(host, locked));
      throw caught;
    }
    if (!flags.leaveRunning && !flags.preDump) destroy(host, directory, { record, kill: true, warn });
    else directory.write(record);
  });
}

/** The container goes on. */
function forgetCriu(host: Host, { directory, record, status }: LockedContainer): void {
  // A criu that was killed, by us or by others, has not thawed what it froze.
  if (status === 'running') thaw(host, record.cgroups);
  directory.write(record);
}

function readDescriptor(host: Host, pid: number, fd: number): Descriptor {
  try {
    return { link: host.readLink(`/proc/${pid}/fd/${fd}`), info: host.readText(`/proc/${pid}/fdinfo/${fd}`, procLimit) };
  } catch (caught) {
    // The program has closed it.
    if (isGone(caught)) return { link: '', info: '' };
    throw caught;
  }
}

/** The freezer of v2 or v1. We do not freeze somebody else's cgroup: criu then stops the processes one by one. */
function freezerOf(host: Host, { cgroups }: ContainerRecord): string | null {
  const own = cgroups.filter(({ fresh, parent }) => fresh && !parent).map(({ path }) => path);
  return own.find((path) => ['cgroup.freeze', 'freezer.state'].some((file) => host.lstat(`${path}/${file}`) !== null)) ?? null;
}

function survey(host: Host, record: ContainerRecord, spec: Spec): DumpSubject {
  const { pid } = record.init!;
  const rootfs = host.realPath(record.rootfs);
  const mounts = parseMountinfo(host.readText(`/proc/${pid}/mountinfo`, procLimit));
  const configured = configuredMounts(spec, (path) => resolveInRootfs(host, rootfs, path));
  return {
    spec,
    pid,
    rootfs,
    external: externalMounts(mounts, spec, configured),
    descriptors: describeStdio(
      stdio.map((fd) => readDescriptor(host, pid, fd)),
      new Set(mounts.map(({ id }) => id)),
    ),
    freezer: freezerOf(host, record),
    namespaceOf: (file) => host.readLink(`/proc/${pid}/ns/${file}`),
  };
}

function dump(
  host: Host,
  options: CheckpointOptions,
  subject: DumpSubject,
  directories: CriuDirectories,
  started: (pid: number) => void,
): void {
  const { flags, imagePath, statusFd } = options;
  if (!flags.preDump) host.writeAtomic(imagePath, descriptorsName, JSON.stringify(subject.descriptors), descriptorsMode);
  const answer = ({ script }: Question): void => {
    if (script === 'status-ready' && statusFd >= 0) {
      host.write(statusFd, '\0');
      host.close(statusFd);
    }
  };
  const call = {
    options: dumpOptions(flags, subject),
    directories,
    fds: [],
    root: '',
    noTimeout: flags.lazyPages || flags.pageServer !== null,
    started,
    answer,
  };
  runCriu(host, { ...call, type: flags.preDump ? 'preDump' : 'dump' });
}
