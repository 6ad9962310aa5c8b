// The host before and after an attack: its devices, configuration, settings and namespaces, and the runtime's own files. Every
// case checks the mounts (mount-table.ts).
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runtime } from '../runtime.js';

/** Counters, and what the kernel or other users of the machine change all the time. */
const restless =
  /random|quota\/|ns_last_pid|-nr$|-state$|dentry|inode|pty\/nr|sched_domain|\/net\/|hostname|overflow|tainted|pid_max|threads-max|kexec|max_user/;

function attempt(read: () => string): string {
  try {
    return read();
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? '';
  }
}

function statusOf(path: string): string {
  const { mode, uid, gid, rdev, size } = lstatSync(path);
  const isFile = (mode & 0o170000) === 0o100000;
  return `${mode.toString(8)} ${uid}:${gid} ${rdev} ${isFile ? size : ''}`;
}

function visit(directory: string, depth: number, see: (path: string, isDirectory: boolean) => void): void {
  let entries;
  try {
    entries = readdirSync(directory, { withFileTypes: true });
  } catch {
    return;
  }
  for (const entry of entries) {
    const path = join(directory, entry.name);
    see(path, entry.isDirectory());
    if (entry.isDirectory() && depth > 1) visit(path, depth - 1, see);
  }
}

const digest = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

function take(): Map<string, string> {
  const facts = new Map<string, string>();
  const note = (path: string, read: (path: string) => string): unknown =>
    facts.set(
      path,
      attempt(() => read(path)),
    );
  for (const directory of ['/', '/dev', '/etc', '/run', '/usr', '/usr/bin', '/usr/sbin', '/var'])
    visit(directory, 1, (path) => note(path, path.startsWith('/run/') || path === '/tmp' ? () => '' : statusOf));
  visit('/proc/sys', 4, (path, isDirectory) => {
    if (!isDirectory && !restless.test(path)) note(path, (file) => readFileSync(file, 'utf8'));
  });
  for (const name of readdirSync('/proc/self/ns')) note(`/proc/self/ns/${name}`, readlinkSync);
  for (const file of ['/etc/passwd', '/etc/group', '/etc/shadow', '/etc/hosts', process.execPath]) note(file, statusOf);
  visit(dirname(runtime.path), 1, (path, isDirectory) => {
    if (!isDirectory && /pocker|runc|crun/.test(path)) note(`content of ${path}`, () => digest(path));
  });
  return facts;
}

export class HostSnapshot {
  readonly #before = take();

  /** What has changed, one line each. `/run` and similar change by themselves, so only their names are compared. */
  changes(): string[] {
    const now = take();
    const names = [...new Set([...this.#before.keys(), ...now.keys()])];
    return names
      .filter((name) => this.#before.get(name) !== now.get(name) && !name.startsWith('/run/'))
      .map((name) => `${name}: ${this.#before.get(name) ?? 'not there'} -> ${now.get(name) ?? 'not there'}`);
  }
}
