// `cp`: between this machine and a container, running or not. A container may put symlinks anywhere: its paths are resolved in
// its own root (Host.openInRoot), and copying from there follows none (Host.copyTree).
import type { FileStatus } from '../../host/host.js';
import { engineError } from '../errors.js';
import type { Engine } from '../engine.js';
import { inputFile } from '../store/input.js';
import { runTool } from '../programs.js';
import { isMissing } from '../../host/failure.js';
import { cleanPath } from '../volumes/parse.js';
import { readVolume } from '../volumes/volumes.js';
import type { MountPoint } from '../records/container.js';
import { withContainerRootfs } from './rootfs.js';
import { isRunning, type StoredContainer } from '../records/container-store.js';
import { withStaging } from '../store/staging.js';

export interface CopyFlags {
  /** Keep owners. */
  readonly archive: boolean;
  readonly follow: boolean;
}

export interface ContainerPlace {
  readonly stored: StoredContainer;
  /** The user's name for the container, and the path in it. */
  readonly said: string;
  readonly path: string;
}

/** A path inside a directory that acts as its root. */
interface Rooted {
  readonly root: string;
  readonly path: string;
}

/** Something to copy: a path that cp may follow, because only its last part, which cp does not follow, is the container's. */
interface Source {
  readonly path: string;
  readonly status: FileStatus;
  /** Its name when copied into a directory. */
  readonly name: string;
  /** "DIR/.": the directory's content. */
  readonly contents: boolean;
}

const lastName = (path: string): string => cleanPath(path).slice(cleanPath(path).lastIndexOf('/') + 1);
const parentOf = (path: string): string => cleanPath(path).slice(0, cleanPath(path).lastIndexOf('/')) || '/';
const ofContents = (path: string): boolean => path.endsWith('/.') || path === '.';

/** On this machine; "": nowhere. */
function sourceOf(engine: Engine, { Type, Source: source, Name = '' }: MountPoint): string {
  return Type === 'volume' ? (readVolume(engine, Name)?.Mountpoint ?? '') : source;
}

/** What is mounted at or above a path, nearest first. */
function mountsAbove({ mounts }: StoredContainer['record'], path: string): MountPoint[] {
  return mounts
    .filter(({ Destination }) => `${cleanPath(path)}/`.startsWith(`${cleanPath(Destination)}/`))
    .sort((a, b) => cleanPath(b.Destination).length - cleanPath(a.Destination).length);
}

/** docker's texts. */
function assertWritable({ stored: { record }, said }: ContainerPlace, path: string): void {
  const [mount] = mountsAbove(record, path);
  const hint = `Choose a path that ${said} may write to`;
  if (mount === undefined && record.hostConfig.ReadonlyRootfs) throw engineError('container rootfs is marked read-only', hint);
  if (mount?.RW === false) throw engineError('mounted volume is marked read-only', hint);
}

/** The tree that holds a container's path: its own root while it runs, otherwise its root filesystem or one of its volumes. */
function withRoot<T>(engine: Engine, { stored, path }: ContainerPlace, body: (rooted: Rooted) => T): T {
  const { record, state } = stored;
  // The pid may have been reused by a process whose root is this machine's.
  if (isRunning(engine, stored)) return body({ root: `/proc/${state.pid}/root`, path });
  const wanted = cleanPath(path);
  const [mount] = mountsAbove(record, path)
    .map((point) => ({ at: cleanPath(point.Destination), root: sourceOf(engine, point) }))
    .filter(({ root }) => root !== '' && engine.host.lstat(root)?.type === 'directory');
  if (mount === undefined) return withContainerRootfs(engine, stored, (root) => body({ root, path }));
  const ending = /\/\.?$/.exec(path)?.[0] ?? '';
  return body({ root: mount.root, path: `/${wanted.slice(mount.at.length + 1)}${ending}` });
}

/** Calls `body` with a descriptor; undefined if the path does not exist. */
function withOpened<T>({ host }: Engine, { root, path }: Rooted, follow: boolean, body: (reached: string) => T): T | undefined {
  let fd: number;
  try {
    fd = host.openInRoot(root, path, follow);
  } catch (caught) {
    if (isMissing(caught)) return undefined;
    throw caught;
  }
  try {
    return body(`/proc/${host.pid}/fd/${fd}`);
  } finally {
    host.close(fd);
  }
}

/** What a magic link in /proc leads to. */
function statusOf({ host }: Engine, reached: string): FileStatus | null {
  return host.lstat(`${reached}/.`) ?? { ...host.lstat(reached)!, type: 'file' };
}

const missing = ({ said, path }: ContainerPlace): Error =>
  engineError(`No such container:path: ${said}:${path}`, `List what is there: pocker exec ${said} ls`);

/** The container may change its side meanwhile. */
function cp({ host }: Engine, source: Source, target: string, { archive }: CopyFlags): void {
  host.copyTree(source.path, target, archive);
}

/** Where docker copies it: into a directory, over a file, or to a new name. */
function targetOf(source: Source, target: string, status: FileStatus | null, said: string): string {
  const isDirectory = source.status.type === 'directory';
  if (status?.type === 'directory') return isDirectory && source.contents ? `${target}/.` : `${target}/${source.name}`;
  if (status !== null && isDirectory)
    throw engineError(`cannot copy directory ${source.name} to file ${said}`, 'Name a directory');
  if (status !== null && said.endsWith('/')) throw engineError(`${said} is not a directory`, 'Name a directory');
  if (status === null && !isDirectory && said.endsWith('/'))
    throw engineError(`destination directory ${said} does not exist`, 'Create it first');
  return target;
}

/** Without `follow`, a symlink at the end of the path stands for itself. */
function withSource<T>(engine: Engine, rooted: Rooted, follow: boolean, body: (source: Source) => T): T | undefined {
  const { path } = rooted;
  const name = lastName(path);
  const contents = ofContents(path);
  if (follow || contents || path.endsWith('/') || name === '')
    return withOpened(engine, rooted, true, (reached) => {
      const status = statusOf(engine, reached);
      return body({ path: status?.type === 'directory' ? `${reached}/.` : reached, status: status!, name, contents });
    });
  return withOpened(engine, { ...rooted, path: parentOf(path) }, true, (parent) => {
    const status = engine.host.lstat(`${parent}/${name}`);
    if (status === null) return undefined;
    return body({ path: `${parent}/${name}`, status, name, contents });
  });
}

const absolute = ({ host }: Engine, path: string): string => (path.startsWith('/') ? path : `${host.cwd()}/${path}`);

/** What a path on this machine leads to; null: nothing. */
function localStatus(engine: Engine, path: string): FileStatus | null {
  const { host } = engine;
  try {
    return host.lstat(host.realPath(path));
  } catch (caught) {
    if (isMissing(caught)) return null;
    throw caught;
  }
}

/** How many symlinks may follow one another; the kernel's own limit. */
const mostLinks = 40;

/** A symlink at the end of a path stands for its target, existing or not, as in docker. */
function followed(path: string, linkAt: (path: string) => string | null): string {
  let at = path;
  for (let count = 0; count < mostLinks; ++count) {
    const target = linkAt(at);
    if (target === null) return at;
    at = target.startsWith('/') ? target : `${parentOf(at)}/${target}`;
  }
  throw engineError(`${path}: too many levels of symbolic links`, 'Use another path');
}

const linkOf = ({ host }: Engine, path: string): string | null =>
  host.lstat(path)?.type === 'symlink' ? host.readLink(path) : null;

/** In a container: the path for what replaces its last part. */
function followedIn(engine: Engine, { root, path }: Rooted): string {
  return followed(path, (at) => {
    const found = withOpened(engine, { root, path: parentOf(at) }, true, (parent) => linkOf(engine, `${parent}/${lastName(at)}`));
    return found ?? null;
  });
}

export function copyOut(engine: Engine, from: ContainerPlace, said: string, flags: CopyFlags): void {
  const done = withRoot(engine, from, (rooted) =>
    withSource(engine, rooted, flags.follow, (source) => {
      if (said === '-') {
        const inside = source.path.endsWith('/.') || ofContents(from.path);
        const words = inside
          ? ['-C', source.path, '.']
          : ['-C', source.path.slice(0, source.path.lastIndexOf('/')), '--', source.name];
        runTool(engine, 'tar', ['--create', '--numeric-owner', ...words], { stdout: 1, endsWithUs: true });
        return true;
      }
      const target = followed(absolute(engine, said), (at) => linkOf(engine, at));
      if (localStatus(engine, parentOf(target)) === null)
        throw engineError(`invalid output path: directory ${JSON.stringify(parentOf(target))} does not exist`, 'Create it first');
      cp(engine, source, targetOf(source, target, localStatus(engine, target), said), flags);
      return true;
    }),
  );
  if (done === undefined) throw missing(from);
}

function localSource(engine: Engine, said: string, { follow }: CopyFlags): Source {
  const { host } = engine;
  const path = absolute(engine, said);
  const followed = follow || ofContents(said) || said.endsWith('/');
  const status = followed ? localStatus(engine, path) : host.lstat(path);
  if (status === null) throw engineError(`lstat ${path}: no such file or directory`, 'Check the path');
  return { path: followed ? host.realPath(path) : path, status, name: lastName(path), contents: ofContents(said) };
}

function place(engine: Engine, source: Source, to: ContainerPlace, flags: CopyFlags): void {
  assertWritable(to, to.path);
  const done = withRoot(engine, to, (rooted) => {
    const existing = withOpened(engine, rooted, true, (reached) => {
      const status = statusOf(engine, reached);
      if (status?.type === 'directory') cp(engine, source, targetOf(source, reached, status, to.path), flags);
      return status?.type;
    });
    if (existing === 'directory') return true;
    const path = followedIn(engine, rooted);
    return withOpened(engine, { ...rooted, path: parentOf(path) }, true, (parent) => {
      const target = `${parent}/${lastName(path)}`;
      cp(engine, source, targetOf(source, target, engine.host.lstat(target), to.path), flags);
      return true;
    });
  });
  if (done === undefined) throw missing(to);
}

/** Unpacks a tar file from standard input first: nothing in it may meet the container's symlinks. */
function placeStream(engine: Engine, to: ContainerPlace, flags: CopyFlags): void {
  withStaging(engine, (staging) => {
    const file = inputFile(engine, '-', staging);
    engine.host.mkdir(`${staging}/tree`, 0o700, false);
    runTool(engine, 'tar', ['--extract', '--same-owner', '--numeric-owner', '-p', '-f', file, '-C', `${staging}/tree`], {
      endsWithUs: true,
    });
    const status = engine.host.lstat(`${staging}/tree`)!;
    place(engine, { path: `${staging}/tree`, status, name: '', contents: true }, to, { ...flags, archive: true });
  });
}

export function copyIn(engine: Engine, said: string, to: ContainerPlace, flags: CopyFlags): void {
  if (said === '-') placeStream(engine, to, flags);
  else place(engine, localSource(engine, said, flags), to, flags);
}
