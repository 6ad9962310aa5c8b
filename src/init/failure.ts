// Turns pocker-init's `failed` message into the error that a user reads.
import { PockerError, type ErrorCode, type ErrorDetails } from '../errors.js';
import type { Host, Received } from '../host/host.js';
import type { Plan } from '../plan/plan.js';
import { signalName } from '../plan/tables/signals.js';
import { mountLine } from '../plan/print/mount-line.js';
import { MountBindT, OpenSourceT, operationName, type Operation, type Step } from '../plan/step.js';
import { errnoName } from '../host/errno.js';
import { missingCallHint } from '../host/syscalls.js';
import { execFailure } from './exec-failure.js';
import { mountHint } from './mount-hints.js';

/** The step that a message is about, by its index in the plan. */
export interface StepInfo {
  readonly operation: string;
  readonly pointer: string;
  /** What the step is about, if a failing call has no path of its own. */
  readonly path?: string;
  /** Only for a mount: from where to where, and the command line of mount(8). */
  readonly mount?: { readonly source: string; readonly target: string; readonly line: string };
}

/** The mount that a source was opened for. */
function mountOf(steps: readonly Step[], one: Step): Step {
  const { operation } = one;
  if (!(operation instanceof OpenSourceT)) return one;
  return steps.find((other) => other.operation instanceof MountBindT && other.operation.slot === operation.slot) ?? one;
}

function mountInfo(steps: readonly Step[], one: Step): Pick<StepInfo, 'mount'> {
  const mount = mountOf(steps, one);
  const line = mountLine(mount);
  if (line === undefined) return {};
  const { source, target } = mount.operation as { readonly source?: string | null; readonly target?: string };
  return { mount: { source: source ?? '', target: target ?? '', line } };
}

function pathInfo({ operation }: Step): Pick<StepInfo, 'path'> {
  const { path } = operation as { readonly path?: string | null };
  return path === undefined || path === null || path === '' ? {} : { path };
}

/** Looks a step up by its index; init's messages name one. */
export function stepInfoOf({ steps }: Pick<Plan, 'steps'>): (index: number) => StepInfo | undefined {
  return (index) => {
    const one = steps[index];
    if (one === undefined) return undefined;
    return { operation: operationName(one), pointer: one.pointer, ...pathInfo(one), ...mountInfo(steps, one) };
  };
}

/** The words and the code for the failure of each operation. */
const subjects = {
  join: ['E_CGROUP', 'cannot join the cgroup'],
  JoinNamespace: ['E_NAMESPACE', 'cannot join the namespace'],
  Fork: ['E_NAMESPACE', 'cannot make the namespaces'],
  Unshare: ['E_NAMESPACE', 'cannot make the cgroup namespace'],
  TimeNamespace: ['E_NAMESPACE', 'cannot make the time namespace'],
  BecomeRoot: ['E_NAMESPACE', 'cannot become root of the user namespace'],
  OpenSource: ['E_MOUNT', 'error mounting'],
  IdMap: ['E_MOUNT', 'cannot make the id map of the mount'],
  TreePropagation: ['E_MOUNT', 'cannot set the propagation of mounts'],
  MountRoot: ['E_ROOTFS', 'cannot mount the root filesystem'],
  MountFilesystem: ['E_MOUNT', 'error mounting'],
  MountBind: ['E_MOUNT', 'error mounting'],
  MountAttributes: ['E_MOUNT', 'error mounting'],
  AttachSources: ['E_MOUNT', 'cannot attach the sources of mounts'],
  UnshareMounts: ['E_NAMESPACE', 'cannot make a mount namespace'],
  OpenDescriptors: ['E_MOUNT', 'cannot reach the descriptors of mounts'],
  Unmount: ['E_MOUNT', 'cannot unmount'],
  Directory: ['E_ROOTFS', 'cannot make the directory'],
  Device: ['E_ROOTFS', 'cannot make the device'],
  DeviceNode: ['E_ROOTFS', 'cannot make the device'],
  Symlink: ['E_ROOTFS', 'cannot make the link'],
  Terminal: ['E_CONSOLE', 'cannot set up the terminal'],
  EnterRoot: ['E_ROOTFS', 'cannot enter the root filesystem'],
  MaskPath: ['E_MOUNT', 'cannot mask the path'],
  ReadonlyPath: ['E_MOUNT', 'cannot make the path readonly'],
  WriteProc: ['E_PROCESS', 'cannot apply'],
  Hostname: ['E_PROCESS', 'cannot set the hostname'],
  Domainname: ['E_PROCESS', 'cannot set the domainname'],
  Rlimit: ['E_PROCESS', 'error setting rlimit'],
  Scheduler: ['E_PROCESS', 'error setting scheduler'],
  IoPriority: ['E_PROCESS', 'error setting IO priority'],
  Personality: ['E_PROCESS', 'cannot set the personality'],
  MemoryPolicy: ['E_PROCESS', 'cannot set the memory policy'],
  CpuAffinity: ['E_PROCESS', 'cannot set the CPU affinity'],
  Keyring: ['E_PROCESS', 'unable to join session keyring'],
  NewSession: ['E_PROCESS', 'cannot make a session'],
  RunHook: ['E_HOOK', 'error running a hook'],
  WorkingDirectory: ['E_PROCESS', 'cannot change to the working directory'],
  SetUser: ['E_PROCESS', 'cannot become the user of the process'],
  Umask: ['E_PROCESS', 'cannot set the umask'],
  DropBounding: ['E_PROCESS', 'unable to apply bounding set'],
  SetCapabilities: ['E_PROCESS', 'unable to apply caps'],
  NoNewPrivileges: ['E_PROCESS', 'cannot set no_new_privs'],
  Seccomp: ['E_SECCOMP', 'cannot load the seccomp filter'],
  FindProgram: ['E_EXEC', 'cannot find the program'],
  SetHome: ['E_PROCESS', 'cannot read HOME from /etc/passwd'],
  Park: ['E_PROCESS', 'cannot wait for start'],
  Exec: ['E_EXEC', 'cannot execute the program'],
  Loopback: ['E_NAMESPACE', 'cannot bring the loopback device up'],
  NotDumpable: ['E_PROCESS', 'cannot keep other processes from tracing it'],
  CloseOnExec: ['E_PROCESS', 'cannot close file descriptors that the program must not inherit'],
  OpenRoot: ['E_ROOTFS', "cannot open the container's root"],
  ShareReport: ['E_PROCESS', 'cannot make the memory to report in'],
  Sync: ['E_PROCESS', 'the conversation with the runtime broke off'],
} satisfies Readonly<Record<Exclude<keyof typeof Operation, 'NONE'> | 'join', readonly [code: ErrorCode, what: string]>>;

/** For failures outside of any step. `launched`: the call that failed in the new process itself. */
function subjectOf(operation: string, launched: boolean): readonly [code: ErrorCode, what: string] {
  if (Object.hasOwn(subjects, operation)) return subjects[operation as keyof typeof subjects];
  return ['E_PROCESS', launched ? 'cannot start the container process' : `cannot carry out ${operation}`];
}

const EINVAL = 22;

/** Between the filter and the program, init sends only the notify fd. */
function filterHint({ operation }: StepInfo, { text }: Received): string | undefined {
  return operation === 'Seccomp' && text === 'sendmsg' ? 'A profile with SCMP_ACT_NOTIFY must allow sendmsg' : undefined;
}

/** Explains the kernel's errno for an id that the user namespace does not have. */
function idHint({ operation }: StepInfo, { number, text }: Received): string | undefined {
  if (number !== EINVAL) return undefined;
  const kind = /^setres?([ug]id)/.exec(text)?.[1] ?? (text.startsWith('setgroups') ? 'gid' : undefined);
  if (kind === undefined) return undefined;
  if (operation === 'BecomeRoot')
    return `Map id 0: the container is set up as id 0, but the ${kind} mappings of the user namespace lack it`;
  return `Check that the ${kind} mappings of the user namespace include it`;
}

function detailsOf(received: Received, step: StepInfo): ErrorDetails {
  return {
    operation: received.text.split('\n')[0] ?? '',
    errno: received.number,
    ...(received.path === '' ? {} : { path: received.path }),
    ...(step.pointer === '' ? {} : { pointer: step.pointer }),
  };
}

/** `error running createContainer hook #0: …`, like the failures of hooks outside of the container. */
function hookError(received: Received, details: ErrorDetails): PockerError {
  const why = errnoName(received.number).text;
  const [what = '', said = why] = received.text.split(/\n(.*)/s);
  // Before its program could be executed.
  const more = said.startsWith('call ') ? `${said.slice('call '.length)}: ${why}` : said;
  return new PockerError('E_HOOK', `error running ${what}: ${received.path}: ${more.trim()}`, details);
}

/** In runc's words, which people search for. */
function mountWords({ mount }: StepInfo): string {
  if (mount === undefined) return '';
  const { source, target } = mount;
  return `${source === '' ? '' : ` ${JSON.stringify(source)}`} to rootfs at ${JSON.stringify(target)}`;
}

function withHint(details: ErrorDetails, { mount }: StepInfo, why: string | undefined): ErrorDetails {
  const parts = [why, mount === undefined ? undefined : `Equivalent command: ${mount.line}`].filter((part) => part !== undefined);
  return parts.length === 0 ? details : { ...details, hint: parts.join('. ') };
}

/** The result of Host.reap. */
export type Ended = NonNullable<ReturnType<Host['reap']>>;

/** The signal that ended pocker-init: 0 for none. Near the gate it has handlers, which exit (addon/init/gate.cpp). */
function endingSignal({ code, signal }: Ended): number {
  return signal === 0 && code > 128 ? code - 128 : signal;
}

export function howItEnded(ended: Ended | null): string {
  if (ended === null) return 'ended';
  const signal = endingSignal(ended);
  return signal === 0 ? `exited with status ${ended.code}` : `was killed by ${signalName(signal)}`;
}

const SIGHUP = 1;

export function hangupHint(ended: Ended | null): string | undefined {
  return ended !== null && endingSignal(ended) === SIGHUP ? 'Its terminal was closed' : undefined;
}

/** It ended before its program was executed, and could not send a message. `ended`: null if nobody could tell us how. */
export function endedAt(step: StepInfo | undefined, ended: Ended | null): PockerError {
  const [code, what] = step === undefined ? (['E_PROCESS', 'the wait for start'] as const) : subjectOf(step.operation, false);
  const pointer = step === undefined || step.pointer === '' ? '' : ` (${step.pointer})`;
  const how = ended === null ? 'was killed' : howItEnded(ended);
  return new PockerError(code, `the container process ${how} before its program was executed, at: ${what}${pointer}`, {
    ...(step === undefined || step.pointer === '' ? {} : { pointer: step.pointer }),
    hint:
      hangupHint(ended) ??
      'A seccomp filter loaded without noNewPrivileges must allow capget, capset and prctl; or memory ran out: see dmesg',
  });
}

/** Excludes the capabilities used while looking for the program. */
function isAboutProgram({ operation }: StepInfo, { text }: Received): boolean {
  return (operation === 'FindProgram' || operation === 'Exec') && !/^cap[gs]et/.test(text);
}

/** The error of a `failed` message. `step`: the plan's step at its index, or undefined if init failed before the first. */
export function initFailure(received: Received, step: StepInfo | undefined): PockerError {
  const info: StepInfo = step ?? { operation: received.text, pointer: '' };
  const details = detailsOf(received, info);
  if (isAboutProgram(info, received)) return execFailure(received, details);
  if (info.operation === 'RunHook') return hookError(received, details);
  const [code, what] = subjectOf(info.operation, step === undefined);
  const [operation = '', more = ''] = received.text.split(/\n(.*)/s);
  const subject = [operation, received.path === '' ? (info.path ?? '') : received.path].filter((part) => part !== '').join(' ');
  const pointer = info.pointer === '' ? '' : ` (${info.pointer})`;
  const said = more === '' ? '' : `: ${more.trim()}`;
  return new PockerError(
    code,
    `${what}${mountWords(info)}${pointer}: ${subject}: ${errnoName(received.number).text}${said}`,
    withHint(
      details,
      info,
      missingCallHint(operation, received.number) ??
        idHint(info, received) ??
        filterHint(info, received) ??
        mountHint(info.operation, { operation, errno: received.number, said }),
    ),
  );
}
