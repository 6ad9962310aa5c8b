// The directory that becomes a sandbox's root filesystem: only mount points, and the given files.
import { rmSync } from 'node:fs';
import { chmod, cp, lchown, lstat, mkdir, mkdtemp, readdir, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { workDirectory, type Shown } from './config.js';
import type { SandboxOptions } from './options.js';

export interface PreparedRoot {
  readonly rootfs: string;
  readonly shown: readonly Shown[];
  remove(): Promise<void>;
}

/** On a system with merged /usr, these are links into it. */
const links = ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32'];
/** What programs in /usr need from outside it. */
const ofEtc = ['etc/alternatives', 'etc/ld.so.cache', 'etc/ld.so.conf', 'etc/ld.so.conf.d', 'etc/localtime', 'etc/ssl/certs'];
/** What every sandbox has of its own. */
const own = ['proc', 'dev', 'sys', 'tmp', workDirectory.slice(1)];
const directoryMode = 0o755;
const fileMode = 0o644;

interface Part extends Shown {
  readonly link: string | null;
  readonly directory: boolean;
}

async function look(top: string, name: string): Promise<Part | null> {
  const source = join(top, name);
  try {
    const status = await lstat(source);
    if (!status.isSymbolicLink() && !status.isDirectory() && !status.isFile()) return null;
    const link = status.isSymbolicLink() ? await readlink(source) : null;
    return { source, destination: `/${name}`, link, directory: status.isDirectory() };
  } catch {
    return null;
  }
}

async function lookAll(top: string, names: readonly string[]): Promise<Part[]> {
  return (await Promise.all(names.map((name) => look(top, name)))).filter((part) => part !== null);
}

let host: Promise<Part[]> | undefined;

/** The parts of the host to show. They do not change while a program runs. */
function hostParts(): Promise<Part[]> {
  return (host ??= lookAll('/', ['usr', ...links, ...ofEtc]));
}

async function partsOf(rootfs: string): Promise<Part[]> {
  const top = resolve(rootfs);
  return lookAll(
    top,
    (await readdir(top)).filter((name) => !own.includes(name)),
  );
}

/** Makes mount points, and links as on the host. */
async function makePlaces(rootfs: string, parts: readonly Part[]): Promise<Shown[]> {
  const made = parts.map(async ({ destination, link, directory }) => {
    const target = join(rootfs, destination);
    await mkdir(directory ? target : dirname(target), { recursive: true });
    if (link !== null) await symlink(link, target);
    else if (!directory) await writeFile(target, '');
  });
  await Promise.all(made);
  return parts.filter(({ link }) => link === null).map(({ source, destination }) => ({ source, destination }));
}

async function writeEtc(rootfs: string): Promise<void> {
  const passwd = `root:x:0:0:sandbox:${workDirectory}:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n`;
  await mkdir(join(rootfs, 'etc'), { recursive: true });
  await Promise.all([
    writeFile(join(rootfs, 'etc/passwd'), passwd),
    writeFile(join(rootfs, 'etc/group'), 'root:x:0:\nnogroup:x:65534:\n'),
    writeFile(join(rootfs, 'etc/hosts'), '127.0.0.1 localhost\n::1 localhost\n'),
  ]);
}

async function writeFiles(directory: string, files: Exclude<SandboxOptions['files'], string | undefined>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const path = join(directory, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }
}

/** Whatever the umask is: the host user that is root in the sandbox must get through and read. Links have no mode. */
async function openUp(directory: string): Promise<void> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const modes = entries
    .filter((entry) => !entry.isSymbolicLink())
    .map((entry) => chmod(join(entry.parentPath, entry.name), entry.isDirectory() ? directoryMode : fileMode));
  await Promise.all([chmod(directory, directoryMode), ...modes]);
}

async function giveTo(owner: number, directory: string): Promise<void> {
  const names = await readdir(directory, { recursive: true });
  await Promise.all(['', ...names].map((name) => lchown(join(directory, name), owner, owner)));
}

const shared = new Map<string, Promise<PreparedRoot>>();

/** Without files, all roots are alike and none is writable: one is made for all, and removed when the program ends. */
function sharedRoot(given: string | undefined, owner: number | null): Promise<PreparedRoot> {
  const key = given === undefined ? '' : resolve(given);
  const known = shared.get(key);
  if (known !== undefined) return known;
  const made = makeRoot(given, undefined, owner).then((root) => {
    process.once('exit', () => rmSync(dirname(root.rootfs), { recursive: true, force: true }));
    return { ...root, remove: () => Promise.resolve() };
  });
  shared.set(key, made);
  made.catch(() => shared.delete(key));
  return made;
}

/** `owner`: owner of the files, as a uid of the host; null: they stay the caller's. */
export async function prepareRoot({ rootfs, files }: SandboxOptions, owner: number | null): Promise<PreparedRoot> {
  return files === undefined ? sharedRoot(rootfs, owner) : makeRoot(rootfs, files, owner);
}

async function makeRoot(given: string | undefined, files: SandboxOptions['files'], owner: number | null): Promise<PreparedRoot> {
  const parts = await (given === undefined ? hostParts() : partsOf(given));
  const directory = await mkdtemp(join(tmpdir(), 'pocker-sandbox-'));
  const remove = (): Promise<void> => rm(directory, { recursive: true, force: true });
  try {
    await chmod(directory, directoryMode);
    const rootfs = join(directory, 'rootfs');
    await mkdir(rootfs);
    await Promise.all(own.map((name) => mkdir(join(rootfs, name))));
    if (given === undefined) await writeEtc(rootfs);
    const shown = await makePlaces(rootfs, parts);
    const work = join(rootfs, workDirectory);
    if (typeof files === 'object') await writeFiles(work, files);
    await openUp(rootfs);
    // A copy keeps the modes of what it copies.
    if (typeof files === 'string') await cp(files, work, { recursive: true, verbatimSymlinks: true });
    if (owner !== null) await giveTo(owner, work);
    return { rootfs, shown, remove };
  } catch (caught) {
    await remove();
    throw caught;
  }
}
