// Who makes a container's cgroups: this program itself, or systemd on its behalf.
import { PockerError } from '../errors.js';
import type { Host } from '../host/host.js';
import type { CgroupDirectory, Plan, UnitPlan } from '../plan/plan.js';
import type { CgroupRecord, ContainerRecord, UnitRecord } from '../container/record.js';
import { delegateCgroup, makeCgroup, makeCgroups } from './make.js';
import { madeCgroups } from './records.js';
import { removeCgroups } from './remove.js';
import { processesIn } from './members.js';
import type { Notices } from '../container/notices.js';
import { shortDeadlineMs, startUnit, stopUnit, UnitExistsError } from './systemd.js';

const ETIMEDOUT = 110;

/** Where a process is born (v2), and what it joins by itself (v1). */
export interface ProcessCgroups {
  readonly intoCgroup: string;
  readonly v1Cgroups: readonly string[];
}

/** How one create gets its cgroups. */
export interface CgroupManager {
  /** For the record: what is known of them after each step. */
  readonly cgroups: readonly CgroupRecord[];
  readonly unit: UnitRecord | null;
  /** Makes what can exist before a process does. Null: the container stays in the caller's cgroups. */
  prepare(): ProcessCgroups | null;
  /** Moves the process in, if necessary; the process waits for that (Message.cgroups_ready). */
  enter(pid: number): void;
  /** Reverts prepare(), because no process may be born there. */
  giveUp(): void;
  /** Reverts everything; its process has ended. */
  undo(): void;
  /** Called at the end of create, whether it succeeds or not: others may now use a cgroup that existed before. */
  release(): void;
}

interface Request {
  readonly plan: Plan;
  /** Surveyed before anything was made. */
  readonly cgroups: readonly CgroupRecord[];
  readonly unit: UnitRecord | null;
  readonly notApplied: Notices['notApplied'];
}

/** What both managers have in common. */
abstract class CgroupMaker implements CgroupManager {
  readonly made = new Set<string>();
  readonly locks: number[] = [];
  cgroups: readonly CgroupRecord[];
  unit: UnitRecord | null;

  constructor(
    protected readonly host: Host,
    protected readonly request: Request,
  ) {
    this.cgroups = request.cgroups;
    this.unit = request.unit;
  }

  abstract prepare(): ProcessCgroups | null;
  abstract enter(pid: number): void;
  abstract giveUp(): void;
  abstract undo(): void;

  release(): void {
    for (const fd of this.locks.splice(0)) this.host.close(fd);
  }

  protected refreshCgroups(): void {
    const { cgroups: surveyed, plan } = this.request;
    this.cgroups = madeCgroups(this.host, plan.cgroup, { surveyed, made: this.made });
  }

  /** Keeps cgroups that existed before or that another create made, with their processes. */
  protected removeMade(kill: boolean): void {
    this.refreshCgroups();
    const own = this.cgroups.filter(({ fresh, parent }) => fresh || parent);
    removeCgroups(this.host, own, kill);
  }
}

class OwnCgroups extends CgroupMaker {
  prepare(): ProcessCgroups | null {
    const { plan, notApplied } = this.request;
    const isMade = makeCgroups(this.host, plan.cgroup, this, notApplied);
    if (isMade) this.refreshCgroups();
    else this.giveUp();
    return isMade ? plan.cgroup : null;
  }

  enter(): void {
    // It was born there.
  }

  giveUp(): void {
    this.removeMade(false);
    // Another create may use the same paths from now on.
    this.made.clear();
    this.cgroups = [];
  }

  undo(): void {
    this.removeMade(true);
  }
}

/** A scope needs a process: systemd makes its cgroups around the waiting one, then we write the rest. */
class UnitCgroups extends CgroupMaker {
  /** Whether the unit, if it exists, is ours. */
  #claimed = false;
  #undoDeadline: number | undefined;

  constructor(
    host: Host,
    request: Request,
    private readonly planned: UnitPlan,
  ) {
    super(host, request);
  }

  prepare(): ProcessCgroups {
    for (const directory of this.#directories(false)) makeCgroup(this.host, directory, this);
    this.refreshCgroups();
    return this.request.plan.cgroup;
  }

  enter(pid: number): void {
    this.#start(pid);
    this.#claim();
    const { owner } = this.request.plan.cgroup;
    for (const directory of this.#directories(true)) {
      // systemd may not have every v1 controller that we know.
      const must = ['', 'name=systemd'].includes(directory.controller);
      if (must) this.#assertInside(directory, pid);
      makeCgroup(this.host, directory, this);
      if (!must && !this.#isInside(directory, pid)) this.host.writeControl(`${directory.path}/cgroup.procs`, String(pid));
      if (owner !== null) delegateCgroup(this.host, directory.path, owner);
    }
  }

  giveUp(): void {
    // systemd moves the processes that it wants.
  }

  undo(): void {
    try {
      this.removeMade(true);
    } finally {
      if (this.#claimed) stopUnit(this.host, this.planned, this.#undoDeadline);
    }
  }

  protected override refreshCgroups(): void {
    super.refreshCgroups();
    if (this.#claimed) this.#claim();
  }

  /** The unit's cgroups now are the container's own. */
  #claim(): void {
    const managed = new Set(this.#directories(true).map(({ path }) => path));
    this.cgroups = this.cgroups.map((cgroup) => ({ ...cgroup, fresh: cgroup.fresh || managed.has(cgroup.path) }));
    this.unit = this.unit && { ...this.unit, fresh: true };
  }

  #directories(managed: boolean): CgroupDirectory[] {
    return this.request.plan.cgroup.directories.filter((directory) => directory.managed === managed);
  }

  #start(pid: number): void {
    this.#claimed = true;
    try {
      startUnit(this.host, this.planned, pid);
    } catch (caught) {
      if (caught instanceof UnitExistsError) this.#claimed = false;
      if (caught instanceof PockerError && caught.details.errno === ETIMEDOUT) this.#undoDeadline = shortDeadlineMs;
      throw caught;
    }
  }

  #isInside({ path }: CgroupDirectory, pid: number): boolean {
    return processesIn(this.host, path).includes(pid);
  }

  #assertInside(directory: CgroupDirectory, pid: number): void {
    if (this.#isInside(directory, pid)) return;
    const message = `systemd did not put the container process into ${directory.path}`;
    throw new PockerError('E_CGROUP', message, { path: directory.path, hint: `See /proc/${pid}/cgroup for where it is` });
  }
}

export function cgroupManager(host: Host, request: Request): CgroupManager {
  const { unit } = request.plan.cgroup;
  return unit === null ? new OwnCgroups(host, request) : new UnitCgroups(host, request, unit);
}

/** For the record, before anything is made: until systemd has started it, a unit of that name belongs to somebody else. */
export function surveyUnit({ cgroup: { unit } }: Plan): UnitRecord | null {
  return unit === null ? null : { manager: unit.manager, name: unit.name, fresh: false };
}

/** Removes a container's cgroups, and the unit that they were made for. */
export function destroyCgroups(host: Host, { cgroups, unit }: ContainerRecord, kill: boolean): void {
  removeCgroups(host, cgroups, kill);
  if (unit?.fresh === true) stopUnit(host, unit);
}
