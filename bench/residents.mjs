// What an engine leaves on a machine: processes, cgroups, mounts.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // it has ended meanwhile
  }
}

/** PSS in KiB, and names, of all processes that have one of `marks` on their command lines: memory that they share is divided. */
export function residents(marks) {
  const found = readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && marks.some((mark) => read(`/proc/${pid}/cmdline`).includes(mark)))
    .map((pid) => ({
      kib: Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0),
      name: read(`/proc/${pid}/comm`).trim(),
    }));
  return { kib: found.reduce((sum, { kib }) => sum + kib, 0), names: [...new Set(found.map(({ name }) => name))] };
}

function below(path) {
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) => [...below(join(path, entry.name)), join(path, entry.name)]);
}

/** Cgroups of that name in all hierarchies, with those in them, deepest first. */
export function cgroupsNamed(name) {
  // podman makes plain directories where a hybrid machine's v2 hierarchy would be.
  const plain = !existsSync('/sys/fs/cgroup/unified/cgroup.controllers');
  const folders = readdirSync('/sys/fs/cgroup').filter((one) => one !== 'unified' || !plain);
  const hierarchies = ['/sys/fs/cgroup', ...folders.map((one) => join('/sys/fs/cgroup', one))];
  return hierarchies
    .map((hierarchy) => join(hierarchy, name))
    .flatMap((path) => {
      try {
        return [...below(path), path];
      } catch {
        return []; // it has none there
      }
    });
}

export function unmountBelow(directory) {
  const points = read('/proc/self/mountinfo')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((path) => path.startsWith(`${directory}/`));
  for (const path of points.reverse()) spawnSync('umount', [path]);
}
