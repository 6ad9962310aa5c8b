// Finds what a container left behind on the machine (processes, cgroups, mounts, state, units), and removes it by force.
// Everything that belongs to a case contains the case's unique name somewhere.
import { readdirSync, readFileSync, readlinkSync, rmdirSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cgroupsNamed } from './cgroup.js';
import { patience } from '../command.js';
import { unitsNamed } from './units.js';

function readQuietly(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function linkQuietly(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

/** mountinfo, which the kernel takes long to write, once for each mount namespace and root. */
function mountinfoReader(): (pid: string) => string {
  const known = new Map<string, string>();
  return (pid) => {
    const key = `${linkQuietly(`/proc/${pid}/ns/mnt`)} ${linkQuietly(`/proc/${pid}/root`)}`;
    const text = known.get(key) ?? readQuietly(`/proc/${pid}/mountinfo`);
    known.set(key, text);
    return text;
  };
}

/**
 * Pids of running processes whose cgroup, mounts or command line contain `name`. Zombies, this process and its own children (the
 * case's helpers) do not count: what a runtime leaves behind is no longer our child.
 */
export function processesOf(name: string): number[] {
  const pids = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid);
  const mountinfo = mountinfoReader();
  return pids
    .filter(
      (pid) =>
        ['cgroup', 'cmdline'].some((file) => readQuietly(`/proc/${pid}/${file}`).includes(name)) || shows(mountinfo(pid), name),
    )
    .filter((pid) => counts(readQuietly(`/proc/${pid}/status`)))
    .map(Number);
}

function counts(status: string): boolean {
  return status !== '' && !/^State:\s+[ZX]/m.test(status) && Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]) !== process.pid;
}

// A mount that is visible in our own namespace is visible to everyone: it is a leftover mount, not a process.
function shows(mountinfo: string, name: string): boolean {
  return mountinfo.includes(name) && mountinfo !== readQuietly('/proc/self/mountinfo');
}

/** Mount points in our own mount namespace whose path contains `name`, last mounted first. */
export function mountsOf(name: string): string[] {
  const lines = readQuietly('/proc/self/mountinfo').split('\n');
  const points = lines.filter((line) => line.includes(name)).map((line) => line.split(' ')[4] ?? '');
  return points.reverse();
}

/** What is left of the case `name`, one line each. `stateRoot` is the runtime's --root. */
export function leftovers(name: string, stateRoot: string): string[] {
  let state: string[] = [];
  try {
    // Our cache of seccomp programs belongs to no container.
    state = readdirSync(stateRoot).filter((entry) => entry !== '@seccomp');
  } catch {
    // Nothing was ever created.
  }
  return [
    ...processesOf(name).map((pid) => `process ${pid}: ${readQuietly(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')}`),
    ...cgroupsNamed(name).map((path) => `cgroup ${path}`),
    ...mountsOf(name).map((path) => `mount ${path}`),
    ...state.map((entry) => `state ${entry}`),
    ...unitsNamed(name).map((unit) => `unit ${unit}`),
  ];
}

/** Like `leftovers`, but gives what is ending (killed processes, emptied cgroups) up to `milliseconds` to disappear. */
export async function settledLeftovers(name: string, stateRoot: string, milliseconds = 2000): Promise<string[]> {
  const deadline = performance.now() + milliseconds * patience;
  for (;;) {
    const left = leftovers(name, stateRoot);
    if (left.length === 0 || performance.now() > deadline) return left;
    await sleep(20);
  }
}

/** Whether its root, cgroup or command line is the case's; a mount namespace that merely shows its mounts may be anybody's. */
function isOfCase(pid: number, name: string): boolean {
  const root = readQuietly(`/proc/${pid}/mountinfo`)
    .split('\n')
    .find((line) => line.split(' ')[4] === '/');
  return [root ?? '', readQuietly(`/proc/${pid}/cgroup`), readQuietly(`/proc/${pid}/cmdline`)].some((text) =>
    text.includes(name),
  );
}

/** Also by their cgroups: a process's first thread may have ended while others have not. */
function killAll(name: string): void {
  const members = cgroupsNamed(name).flatMap((path) => readQuietly(join(path, 'cgroup.procs')).trim().split('\n'));
  const own = processesOf(name).filter((pid) => isOfCase(pid, name));
  for (const pid of [...own, ...members.filter((line) => line !== '' && line !== '0').map(Number)]) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended by itself.
    }
  }
}

/** Removes processes, mounts and cgroups of the case, so that a failing case does not spoil the machine for the next. */
export async function removeLeftovers(name: string): Promise<void> {
  for (let attempt = 0; attempt < 50; attempt++) {
    killAll(name);
    for (const path of mountsOf(name)) spawnSync('umount', ['-l', path.replaceAll('\\040', ' ').replaceAll('\\012', '\n')]);
    for (const path of cgroupsNamed(name)) {
      try {
        rmdirSync(path);
      } catch {
        // Its processes are not quite gone: try again.
      }
    }
    if (processesOf(name).filter((pid) => isOfCase(pid, name)).length + mountsOf(name).length + cgroupsNamed(name).length === 0)
      return;
    await sleep(20);
  }
}
