// Knows the layout of this machine's cgroups, so that a case names a controller and a file, not a hierarchy.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type Layout = 'v1' | 'hybrid' | 'v2' | 'none';

const mountPoint = '/sys/fs/cgroup';

interface Hierarchy {
  /** '' for v2. */
  readonly controllers: readonly string[];
  readonly path: string;
  readonly version: 1 | 2;
}

function readHierarchies(): Hierarchy[] {
  const found: Hierarchy[] = [];
  for (const line of readFileSync('/proc/self/mountinfo', 'utf8').split('\n')) {
    const [before, after] = line.split(' - ');
    const path = before?.split(' ')[4];
    const [type, , options] = after?.split(' ') ?? [];
    if (!path?.startsWith(mountPoint)) continue;
    if (type === 'cgroup2') found.push({ controllers: [''], path, version: 2 });
    if (type === 'cgroup') found.push({ controllers: (options ?? '').split(','), path, version: 1 });
  }
  return found;
}

export const hierarchies: readonly Hierarchy[] = readHierarchies();

function detect(): Layout {
  const versions = new Set(hierarchies.map((hierarchy) => hierarchy.version));
  if (versions.size === 2) return 'hybrid';
  return versions.has(2) ? 'v2' : versions.has(1) ? 'v1' : 'none';
}

export const layout: Layout = detect();

/** The directory of cgroup `path` ("/name") for a controller; v2 has one for all of them. Undefined: not on this machine. */
export function cgroupDirectory(controller: string, path: string): string | undefined {
  const hierarchy = hierarchies.find((one) => (layout === 'v2' ? one.version === 2 : one.controllers.includes(controller)));
  return hierarchy === undefined ? undefined : join(hierarchy.path, path);
}

/** Whether new cgroups have a controller: in its own hierarchy, or in v2's. */
export function hasController(controller: string): boolean {
  const root = cgroupDirectory(controller, '/');
  if (layout !== 'v2' || root === undefined) return root !== undefined;
  return readFileSync(join(root, 'cgroup.controllers'), 'utf8').trim().split(' ').includes(controller);
}

/** Whether new cgroups have that file; this depends on the kernel's version and configuration, not only on the controller. */
export function hasFile(controller: string, file: string): boolean {
  const root = cgroupDirectory(controller, '/');
  if (root === undefined || !hasController(controller)) return false;
  try {
    // As runtimes do.
    if (layout === 'v2') writeFileSync(join(root, 'cgroup.subtree_control'), `+${controller}`);
    const probe = mkdtempSync(join(root, 'pkr-probe-'));
    const found = existsSync(join(probe, file));
    rmdirSync(probe);
    return found;
  } catch {
    return false;
  }
}

/** Contents of one file of cgroup `path`, without the last newline. Undefined: no such file. */
export function readCgroup(controller: string, path: string, file: string): string | undefined {
  const directory = cgroupDirectory(controller, path);
  if (directory === undefined || !existsSync(join(directory, file))) return undefined;
  return readFileSync(join(directory, file), 'utf8').trim();
}

/** All cgroup directories, in any hierarchy, whose name contains `name`; deepest first. */
export function cgroupsNamed(name: string): string[] {
  const found: string[] = [];
  const visit = (directory: string, inside: boolean): void => {
    let entries;
    try {
      entries = readdirSync(directory, { withFileTypes: true });
    } catch {
      return;
    }
    for (const entry of entries.filter((one) => one.isDirectory())) {
      const path = join(directory, entry.name);
      const matches = inside || entry.name.includes(name);
      visit(path, matches);
      if (matches) found.push(path);
    }
  };
  for (const hierarchy of hierarchies) visit(hierarchy.path, false);
  return found;
}
