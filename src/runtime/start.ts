// start (runtime.md, "Lifecycle" steps 6 to 9): opens the gate, waits until the program runs, then runs the poststart hooks.
import { fromHost, PockerError } from '../errors.js';
import type { Host, ReadyNotification } from '../host/host.js';
import { assertAllowed, readStatusAndGate } from './shared/state-machine.js';
import { killProcess, pidInside } from '../container/process.js';
import type { ContainerRecord, ProcessIdentity } from '../container/record.js';
import { Store, type LockedDirectory } from '../container/store.js';
import { destroy } from './shared/clear.js';
import { awaitExecution } from '../init/conversation.js';
import { hookState, runHooks } from '../container/hooks.js';
import { cleanUp, type Notices, type Warn } from '../container/notices.js';
import { listenForReady, passOnReady } from '../container/notify.js';
import { SeccompAgent } from '../seccomp/agent.js';

export interface StartOptions extends Notices {
  /** The socket of the service manager (sd_notify(3)). */
  readonly notifySocket?: string;
  readonly root: string;
  readonly id: string;
}

export interface StartedContainer {
  readonly init: ProcessIdentity;
  /** What to tell the service manager once the program is ready; null if there is no manager. */
  readonly ready: ReadyNotification | null;
}

/** E_STATE unless the container is created; E_EXEC and E_HOOK if its program or a hook fails, which ends the container. */
export function startContainer(host: Host, options: StartOptions): StartedContainer {
  const store = new Store(host, options.root);
  const directory = store.lock(options.id);
  try {
    const record = store.read(options.id);
    const { status, gate } = readStatusAndGate(host, directory.path, record);
    assertAllowed('start', status, options.id);
    try {
      return openGate(host, { gate, directory, record, options });
    } catch (caught) {
      abort(host, directory, { record, cause: caught, warn: options.warn });
      throw caught;
    } finally {
      host.close(gate);
    }
  } finally {
    directory.unlock();
  }
}

/** A container that could not be started has stopped; it can only be deleted. */
function abort(
  host: Host,
  directory: LockedDirectory,
  { record, cause, warn }: { record: ContainerRecord; cause: unknown; warn: Warn },
): void {
  cleanUp(warn, () => killProcess(host, record.init!));
  // runtime.md steps 7 and 9: after a failed hook, the lifecycle goes on at step 12, unless the hook itself has seen to that.
  if (!(cause instanceof PockerError && cause.code === 'E_HOOK')) return;
  cleanUp(warn, () => {
    if (directory.retake()) destroy(host, directory, { record, kill: true, warn });
  });
}

/** The same. Also waits until the program says that it is ready, if a manager asked to be told. */
export function startAndWait(host: Host, options: StartOptions): void {
  const { init, ready } = startContainer(host, options);
  if (ready !== null) passOnReady(host, ready, init.pid, options.warn);
}

function assertProcess(record: ContainerRecord): void {
  if (record.hasProcess) return;
  throw new PockerError('E_STATE', 'cannot start a container without a process', {
    pointer: '/process',
    hint: 'Add a process to config.json, then delete the container and create it again',
  });
}

function hooksInside({ startSteps }: ContainerRecord): boolean {
  return startSteps.some(({ operation }) => operation === 'RunHook');
}

interface Opening {
  readonly gate: number;
  readonly directory: LockedDirectory;
  readonly record: ContainerRecord;
  readonly options: StartOptions;
}

/** Hooks do not run under the lock: they may call this program about the container. */
function openGate(host: Host, opening: Opening): StartedContainer {
  const { directory, record, options } = opening;
  const init = record.init!;
  assertProcess(record);
  const ready = listenForReady(host, directory.path, { path: options.notifySocket, pid: init.pid });
  sendGo(host, opening);
  if (record.poststart.length === 0) return { init, ready };
  directory.release();
  runHooks(host, 'poststart', record.poststart, { record, status: 'running', pid: init.pid });
  return { init, ready };
}

/** Sends "go", and listens until the end of file that a successful execve(2) causes. */
function sendGo(host: Host, { gate, directory, record, options }: Opening): void {
  const { pid } = record.init!;
  const agent = new SeccompAgent(host, record.seccompListener);
  try {
    agent.connect();
    const state = hookState(record, 'created', hooksInside(record) ? pidInside(host, pid) : pid);
    host.send(gate, 'go', state, host.trace === undefined ? 0 : 1);
    awaitExecution(
      host,
      { channel: gate, pid },
      {
        reports: record.startSteps.some(({ operation }) => operation === 'ShareReport'),
        stepInfo: (step) => record.startSteps.find(({ index }) => index === step),
        warned: (text, pointer) => options.notApplied(text, { pointer }),
        seccomp: (fd) => agent.send(fd, { record, pid, init: pid, status: 'created' }),
        hooksReady: () => directory.release(),
        unread: () => {
          const hint = 'It has ended, or you are neither root nor the user who created it';
          throw new PockerError('E_PROCESS', 'cannot start the container: its process did not receive the request', { hint });
        },
      },
    );
    agent.assertTold();
  } catch (caught) {
    throw fromHost('E_PROCESS', 'cannot start the container', caught);
  } finally {
    agent.close();
  }
}
