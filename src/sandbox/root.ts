// The directory that becomes a sandbox's root filesystem: only mount points, and the given files.
import { rmSync } from 'node:fs';
import { chmod, cp, lchown, lstat, mkdir, readdir, readlink, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { workDirectory, type Shown } from './config.js';
import { makeDirectory, remove } from './directory.js';
import { imageOf, unpack } from './image.js';
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

/** The parts of the host to show. They do not change while a program runs. Copies what is needed of /etc into one mount. */
function hostParts(): Promise<Part[]> {
  const made = (host ??= Promise.all([lookAll('/', ['usr', ...links]), makeEtc()]).then(([parts, etc]) => [...parts, etc]));
  made.catch(() => (host = undefined));
  return made;
}

async function makeEtc(): Promise<Part> {
  const directory = await makeDirectory();
  removeAtExit(directory);
  await mkdir(join(directory, 'etc/ssl'), { recursive: true });
  await writeEtc(directory);
  await openUp(directory);
  const copied = ofEtc.map(async (name) => {
    if ((await look('/', name)) === null) return;
    await cp(join('/', name), join(directory, name), { recursive: true, verbatimSymlinks: true });
  });
  await Promise.all(copied);
  return { source: join(directory, 'etc'), destination: '/etc', link: null, directory: true };
}

async function partsOf(top: string): Promise<Part[]> {
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

/** Calls `use` for everything below, then for the directory itself. Follows no link, unlike readdir's `recursive`. */
async function eachIn(
  directory: string,
  use: (path: string, kind: 'directory' | 'file' | 'link') => Promise<void>,
): Promise<void> {
  const entries = await readdir(directory, { withFileTypes: true });
  const used = entries.map((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return eachIn(path, use);
    return use(path, entry.isSymbolicLink() ? 'link' : 'file');
  });
  await Promise.all(used);
  await use(directory, 'directory');
}

/** Whatever the umask: the host user that is root in the sandbox must get through and read. Links have no mode. */
function openUp(directory: string): Promise<void> {
  return eachIn(directory, async (path, kind) => {
    if (kind !== 'link') await chmod(path, kind === 'directory' ? directoryMode : fileMode);
  });
}

/** As long as anything in a directory is not theirs yet, they must not be able to exchange it for a link. */
function giveTo(owner: number, directory: string): Promise<void> {
  return eachIn(directory, (path) => lchown(path, owner, owner));
}

const shared = new Map<string, Promise<PreparedRoot>>();
const images = new Map<string, Promise<string>>();

function removeAtExit(directory: string): void {
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
}

/** The first caller makes it; after a failure, the next one tries again. */
function once<T>(known: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const made = known.get(key) ?? make();
  known.set(key, made);
  made.catch(() => known.delete(key));
  return made;
}

/** The directory of a given root filesystem, or of an image's once that is unpacked. */
async function topOf(rootfs: string): Promise<string> {
  const image = imageOf(rootfs);
  if (image === null) return resolve(rootfs);
  return once(images, `${image.layout}:${image.tag}`, async () => {
    const directory = await makeDirectory();
    removeAtExit(directory);
    await chmod(directory, directoryMode);
    return unpack(image, directory);
  });
}

/** Without files, all roots are alike and none is writable: one is made for all, and removed when the program ends. */
function sharedRoot(top: string | undefined, owner: number | null): Promise<PreparedRoot> {
  return once(shared, top ?? '', async () => {
    const root = await makeRoot(top, undefined, owner);
    removeAtExit(dirname(root.rootfs));
    return { ...root, remove: () => Promise.resolve() };
  });
}

/** `owner`: owner of the files, as a uid of the host; null: they stay the caller's. */
export async function prepareRoot({ rootfs, files }: SandboxOptions, owner: number | null): Promise<PreparedRoot> {
  const top = rootfs === undefined ? undefined : await topOf(rootfs);
  return files === undefined ? sharedRoot(top, owner) : makeRoot(top, files, owner);
}

async function makeRoot(top: string | undefined, files: SandboxOptions['files'], owner: number | null): Promise<PreparedRoot> {
  const parts = await (top === undefined ? hostParts() : partsOf(top));
  const directory = await makeDirectory();
  try {
    await chmod(directory, directoryMode);
    const rootfs = join(directory, 'rootfs');
    await mkdir(rootfs);
    await Promise.all(own.map((name) => mkdir(join(rootfs, name))));
    const shown = await makePlaces(rootfs, parts);
    const work = join(rootfs, workDirectory);
    if (typeof files === 'object') await writeFiles(work, files);
    await openUp(rootfs);
    // A copy keeps the modes of what it copies.
    if (typeof files === 'string') await cp(files, work, { recursive: true, verbatimSymlinks: true });
    if (owner !== null) await giveTo(owner, work);
    return { rootfs, shown, remove: () => remove(directory) };
  } catch (caught) {
    await remove(directory);
    throw caught;
  }
}
