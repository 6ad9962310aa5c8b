// The freezer of a container's cgroup: freezer.state of v1, cgroup.freeze of v2.
import { fromHost, isGone, PockerError } from '../errors.js';
import type { Host } from '../host/host.js';
import type { CgroupRecord } from '../container/record.js';
import { awaitLine } from './watch.js';

const fileLimit = 4096;
const freezeWaitMs = 5000;
/** v1 may miss a process that is born while it freezes; thawing and freezing again catches it. */
const triesBeforeThaw = 50;

interface Freezer {
  readonly version: 1 | 2;
  readonly path: string;
}

/** Where to freeze the container; null if it has no cgroup that can be frozen. */
function freezerOf(cgroups: readonly CgroupRecord[]): Freezer | null {
  const own = cgroups.filter(({ parent }) => !parent);
  const first = own.find(({ controller }) => controller.split(',').includes('freezer'));
  if (first !== undefined) return { version: 1, path: first.path };
  const unified = own.find(({ controller }) => controller === '');
  return unified === undefined ? null : { version: 2, path: unified.path };
}

const files = { 1: 'freezer.state', 2: 'cgroup.freeze' } as const;
const words = { 1: { frozen: 'FROZEN', thawed: 'THAWED' }, 2: { frozen: '1', thawed: '0' } } as const;

function read(host: Host, { version, path }: Freezer): string {
  return host.readText(`${path}/${files[version]}`, fileLimit).trim();
}

function write(host: Host, { version, path }: Freezer, state: 'frozen' | 'thawed'): void {
  host.writeControl(`${path}/${files[version]}`, words[version][state]);
}

/** Whether somebody asked for it to be frozen; false if the cgroup is gone, or the kernel has no freezer. */
export function isFrozen(host: Host, cgroups: readonly CgroupRecord[]): boolean {
  const freezer = freezerOf(cgroups);
  if (freezer === null) return false;
  try {
    const text = read(host, freezer);
    return text === words[freezer.version].frozen || text === 'FREEZING';
  } catch (caught) {
    if (isGone(caught)) return false;
    throw fromHost('E_CGROUP', 'cannot tell whether the container is frozen', caught);
  }
}

function awaitFrozen(host: Host, freezer: Freezer): boolean {
  if (freezer.version === 2) return awaitLine(host, `${freezer.path}/cgroup.events`, 'frozen 1', freezeWaitMs);
  const deadline = host.monotonic() + freezeWaitMs;
  for (let tries = 1; read(host, freezer) !== 'FROZEN'; tries += 1) {
    if (host.monotonic() > deadline) return false;
    if (tries % triesBeforeThaw === 0) write(host, freezer, 'thawed');
    // v1 does not notify when it is done.
    host.sleep(1);
    write(host, freezer, 'frozen');
  }
  return true;
}

/** Suspends every process of the cgroup. On failure, they keep running. */
export function freeze(host: Host, cgroups: readonly CgroupRecord[]): void {
  const freezer = freezerOf(cgroups);
  if (freezer === null) throw new PockerError('E_CGROUP', 'cannot freeze the container: it has no cgroup of its own');
  try {
    write(host, freezer, 'frozen');
    if (awaitFrozen(host, freezer)) return;
  } catch (caught) {
    thawQuietly(host, cgroups);
    throw fromHost('E_CGROUP', 'cannot freeze the container', caught);
  }
  thawQuietly(host, cgroups);
  throw new PockerError('E_BUSY', `cannot freeze the container: not all of it stopped within ${freezeWaitMs / 1000} s`, {
    path: freezer.path,
    hint: 'A process that waits for a device or a network filesystem cannot be frozen',
  });
}

/** E_CGROUP if that fails. */
export function thaw(host: Host, cgroups: readonly CgroupRecord[]): void {
  const freezer = freezerOf(cgroups);
  if (freezer === null) return;
  try {
    write(host, freezer, 'thawed');
  } catch (caught) {
    throw fromHost('E_CGROUP', 'cannot thaw the container', caught);
  }
}

/** A frozen v1 process dies only once it is thawed, even in a cgroup that the container itself has made and frozen. */
export function thawForDeath(host: Host, cgroups: readonly CgroupRecord[]): void {
  const freezer = freezerOf(cgroups);
  if (freezer !== null) host.writeCgroups(freezer.path, files[freezer.version], words[freezer.version].thawed);
}

/** For when freezing has failed. */
export function thawQuietly(host: Host, cgroups: readonly CgroupRecord[]): void {
  if (!isFrozen(host, cgroups)) return;
  try {
    thaw(host, cgroups);
  } catch {
    // The cgroup is gone, and with it all frozen processes.
  }
}
