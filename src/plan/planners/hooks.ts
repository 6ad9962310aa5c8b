// hooks: those of the runtime namespace go to the runtime, those of the container become steps of init.
import { add, type Draft } from '../draft.js';
import type { HookPlan, RuntimeHookKind } from '../plan.js';
import type { Hook, Hooks } from '../spec-types.js';
import { make, Message, RunHookT, SyncT } from '../step.js';

/** The config has seconds. */
const milliseconds = 1000;

function readHook({ path, args, env, timeout }: Hook, pointer: string): HookPlan {
  const argv = args === undefined || args.length === 0 ? [path] : args;
  return { path, args: argv, env: env ?? null, timeoutMs: (timeout ?? 0) * milliseconds, pointer };
}

function forRuntime(kind: RuntimeHookKind) {
  return (draft: Draft, hooks: readonly Hook[] | undefined, pointer: string): void => {
    hooks?.forEach((hook, index) => draft.hooks[kind].push(readHook(hook, `${pointer}/${index}`)));
  };
}

function addHook(draft: Draft, phase: 'hooks' | 'start', hook: HookPlan, subject: { kind: string; index: number }): void {
  const { path, args, env, timeoutMs } = hook;
  const fields = { ...subject, path, args: [...args], env: [...(env ?? [])], timeoutMs: BigInt(timeoutMs) };
  add(draft, phase, hook.pointer, make(RunHookT, fields));
}

function planCreateContainer(draft: Draft, hooks: readonly Hook[] | undefined, pointer: string): void {
  hooks?.forEach((hook, index) => {
    addHook(draft, 'hooks', readHook(hook, `${pointer}/${index}`), { kind: 'createContainer', index });
  });
}

function planStartContainer(draft: Draft, hooks: readonly Hook[] | undefined, pointer: string): void {
  if (hooks === undefined || hooks.length === 0) return;
  // `start` releases the container's lock for them.
  add(draft, 'start', pointer, make(SyncT, { send: Message.hooks_ready, expect: Message.none }));
  hooks.forEach((hook, index) => {
    addHook(draft, 'start', readHook(hook, `${pointer}/${index}`), { kind: 'startContainer', index });
  });
}

const planners = {
  prestart: forRuntime('prestart'),
  createRuntime: forRuntime('createRuntime'),
  createContainer: planCreateContainer,
  startContainer: planStartContainer,
  poststart: forRuntime('poststart'),
  poststop: forRuntime('poststop'),
} satisfies Record<keyof Hooks, (draft: Draft, hooks: readonly Hook[] | undefined, pointer: string) => void>;

/** The `hooks` phase: the runtime always gets its turn before init's own hooks. */
export function planHooks(draft: Draft, hooks: Hooks | undefined, pointer: string): void {
  add(draft, 'hooks', hooks === undefined ? '' : pointer, make(SyncT, { send: Message.hooks_ready, expect: Message.hooks_done }));
  if (hooks === undefined) return;
  for (const kind of Object.keys(planners) as (keyof Hooks)[]) planners[kind](draft, hooks[kind], `${pointer}/${kind}`);
}
