// linux.seccomp: turns names into what libseccomp compiles; encode() puts the program itself into its step.
import type { SeccompFilter, SeccompRule } from '../../host/host.js';
import { add, lookUp, type Draft } from '../draft.js';
import type { Linux, Seccomp } from '../spec-types.js';
import type { SeccompPlan } from '../plan.js';
import { make, SeccompT } from '../step.js';
import { SECCOMP_NEW_LISTENER, seccompActions, seccompArchitectures, seccompFlags, seccompOperators } from '../tables/seccomp.js';

type Syscall = NonNullable<Seccomp['syscalls']>[number];
type Condition = SeccompRule['args'][number];

const EPERM = 1;
const ENOSYS = 38;

const notify = seccompActions['SCMP_ACT_NOTIFY']!.value;

/** SECCOMP_RET_* with its errno. `pointer`: that of the action. */
function actionValue(name: string, errno: number | undefined, pointer: string): number {
  const { value, errno: takes } = lookUp(seccompActions, name, pointer, 'seccomp action');
  // Unsigned, because "kill the process" has the highest bit set.
  return takes ? (value | (errno ?? EPERM)) >>> 0 : value;
}

function readCondition({ index, op, value, valueTwo }: NonNullable<Syscall['args']>[number], pointer: string): Condition {
  return {
    index,
    op: lookUp(seccompOperators, op, `${pointer}/op`, 'seccomp operator'),
    value: BigInt(value),
    valueTwo: BigInt(valueTwo ?? 0),
  };
}

function hasRepeatedIndex(args: readonly Condition[]): boolean {
  return args.some(({ index }, position) => args.findIndex((other) => other.index === index) !== position);
}

/** libseccomp takes one condition per argument; several on one argument are alternatives, as in runc. */
function alternatives(args: readonly Condition[]): (readonly Condition[])[] {
  return hasRepeatedIndex(args) ? args.map((condition) => [condition]) : [args];
}

function readRules(syscalls: readonly Syscall[], defaultAction: number, pointer: string): SeccompRule[] {
  const rules: SeccompRule[] = [];
  for (let index = 0; index < syscalls.length; index++) {
    const syscall = syscalls[index]!;
    const field = `${pointer}/${index}`;
    const action = actionValue(syscall.action, syscall.errnoRet, `${field}/action`);
    const args = syscall.args?.map((arg, position) => readCondition(arg, `${field}/args/${position}`)) ?? [];
    // libseccomp refuses a rule that equals the default.
    if (action === defaultAction) continue;
    for (const conditions of alternatives(args)) rules.push({ action, names: syscall.names, args: conditions });
  }
  return rules;
}

const permissive = ['SCMP_ACT_ALLOW', 'SCMP_ACT_LOG', 'SCMP_ACT_TRACE'];

/**
 * Whether system calls newer than all of the profile's are answered with ENOSYS: a program then does without, where the default
 * action would make it fail. Not if the default lets them pass, or leaves them to a tracer.
 */
function refusesNewer({ defaultAction, defaultErrnoRet }: Seccomp): boolean {
  return !permissive.includes(defaultAction) && !(defaultAction === 'SCMP_ACT_ERRNO' && defaultErrnoRet === ENOSYS);
}

/** crun's annotation: it is an error if libseccomp does not know a name. */
function mustKnow(draft: Draft): boolean {
  const value = draft.spec.annotations?.['run.oci.seccomp_fail_unknown_syscall'];
  return value !== undefined && value !== '0';
}

/** Flags of seccomp(2). If the config has none: SPEC_ALLOW, because speculation barriers halve the speed of interpreters. */
function readFlags(flags: Seccomp['flags'], listener: boolean, pointer: string): number {
  let value = flags === undefined ? seccompFlags['SECCOMP_FILTER_FLAG_SPEC_ALLOW']! : 0;
  flags?.forEach((flag, index) => (value |= lookUp(seccompFlags, flag, `${pointer}/${index}`, 'seccomp flag')));
  // Init has one thread, and the kernel does not accept TSYNC together with a notify fd.
  value &= ~seccompFlags['SECCOMP_FILTER_FLAG_TSYNC']!;
  if (listener) return value | SECCOMP_NEW_LISTENER;
  return value & ~seccompFlags['SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV']!;
}

function readListener({ listenerPath, listenerMetadata }: Seccomp, filter: SeccompFilter): SeccompPlan['listener'] {
  if (listenerPath === undefined || !filter.rules.some(({ action }) => action === notify)) return null;
  return { path: listenerPath, metadata: listenerMetadata ?? '' };
}

/** As late as possible, so that the filter sees few of init's own system calls. With an agent, create must fail if it does. */
function phaseOf(draft: Draft, listener: boolean): 'notify' | 'filter' | 'unprivilegedFilter' {
  if (listener && !draft.inExistingContainer) return 'notify';
  return draft.spec.process?.noNewPrivileges === true ? 'unprivilegedFilter' : 'filter';
}

export function planSeccomp(draft: Draft, seccomp: Linux['seccomp'], pointer: string): void {
  if (seccomp === undefined) return;
  const defaultAction = actionValue(seccomp.defaultAction, seccomp.defaultErrnoRet, `${pointer}/defaultAction`);
  const architectures = seccomp.architectures?.map((name, index) => {
    return lookUp(seccompArchitectures, name, `${pointer}/architectures/${index}`, 'architecture');
  });
  const filter = {
    defaultAction,
    architectures: architectures ?? [],
    rules: readRules(seccomp.syscalls ?? [], defaultAction, `${pointer}/syscalls`),
  };
  const listenerPlan = readListener(seccomp, filter);
  const names = mustKnow(draft) ? (seccomp.syscalls ?? []).map((syscall) => syscall.names) : [];
  draft.seccomp = { filter, refuseNewer: refusesNewer(seccomp), mustKnow: names, listener: listenerPlan };
  const listener = listenerPlan !== null;
  const flags = readFlags(seccomp.flags, listener, `${pointer}/flags`);
  add(draft, phaseOf(draft, listener), pointer, make(SeccompT, { flags, listener }));
}
