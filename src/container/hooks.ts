// Hooks that the runtime runs itself: prestart, createRuntime, poststart, poststop (config.md, "POSIX-platform Hooks").
import { fromHost, PockerError } from '../errors.js';
import type { Host, ProgramResult } from '../host/host.js';
import { span } from '../trace-events.js';
import type { HookPlan, RuntimeHookKind } from '../plan/plan.js';
import type { Warn } from './notices.js';
import type { ContainerRecord, Status } from './record.js';

/** What a hook reads from its standard input (runtime.md, "State"). */
export function hookState(record: ContainerRecord, status: Status, pid: number): string {
  const { ociVersion, id, bundle, annotations } = record;
  const process = pid === 0 ? {} : { pid };
  const described = Object.keys(annotations).length === 0 ? {} : { annotations };
  return JSON.stringify({ ociVersion, id, status, ...process, bundle, ...described });
}

/** Files that hooks write to, as in crun: paths relative to the bundle; "" if the config asks for none. */
export function hookOutput({ bundle, annotations }: Pick<ContainerRecord, 'bundle' | 'annotations'>): {
  readonly stdout: string;
  readonly stderr: string;
} {
  const path = (stream: string): string => {
    const given = annotations[`run.oci.hooks.${stream}`] ?? '';
    return given === '' || given.startsWith('/') ? given : `${bundle}/${given}`;
  };
  return { stdout: path('stdout'), stderr: path('stderr') };
}

function judge(result: ProgramResult, hook: HookPlan): string | null {
  if (result.timedOut) return `timed out after ${hook.timeoutMs} ms and was killed`;
  if (result.signal !== 0) return `killed by signal ${result.signal}`;
  return result.exitCode === 0 ? null : `exit status ${result.exitCode}`;
}

/** The moment that a hook is told about. */
export interface HookMoment {
  readonly record: ContainerRecord;
  readonly status: Status;
  readonly pid: number;
}

/** Runs one hook in the bundle; throws E_HOOK in runc's words when it fails. */
function runHook(
  host: Host,
  kind: RuntimeHookKind,
  index: number,
  { hook, record, status, pid }: HookMoment & { hook: HookPlan },
): void {
  const what = `error running ${kind} hook #${index}`;
  const { path, args, env, timeoutMs, pointer } = hook;
  const stdin = hookState(record, status, pid);
  let result: ProgramResult;
  try {
    result = host.runProgram({ path, args, env, cwd: record.bundle, stdin, timeoutMs, ...hookOutput(record) });
  } catch (caught) {
    throw fromHost('E_HOOK', what, caught, { pointer, path });
  }
  const reason = judge(result, hook);
  if (reason === null) return;
  const output = result.output.trim();
  throw new PockerError('E_HOOK', `${what}: ${path}: ${reason}${output === '' ? '' : `: ${output}`}`, { pointer, path });
}

/** Runs all hooks of a kind in order, until one fails. */
export function runHooks(host: Host, kind: RuntimeHookKind, hooks: readonly HookPlan[], moment: HookMoment): void {
  hooks.forEach((hook, index) => span(host, `${kind} hook`, hook.pointer, () => runHook(host, kind, index, { hook, ...moment })));
}

/** Runs the poststop hooks of a container that is gone. A failure is only a warning. */
export function runPoststop(host: Host, record: ContainerRecord, warn: Warn): void {
  record.poststop.forEach((hook, index) => {
    try {
      runHook(host, 'poststop', index, { hook, record, status: 'stopped', pid: 0 });
    } catch (caught) {
      warn(fromHost('E_HOOK', 'poststop hook', caught).message);
    }
  });
}
