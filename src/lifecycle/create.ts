// create (runtime.md, "Lifecycle" steps 1 to 5): from a bundle to a process that waits at the gate.
import { fromHost, PockerError } from '../errors.js';
import type { Host, Launched } from '../host/host.js';
import { encode } from '../plan/encode.js';
import type { Plan } from '../plan/plan.js';
import { operationName } from '../plan/step.js';
import { identify, pidInside } from '../state/process.js';
import type { ContainerRecord, LateStep } from '../state/record.js';
import { gateName, Store, type LockedDirectory } from '../state/store.js';
import { makeCgroups, removeCgroups, surveyCgroups } from './cgroups.js';
import { killByDescriptor } from './clear.js';
import { converse } from './conversation.js';
import { hookState, runHooks, tryHooks } from './hooks.js';
import { writeIdMaps } from './id-maps.js';
import { planBundle, type PlanRequest } from './plan.js';
import { assertFree, reserve } from './reserve.js';
import { UndoStack } from './undo.js';

export interface CreateOptions extends PlanRequest {
  /** Where state directories are. */
  readonly root: string;
  readonly consoleSocket?: string;
  readonly pidFile?: string;
  /** Gets a pidfd of the container's process. */
  readonly pidfdSocket?: string;
  /** Nobody stays to carry the terminal's data. */
  readonly detached: boolean;
}

export interface CreatedContainer {
  readonly record: ContainerRecord;
  readonly process: Launched;
  /** The terminal's master when there is no console socket that it went to, else -1. */
  readonly master: number;
}

/** One create at work: what its stages share. */
interface Work {
  readonly host: Host;
  readonly options: CreateOptions;
  readonly plan: Plan;
  readonly undo: UndoStack;
  readonly directory: LockedDirectory;
  record: ContainerRecord;
  process: Launched | null;
  master: number;
}

const consoleName = '/dev/ptmx';
const firstPreserved = 3;
const nowhere = { into: '', joins: [] };

/** Makes the container; its process waits for `start`. On failure nothing is left and the error is thrown. */
export function createContainer(host: Host, options: CreateOptions): CreatedContainer {
  const store = new Store(host, options.root);
  assertFree(host, store, options.id);
  checkOptions(host, options);
  const plan = planBundle(host, options);
  checkTerminal(plan, options);
  const program = compileFilter(host, plan);
  const record = firstRecord(host, plan);
  const directory = reserve(store, record);
  const undo = new UndoStack();
  undo.push(() => directory.remove());
  try {
    const work: Work = { host, options, plan, undo, directory, record, process: null, master: -1 };
    launch(work, encode(plan.steps, program));
    negotiate(work);
    undo.commit();
    return { record: work.record, process: work.process!, master: work.master };
  } catch (caught) {
    undo.run((left) => options.warn(`while undoing: ${fromHost('E_INTERNAL', 'undo', left).message}`));
    // runtime.md steps 3 to 5: a failed hook goes on at step 12, whose undoing is done.
    if (caught instanceof PockerError && caught.code === 'E_HOOK') {
      tryHooks(host, 'poststop', plan.hooks.poststop, {
        state: hookState(record, 'stopped', 0),
        cwd: plan.bundle,
        warn: options.warn,
      });
    }
    throw caught;
  } finally {
    directory.unlock();
  }
}

function checkOptions(host: Host, options: CreateOptions): void {
  for (let fd = firstPreserved; fd < firstPreserved + options.preserveFds; fd += 1) {
    if (!host.isOpen(fd))
      throw new PockerError('E_USAGE', `--preserve-fds ${options.preserveFds}: file descriptor ${fd} is not open`);
  }
}

/** In runc's words, which engines show. */
function checkTerminal(plan: Plan, { detached, consoleSocket }: CreateOptions): void {
  const details = { pointer: '/process/terminal' };
  if (detached && plan.terminal && consoleSocket === undefined) {
    throw new PockerError('E_USAGE', 'cannot allocate tty if runc will detach without setting console socket', {
      ...details,
      hint: 'give --console-socket, or set process.terminal to false',
    });
  }
  if (consoleSocket !== undefined && !(detached && plan.terminal)) {
    throw new PockerError('E_USAGE', 'cannot use console socket if runc will not detach or allocate tty', {
      ...details,
      hint: 'leave --console-socket out, or set process.terminal to true',
    });
  }
}

function compileFilter(host: Host, plan: Plan): Uint8Array | null {
  if (plan.seccomp === null) return null;
  try {
    return host.compileSeccomp(plan.seccomp);
  } catch (caught) {
    throw fromHost('E_SECCOMP', 'cannot compile the seccomp filter', caught, { pointer: '/linux/seccomp' });
  }
}

/** Steps from the gate on, which `start` may hear of. */
function lateSteps(plan: Plan): LateStep[] {
  const all = plan.steps.map((one, index) => ({ index, operation: operationName(one), pointer: String(one.pointer ?? '') }));
  return all.slice(all.findIndex(({ operation }) => operation === 'Park'));
}

function firstRecord(host: Host, plan: Plan): ContainerRecord {
  return {
    version: 1,
    ociVersion: plan.ociVersion,
    id: plan.id,
    bundle: plan.bundle,
    rootfs: plan.rootfs,
    created: new Date(host.now()).toISOString(),
    owner: host.euid,
    annotations: plan.annotations,
    status: 'creating',
    creator: identify(host, host.pid) ?? { pid: host.pid, startTime: 0 },
    init: null,
    hasProcess: plan.hasProcess,
    sharesPids: plan.sharesPids,
    cgroups: surveyCgroups(host, plan.cgroup),
    hostMount: plan.hostMounts ? plan.rootfs : null,
    poststart: plan.hooks.poststart,
    poststop: plan.hooks.poststop,
    late: lateSteps(plan),
  };
}

/** Cgroups, gate, process. */
function launch(work: Work, plan: Uint8Array): void {
  const { host, options, undo, directory } = work;
  undo.push(() => removeCgroups(host, work.record.cgroups, true));
  const made = makeCgroups(host, work.plan.cgroup, options.warn);
  if (!made) work.record = { ...work.record, cgroups: [] };
  if (work.record.hostMount !== null) undo.push(() => unmountQuietly(host, work.record.hostMount!));
  const gate = host.listen(directory.fd, gateName);
  try {
    const { into: cgroup, joins } = made ? work.plan.cgroup : nowhere;
    work.process = host.launch({ flags: work.plan.cloneFlags, cgroup, joins, plan, gate, preserveFds: options.preserveFds });
  } catch (caught) {
    throw fromHost('E_NAMESPACE', 'cannot make the container process', caught);
  } finally {
    host.close(gate);
  }
  undo.push(() => endProcess(work));
  if (!work.plan.forks) admit(work, work.process.pid);
}

/** Gives the process of a new user namespace its ids. */
function admit({ host, plan, process }: Work, pid: number): void {
  if (plan.userNamespace === null) return;
  writeIdMaps(host, pid, plan.userNamespace);
  try {
    host.send(process!.channel, 'maps_written', '');
  } catch {
    // It is gone already: what it said before is read next and tells more.
  }
}

function unmountQuietly(host: Host, path: string): void {
  try {
    host.unmount(path);
  } catch {
    // It was not mounted yet.
  }
}

function endProcess(work: Work): void {
  const { host, process } = work;
  if (process !== null) killByDescriptor(host, process.pidfd, process.pid);
}

/** The conversation with init until it has parked. */
function negotiate(work: Work): void {
  const { host, plan, options } = work;
  const stepInfo = (index: number) => {
    const one = plan.steps[index];
    return one === undefined ? undefined : { operation: operationName(one), pointer: String(one.pointer ?? '') };
  };
  work.process = converse(host, work.process!, {
    stepInfo,
    forked: (pid, pidfd) => {
      work.process = { pid, pidfd, channel: work.process!.channel };
      admit(work, pid);
    },
    console: (master) => takeConsole(work, master),
    warned: (text) => options.warn(text),
    hooksReady: () => runCreateHooks(work),
    created: () => finish(work),
  });
  host.close(work.process.channel);
}

function takeConsole(work: Work, master: number): void {
  const { host, options } = work;
  if (options.consoleSocket === undefined) {
    work.master = master;
    return;
  }
  try {
    host.sendFd(options.consoleSocket, master, consoleName);
  } catch (caught) {
    throw fromHost('E_CONSOLE', 'cannot send the terminal to the console socket', caught, {
      hint: 'is somebody listening on --console-socket?',
    });
  } finally {
    host.close(master);
  }
}

/**
 * prestart and createRuntime: the runtime environment is there, so that the state they read says created (runtime.md).
 * Returns the state for hooks in the container, with the pid as it is seen there.
 */
function runCreateHooks(work: Work): string {
  const { host, plan } = work;
  const { pid } = work.process!;
  const input = { state: hookState(work.record, 'created', pid), cwd: plan.bundle };
  runHooks(host, 'prestart', plan.hooks.prestart, input);
  runHooks(host, 'createRuntime', plan.hooks.createRuntime, input);
  return hookState(work.record, 'created', pidInside(host, pid));
}

/** The pid file, then the record: who reads the record as created may rely on everything. */
function finish(work: Work): void {
  const { host, options, undo, directory } = work;
  const { pid } = work.process!;
  sendPidfd(work);
  if (options.pidFile !== undefined) {
    const path = options.pidFile;
    undo.push(() => host.unlink(path));
    writePidFile(host, path, pid);
  }
  work.record = { ...work.record, status: 'created', init: identify(host, pid) };
  if (work.record.init === null) throw new PockerError('E_PROCESS', 'the container process ended as it was created');
  directory.write(work.record);
}

/** Under the name that runc gives a container's first process. */
function sendPidfd({ host, options, process }: Work): void {
  if (options.pidfdSocket === undefined) return;
  try {
    host.sendFd(options.pidfdSocket, (process!).pidfd, 'standard');
  } catch (caught) {
    throw fromHost('E_HOST', 'cannot send the pidfd', caught, { hint: 'is somebody listening on --pidfd-socket?' });
  }
}

/** The number alone, without a newline, as engines and the validation suite read it. */
function writePidFile(host: Host, path: string, pid: number): void {
  const slash = path.lastIndexOf('/');
  try {
    host.writeAtomic(slash < 0 ? '.' : path.slice(0, slash + 1), path.slice(slash + 1), String(pid), 0o644);
  } catch (caught) {
    throw fromHost('E_HOST', 'cannot write the pid file', caught, { path });
  }
}
