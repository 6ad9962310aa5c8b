// create (runtime.md, "Lifecycle" steps 1 to 5): from a bundle to a process that waits at the gate.
import { fromHost, isHostFailure, PockerError } from '../errors.js';
import type { Host, Launch, Launched, MessageName } from '../host/host.js';
import { span } from '../trace-events.js';
import { encode } from '../plan/encode.js';
import type { Plan } from '../plan/plan.js';
import { operationName, ParkT, RunHookT } from '../plan/step.js';
import { mountAt, unmountNew } from '../container/host-mount.js';
import { identify, pidInside } from '../container/process.js';
import { bootOfRecord } from '../container/state-json.js';
import { currentVersion, type ContainerRecord, type StartStep } from '../container/record.js';
import { gateName, notifyDirectory, Store, type LockedDirectory } from '../container/store.js';
import { cgroupManager, surveyUnit, type CgroupManager, type ProcessCgroups } from '../cgroup/manager.js';
import { surveyCgroups } from '../cgroup/records.js';
import { killByPidfd } from '../container/process.js';
import { converse, isHungUp } from '../init/conversation.js';
import { checkHandover, handOverConsole, handOverPidfd, writePidFile, type Handover } from '../init/handover.js';
import { hookOutput, hookState, runHooks } from '../container/hooks.js';
import { writeIdMaps } from '../init/id-maps.js';
import { writeTimeOffsets } from '../init/time-offsets.js';
import { moveNetDevices } from '../container/net-devices.js';
import { planBundle, type PlanRequest } from './plan.js';
import { stepInfoOf } from '../init/failure.js';
import { joinRdt, makeRdt, surveyRdt } from '../container/resctrl.js';
import { assertFree, reserve } from './shared/reserve.js';
import { SeccompAgent } from '../seccomp/agent.js';
import { compileFilter } from '../seccomp/filter.js';
import { UndoStack } from '../container/undo.js';
import { deletedMeanwhile, rollBack } from './shared/roll-back.js';

export interface CreateOptions extends PlanRequest, Handover {
  /** Where state directories are. */
  readonly root: string;
  readonly consoleSocket?: string;
  readonly preserveFds: number;
  /** The socket of the service manager (sd_notify(3)). */
  readonly notifySocket?: string;
}

export interface CreatedContainer {
  readonly record: ContainerRecord;
  readonly process: Launched;
  /** The terminal's master if there is no console socket to send it to, else -1. */
  readonly master: number;
}

/** One create in progress: what its stages share. */
interface Work {
  readonly host: Host;
  readonly options: CreateOptions;
  readonly plan: Plan;
  readonly undo: UndoStack;
  readonly directory: LockedDirectory;
  readonly agent: SeccompAgent;
  record: ContainerRecord;
  process: Launched | null;
  master: number;
}

const EACCES = 13;

/** Makes the container; its process waits for `start`. On failure, leaves nothing and throws the error. */
export function createContainer(host: Host, options: CreateOptions): CreatedContainer {
  const store = new Store(host, options.root);
  assertFree(host, store, options.id);
  const notify = options.notifySocket === undefined ? {} : { notifyDirectory: notifyDirectory(store.directory(options.id)) };
  const { plan, configText } = span(host, 'plan', '', () => planBundle(host, { ...options, ...notify }));
  checkHandover(host, plan, options);
  const program = span(host, 'seccomp filter', '/linux/seccomp', () => compileFilter(host, plan, options.root));
  const record = firstRecord(host, plan, options);
  const directory = span(host, 'state directory', '', () => reserve(store, record, options.warn));
  const agent = new SeccompAgent(host, plan.seccomp?.listener);
  const work: Work = { host, options, plan, undo: new UndoStack(), directory, agent, record, process: null, master: -1 };
  try {
    directory.writeConfig(configText);
    if (options.notifySocket !== undefined) directory.makeNotifyDirectory();
    agent.connect();
    const bytes = span(host, 'encode', '', () => encode(plan.steps, program, host.trace !== undefined));
    span(host, 'launch', '/linux/namespaces', () => launch(work, bytes));
    span(host, 'pocker-init at work', '', () => converseWithInit(work));
    markCreated(work);
    work.undo.commit();
    return { record: work.record, process: work.process!, master: work.master };
  } catch (caught) {
    throw rollBack(work, caught);
  } finally {
    agent.close();
    directory.unlock();
  }
}

/** The steps from the gate on, which `start` may hear of. */
function startSteps(plan: Plan): StartStep[] {
  const first = plan.steps.findIndex(({ operation }) => operation instanceof ParkT);
  return plan.steps.slice(first).map((one, index) => ({
    index: first + index,
    operation: operationName(one),
    pointer: one.pointer,
  }));
}

/** What is known of a container before any of it is made. */
export function firstRecord(
  host: Host,
  plan: Plan,
  { root, noNewKeyring }: Pick<CreateOptions, 'root' | 'noNewKeyring'>,
): ContainerRecord {
  const boot = bootOfRecord(host, root);
  return {
    version: currentVersion,
    ociVersion: plan.ociVersion,
    id: plan.id,
    bundle: plan.bundle,
    rootfs: plan.rootfs,
    created: new Date(host.now()).toISOString(),
    ...(boot === undefined ? {} : { boot }),
    owner: host.euid,
    annotations: plan.annotations,
    status: 'creating',
    creator: identify(host, host.pid) ?? { pid: host.pid, startTime: 0 },
    init: null,
    hasProcess: plan.hasProcess,
    sharesPids: plan.sharesPids,
    cgroups: surveyCgroups(host, plan.cgroup),
    unit: surveyUnit(plan),
    rdt: surveyRdt(host, plan.rdt),
    hostMount: plan.hostMounts ? plan.rootfs : null,
    ...(plan.hostMounts ? { hostMountBefore: mountAt(host, plan.rootfs) } : {}),
    poststart: plan.hooks.poststart,
    poststop: plan.hooks.poststop,
    startSteps: startSteps(plan),
    noNewKeyring,
    seccompListener: null,
  };
}

/** Makes the cgroups, the gate and the process. */
function launch(work: Work, plan: Uint8Array): void {
  const { host, options, undo, directory } = work;
  const manager = cgroupManager(host, { plan: work.plan, ...work.record, notApplied: options.notApplied });
  undo.push('recorded', () => manager.undo());
  undo.always(() => manager.release());
  const cgroups = span(host, 'cgroups', '/linux/cgroupsPath', () => manager.prepare());
  recordCgroups(work, manager);
  makeRdt(host, work.plan.rdt, undo);
  const { hostMount, hostMountBefore } = work.record;
  if (hostMount !== null) undo.push('recorded', () => unmountNew(host, hostMount, hostMountBefore));
  const gate = host.listen(directory.fd, gateName);
  try {
    const sent = { plan, gate };
    work.process = cgroups === null ? launchOutside(work, sent) : launchInside(work, manager, { cgroups, sent });
  } catch (caught) {
    throw fromHost('E_NAMESPACE', 'cannot make the container process', caught);
  } finally {
    host.close(gate);
  }
  undo.push('process', () => endProcess(work));
  manager.enter(work.process.pid);
  recordCgroups(work, manager);
  if (work.plan.cgroup.unit !== null) sendMessage(work, 'cgroups_ready');
  if (!work.plan.forks) prepareProcess(work, work.process.pid);
}

/** Whoever cleans up after us kills what runs in our cgroups, so the record names them before anything runs there. */
export function recordCgroups(work: Pick<Work, 'directory' | 'record'>, { cgroups, unit }: CgroupManager): void {
  if (cgroups === work.record.cgroups) return;
  work.record = { ...work.record, cgroups, unit };
  work.directory.write(work.record);
}

type Sent = Pick<Launch, 'plan' | 'gate'>;

function launchIn({ host, plan, options, record }: Work, { intoCgroup, v1Cgroups }: ProcessCgroups, sent: Sent): Launched {
  const request = { flags: plan.cloneFlags, intoCgroup, v1Cgroups, affinity: [], preserveFds: options.preserveFds, ...sent };
  if (!plan.steps.some(({ operation }) => operation instanceof RunHookT)) return host.launch(request);
  const { stdout: hookStdout, stderr: hookStderr } = hookOutput(record);
  return host.launch({ ...request, hookStdout, hookStderr });
}

/** Leaves the process in the caller's cgroups. */
function launchOutside(work: Work, sent: Sent): Launched {
  return launchIn(work, { intoCgroup: '', v1Cgroups: [] }, sent);
}

/** A user's own cgroup is useless if the user may not move processes there from their present one. */
function launchInside(work: Work, manager: CgroupManager, { cgroups, sent }: { cgroups: ProcessCgroups; sent: Sent }): Launched {
  try {
    return launchIn(work, cgroups, sent);
  } catch (caught) {
    if (!work.plan.cgroup.optional || !isHostFailure(caught) || caught.errno !== EACCES) throw caught;
    const pointer = '/linux/cgroupsPath';
    work.options.notApplied("the container runs in the caller's cgroup, which this user may not leave", { pointer });
    manager.giveUp();
    recordCgroups(work, manager);
    return launchOutside(work, sent);
  }
}

/** Puts the process into its Intel RDT group, and gives the process of a new user namespace its ids. */
function prepareProcess(work: Work, pid: number): void {
  const { host, plan, record } = work;
  joinRdt(host, record.rdt, pid);
  if (plan.userNamespace === null) return;
  writeIdMaps(host, pid, plan.userNamespace);
  sendMessage(work, 'maps_written');
}

function sendMessage({ host, process }: Work, message: MessageName): void {
  try {
    host.send(process!.channel, message, '');
  } catch (caught) {
    if (!isHungUp(caught)) throw fromHost('E_PROCESS', 'cannot talk to the container process', caught);
    // It has ended already. What it said before is read next and tells more.
  }
}

function endProcess(work: Work): void {
  const { host, process } = work;
  if (process === null) return;
  try {
    killByPidfd(host, process.pidfd, process.pid);
  } catch (caught) {
    work.record = { ...work.record, init: identify(host, process.pid) };
    throw caught;
  }
}

/** Talks to init until it has parked. */
function converseWithInit(work: Work): void {
  const { host, plan, options } = work;
  work.process = converse(host, work.process!, {
    stepInfo: stepInfoOf(plan),
    forked: (pid, pidfd) => {
      work.process = { pid, pidfd, channel: work.process!.channel };
      prepareProcess(work, pid);
    },
    offsetsReady: (pid) => {
      writeTimeOffsets(host, pid, plan.timeOffsets);
    },
    console: (master) => {
      work.master = handOverConsole(host, options, master);
    },
    warned: (text, pointer) => options.notApplied(text, { pointer }),
    seccomp: (fd) => {
      const { pid } = work.process!;
      work.agent.send(fd, { record: work.record, pid, init: pid, status: 'creating' });
    },
    hooksReady: () => runCreateHooks(work),
    created: () => finish(work),
  });
  host.close(work.process.channel);
}

/**
 * Runs prestart and createRuntime hooks; createContainer is next. They may call this program about the container, which is being
 * created. Returns the state for hooks in the container, with the pid as seen there.
 */
function runCreateHooks(work: Work): string {
  const { host, plan } = work;
  const { pid } = work.process!;
  moveNetDevices(host, plan, pid, work.undo);
  if (!hasCreateHooks(plan)) return '';
  work.record = { ...work.record, init: identify(host, pid) };
  work.directory.write(work.record);
  work.directory.release();
  // "created: the runtime has finished the create operation (after step 2 in the lifecycle)", and hooks are steps 3 to 5.
  const moment = { record: work.record, status: 'created', pid } as const;
  runHooks(host, 'prestart', plan.hooks.prestart, moment);
  runHooks(host, 'createRuntime', plan.hooks.createRuntime, moment);
  return hookState(work.record, 'created', pidInside(host, pid));
}

function hasCreateHooks({ hooks, steps }: Plan): boolean {
  if (hooks.prestart.length + hooks.createRuntime.length > 0) return true;
  return steps.some(({ operation }) => operation instanceof RunHookT && operation.kind === 'createContainer');
}

/** Writes the pid file, then the record with the process: it must be found even if nobody is left to say that it was created. */
function finish(work: Work): void {
  const { host, options, undo, directory } = work;
  const { pid, pidfd } = work.process!;
  if (!directory.retake()) throw deletedMeanwhile(work.record.id);
  handOverPidfd(host, options, pidfd, 'standard');
  if (options.pidFile !== undefined) {
    const path = options.pidFile;
    writePidFile(host, path, pid);
    undo.push('hidden', () => host.unlink(path));
  }
  work.record = { ...work.record, init: identify(host, pid) };
  if (work.record.init === null) throw new PockerError('E_PROCESS', 'the container process ended as it was created');
  directory.write(work.record);
}

/** Only once its process has parked: until then, the process would end with this command, and the container is half-made. */
function markCreated(work: Work): void {
  work.record = { ...work.record, status: 'created' };
  work.directory.write(work.record);
}
