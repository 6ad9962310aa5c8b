// Hooks that the runtime runs itself: prestart, createRuntime, poststart, poststop (config.md, "POSIX-platform Hooks").
import { fromHost, PockerError } from '../errors.js';
import type { Host, ProgramResult } from '../host/host.js';
import type { HookPlan, RuntimeHookKind } from '../plan/plan.js';
import type { ContainerRecord, Status } from './record.js';

/** What a hook reads on its standard input (runtime.md, "State"). */
export function hookState(record: ContainerRecord, status: Status, pid: number): string {
  const { ociVersion, id, bundle, annotations } = record;
  return JSON.stringify({ ociVersion, id, status, pid, bundle, annotations });
}

function judge(result: ProgramResult, hook: HookPlan): string | null {
  if (result.timedOut) return `timed out after ${hook.timeoutMs} ms and was killed`;
  if (result.signal !== 0) return `killed by signal ${result.signal}`;
  return result.exitCode === 0 ? null : `exit status ${result.exitCode}`;
}

/** Runs one hook; throws E_HOOK in runc's words when it fails. */
function runHook(
  host: Host,
  kind: RuntimeHookKind,
  index: number,
  { hook, state, cwd }: { hook: HookPlan; state: string; cwd: string },
): void {
  const what = `error running ${kind} hook #${index}`;
  let result: ProgramResult;
  try {
    result = host.runProgram({ path: hook.path, args: hook.args, env: hook.env, cwd, stdin: state, timeoutMs: hook.timeoutMs });
  } catch (caught) {
    throw fromHost('E_HOOK', what, caught, { pointer: hook.pointer, path: hook.path });
  }
  const reason = judge(result, hook);
  if (reason === null) return;
  const output = result.output.trim();
  throw new PockerError('E_HOOK', `${what}: ${hook.path}: ${reason}${output === '' ? '' : `: ${output}`}`, {
    pointer: hook.pointer,
    path: hook.path,
  });
}

/** All hooks of a kind, in order; the first failure ends it. */
export function runHooks(
  host: Host,
  kind: RuntimeHookKind,
  hooks: readonly HookPlan[],
  input: { state: string; cwd: string },
): void {
  hooks.forEach((hook, index) => runHook(host, kind, index, { hook, ...input }));
}

/** The same, but a failure is only said (poststop). */
export function tryHooks(
  host: Host,
  kind: RuntimeHookKind,
  hooks: readonly HookPlan[],
  input: { state: string; cwd: string; warn: (text: string) => void },
): void {
  hooks.forEach((hook, index) => {
    try {
      runHook(host, kind, index, { hook, ...input });
    } catch (caught) {
      input.warn(fromHost('E_HOOK', `${kind} hook`, caught).message);
    }
  });
}
