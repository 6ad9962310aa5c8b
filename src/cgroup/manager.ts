// Who makes a container's cgroups: this program itself, or systemd for it.
import { PockerError } from '../errors.js';
import type { Host } from '../host/host.js';
import type { CgroupDirectory, Plan, UnitPlan } from '../plan/plan.js';
import type { CgroupRecord, ContainerRecord, UnitRecord } from '../container/record.js';
import { delegateCgroup, makeCgroup, makeCgroups } from './make.js';
import { removeCgroups } from './cgroups.js';
import { processesIn } from './members.js';
import type { Notices } from '../container/notices.js';
import { hastyDeadlineMs, startUnit, stopUnit, UnitExistsError } from './systemd.js';

const ETIMEDOUT = 110;

/** Where a process is to be born (v2), and what it joins by itself (v1). */
export interface Placement {
  readonly into: string;
  readonly joins: readonly string[];
}

/** One create's way to its cgroups. */
export interface CgroupManager {
  /** What can be there before a process is. Null: the container stays in the caller's cgroups. */
  prepare(): Placement | null;
  /** Puts the process in, which waits for that (Message.cgroups_ready) where there is something to do. */
  enter(pid: number): void;
  /** Takes back what prepare() made, since no process may be born there. */
  giveUp(): void;
  /** Takes everything back; its process has ended. */
  undo(): void;
}

interface Request {
  readonly plan: Plan;
  /** Surveyed before anything was made. */
  readonly cgroups: readonly CgroupRecord[];
  readonly notApplied: Notices['notApplied'];
}

class OwnCgroups implements CgroupManager {
  constructor(
    private readonly host: Host,
    private readonly request: Request,
  ) {}

  prepare(): Placement | null {
    const { plan, notApplied } = this.request;
    if (makeCgroups(this.host, plan.cgroup, notApplied)) return plan.cgroup;
    this.giveUp();
    return null;
  }

  enter(): void {
    // It was born there.
  }

  giveUp(): void {
    removeCgroups(
      this.host,
      this.request.cgroups.filter(({ fresh }) => fresh),
      false,
    );
  }

  /** What was there before stays, with whoever is in it. */
  undo(): void {
    const made = this.request.cgroups.filter(({ fresh }) => fresh);
    removeCgroups(this.host, made, true);
  }
}

/** A scope cannot be without a process: systemd makes its cgroups around the one that waits, then the rest is written. */
class UnitCgroups implements CgroupManager {
  /** Whether the unit, if it is there, is ours. */
  #claimed = false;
  #undoDeadline: number | undefined;

  constructor(
    private readonly host: Host,
    private readonly request: Request,
    private readonly unit: UnitPlan,
  ) {}

  prepare(): Placement {
    for (const directory of this.#directories(false)) makeCgroup(this.host, directory);
    return this.request.plan.cgroup;
  }

  enter(pid: number): void {
    this.#start(pid);
    const { owner } = this.request.plan.cgroup;
    for (const directory of this.#directories(true)) {
      // systemd need not have every controller of v1 that we know.
      const must = ['', 'name=systemd'].includes(directory.controller);
      if (must) this.#assertInside(directory, pid);
      makeCgroup(this.host, directory);
      if (!must && !this.#isInside(directory, pid)) this.host.writeControl(`${directory.path}/cgroup.procs`, String(pid));
      if (owner !== null) delegateCgroup(this.host, directory.path, owner);
    }
  }

  giveUp(): void {
    // systemd moves whom it will.
  }

  undo(): void {
    const managed = new Set(this.#directories(true).map(({ path }) => path));
    const { cgroups } = this.request;
    try {
      removeCgroups(this.host, this.#claimed ? cgroups : cgroups.filter(({ path }) => !managed.has(path)), true);
    } finally {
      if (this.#claimed) stopUnit(this.host, this.unit, this.#undoDeadline);
    }
  }

  #directories(managed: boolean): CgroupDirectory[] {
    return this.request.plan.cgroup.directories.filter((directory) => directory.managed === managed);
  }

  #start(pid: number): void {
    this.#claimed = true;
    try {
      startUnit(this.host, this.unit, pid);
    } catch (caught) {
      if (caught instanceof UnitExistsError) this.#claimed = false;
      if (caught instanceof PockerError && caught.details.errno === ETIMEDOUT) this.#undoDeadline = hastyDeadlineMs;
      throw caught;
    }
  }

  #isInside({ path }: CgroupDirectory, pid: number): boolean {
    return processesIn(this.host, path).includes(pid);
  }

  #assertInside(directory: CgroupDirectory, pid: number): void {
    if (this.#isInside(directory, pid)) return;
    const message = `systemd has not put the container process into ${directory.path}`;
    throw new PockerError('E_CGROUP', message, { path: directory.path, hint: `see /proc/${pid}/cgroup for where it is` });
  }
}

export function cgroupManager(host: Host, request: Request): CgroupManager {
  const { unit } = request.plan.cgroup;
  return unit === null ? new OwnCgroups(host, request) : new UnitCgroups(host, request, unit);
}

/** For the record, before anything is made. A unit whose cgroup is there already may be somebody else's. */
export function surveyUnit(host: Host, { cgroup: { unit, directories } }: Plan): UnitRecord | null {
  if (unit === null) return null;
  const fresh = directories.every(({ managed, path }) => !managed || host.stat(path) === null);
  return { manager: unit.manager, name: unit.name, fresh };
}

/** Removes a container's cgroups, and the unit that they were made for. */
export function destroyCgroups(host: Host, { cgroups, unit }: ContainerRecord, kill: boolean): void {
  removeCgroups(host, cgroups, kill);
  if (unit?.fresh === true) stopUnit(host, unit);
}
