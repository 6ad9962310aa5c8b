// exec: runs another process in a running container, with its namespaces, cgroups, seccomp filter and root.
import { fromHost, PockerError } from '../errors.js';
import { gatherFacts } from '../host/facts.js';
import type { Host, Launched } from '../host/host.js';
import type { Detaching } from '../host/calls/terminal.js';
import { encode } from '../plan/encode.js';
import { resolveExec, type ExecTarget } from '../plan/resolve.js';
import type { Plan, PlanOptions } from '../plan/plan.js';
import type { Process, Spec } from '../plan/spec-types.js';
import { assertAllowed, statusOf } from './shared/state-machine.js';
import { identify, isAlive, killByPidfd } from '../container/process.js';
import type { ContainerRecord, ProcessIdentity } from '../container/record.js';
import { Store } from '../container/store.js';
import { awaitEnd, awaitExecution, converse } from '../init/conversation.js';
import { checkHandover, handOverConsole, hasConsole, handOverPidfd, writePidFile, type Handover } from '../init/handover.js';
import { execCgroups, mayMoveInto, otherCgroup } from '../cgroup/exec-placement.js';
import { joinRdt } from '../container/resctrl.js';
import { cleanUp, sayAll, type Notices } from '../container/notices.js';
import { compileFilter } from '../seccomp/filter.js';
import { SeccompAgent } from '../seccomp/agent.js';
import { stepInfoOf } from '../init/failure.js';
import { assertPart, processPart } from '../spec/parts.js';
import { validateStored } from '../spec/validate.js';
import { attachToUnit } from '../cgroup/systemd.js';

export interface ExecOptions extends Handover, Notices {
  readonly root: string;
  readonly id: string;
  /** Makes the process to run from the container's own. */
  readonly process: (own: Process | undefined) => Process;
  /** Cgroups below the container's: [CONTROLLER[,CONTROLLER…]:]PATH. */
  readonly cgroups: readonly string[];
  /** Run it even if the container is paused: the process then begins when it is resumed. */
  readonly ignorePaused: boolean;
  readonly listenFds: number;
  readonly rootless: boolean;
  /** Keys at which it is left alone, if it has a terminal. */
  readonly detaching?: Detaching;
}

interface Work {
  readonly host: Host;
  readonly options: ExecOptions;
  readonly record: ContainerRecord;
  readonly plan: Plan;
  process: Launched;
  master: number;
}

/** Returns the exit code of the process; if detached, 0 as soon as its program runs; -1 if the user detaches. E_STATE if the container does not run. */
export function execInContainer(host: Host, options: ExecOptions): number {
  const work = begin(host, options);
  if (options.detached) return 0;
  const { process, master } = work;
  return orKill(work, () => host.supervise(process.pidfd, process.pid, master, null, options.detaching ?? null));
}

/** The same, detached. Returns the process, which is a child of this one. */
export function launchInContainer(host: Host, options: ExecOptions): ProcessIdentity {
  const { pid } = begin(host, options).process;
  // Until somebody waits for it, it is at least a zombie.
  return identify(host, pid) ?? { pid, startTime: 0 };
}

/** After a failure, no process stays in the container. */
function orKill<T>(work: Work, body: () => T): T {
  try {
    return body();
  } catch (caught) {
    const { host, process, options } = work;
    cleanUp(options.warn, () => killByPidfd(host, process.pidfd, process.pid));
    throw caught;
  }
}

function begin(host: Host, options: ExecOptions): Work {
  const store = new Store(host, options.root);
  const record = store.read(options.id);
  const verb = options.ignorePaused ? 'exec --ignore-paused' : 'exec';
  assertAllowed(verb, statusOf(host, store.directory(options.id), record), options.id);
  const spec = specOf(record, validateStored(store.readConfig(options.id)));
  const { plan, moved } = planExec(host, spec, record, options);
  checkHandover(host, plan, options);
  const work = launch(host, options, record, plan);
  return orKill(work, () => {
    if (moved) moveIntoUnit(work);
    converseWithInit(work);
    return work;
  });
}

/** A restored container has a time namespace that its config may not have. */
function specOf({ timeNamespace }: ContainerRecord, spec: Spec): Spec {
  const namespaces = spec.linux?.namespaces ?? [];
  if (timeNamespace !== true || namespaces.some(({ type }) => type === 'time')) return spec;
  return { ...spec, linux: { ...spec.linux, namespaces: [...namespaces, { type: 'time' }] } };
}

function planExec(host: Host, spec: Spec, record: ContainerRecord, options: ExecOptions): { plan: Plan; moved: boolean } {
  const { id, preserveFds, listenFds, rootless } = options;
  const facts = gatherFacts(host);
  const cgroups = execCgroups(host, record.cgroups, options.cgroups);
  // If it is in another session of the user, only the manager may move it there.
  const moved = record.unit?.manager === 'user' && !mayMoveInto(host, facts.cgroup, cgroups.intoCgroup);
  const target: ExecTarget = { pid: record.init!.pid, rootfs: record.rootfs, ...cgroups, moved };
  const planOptions: PlanOptions = {
    id,
    noNewKeyring: record.noNewKeyring,
    preserveFds,
    listenFds,
    rootless,
    bundle: record.bundle,
    cgroupManager: 'cgroupfs',
    noPivot: false,
    consoleSocket: hasConsole(options),
  };
  const process = options.process(spec.process);
  assertPart(processPart, 'the process', process);
  const plan = resolveExec(spec, process, target, facts, planOptions);
  sayAll(plan.warnings, options);
  return { plan, moved };
}

function launch(host: Host, options: ExecOptions, record: ContainerRecord, plan: Plan): Work {
  const { intoCgroup, v1Cgroups } = plan.cgroup;
  const bytes = encode(plan.steps, compileFilter(host, plan, options.root), host.trace !== undefined);
  const born = (cgroup: string): Launched =>
    host.launch({
      flags: 0,
      intoCgroup: cgroup,
      v1Cgroups,
      affinity: plan.affinity,
      plan: bytes,
      gate: -1,
      preserveFds: options.preserveFds,
    });
  const work = { host, options, record, plan, master: -1 };
  try {
    return { ...work, process: born(intoCgroup) };
  } catch (caught) {
    const other = options.cgroups.length === 0 ? otherCgroup(host, record, intoCgroup, caught) : null;
    if (other === null) throw fromHost('E_NAMESPACE', 'cannot make the process', caught);
    try {
      return { ...work, process: born(other) };
    } catch (again) {
      throw fromHost('E_NAMESPACE', 'cannot make the process', again);
    }
  }
}

function moveIntoUnit({ host, options, record, process }: Work): void {
  const [wanted = ''] = options.cgroups;
  const below = wanted === '' ? '' : `/${wanted.replace(/^\/+/, '')}`;
  attachToUnit(host, record.unit!, below, process.pid);
  host.send(process.channel, 'cgroups_ready', '');
}

function converseWithInit(work: Work): void {
  const { host, plan } = work;
  const agent = new SeccompAgent(host, plan.seccomp?.listener);
  try {
    agent.connect();
    waitUntilReady(work);
    awaitProgram(work, agent);
  } finally {
    agent.close();
    host.close(work.process.channel);
  }
}

/** Waits until its namespaces are joined and everything is ready for the program. */
function waitUntilReady(work: Work): void {
  const { host, options, plan, record } = work;
  work.process = converse(host, work.process, {
    stepInfo: stepInfoOf(plan),
    forked: (pid, pidfd) => {
      work.process = { pid, pidfd, channel: work.process.channel };
    },
    console: (master) => {
      work.master = handOverConsole(host, options, master);
    },
    warned: (text, pointer) => options.notApplied(text, { pointer }),
    hooksReady: () => '',
    created: () => {
      // Its namespaces were joined by that process's number, which must have been the right process all the time.
      if (!isAlive(host, record.init!)) throw new PockerError('E_STATE', 'container not running');
      joinRdt(host, record.rdt, work.process.pid);
      handOverPidfd(host, options, work.process.pidfd, 'setns');
      if (options.pidFile !== undefined) writePidFile(host, options.pidFile, work.process.pid);
      if (!options.detached) host.blockSignals();
    },
  });
}

function awaitProgram({ host, options, plan, record, process }: Work, agent: SeccompAgent): void {
  awaitExecution(host, process, {
    reports: true,
    stepInfo: stepInfoOf(plan),
    warned: (text, pointer) => options.notApplied(text, { pointer }),
    seccomp: (fd) => agent.send(fd, { record, pid: process.pid, init: record.init!.pid, status: 'running' }),
    ended: () => awaitEnd(host, process),
  });
  agent.assertTold();
}
