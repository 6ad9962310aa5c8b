// process.scheduler, process.ioPriority, linux.memoryPolicy, linux.personality: how the kernel treats the program.
import { add, lookUp, refuse, unsupported, warn, type Draft } from '../draft.js';
import type { Linux, Process } from '../spec-types.js';
import { IoPriorityT, make, MemoryPolicyT, PersonalityT, SchedulerT } from '../step.js';
import {
  ioClasses,
  memoryPolicyFlags,
  memoryPolicyModes,
  personalities,
  schedulerFlags,
  schedulerPolicies,
  schedulerReserved,
} from '../tables/process.js';
import { bitList, unsigned } from './integers.js';

/** sched_setattr(2): which policy takes which parameter. */
function checkScheduler(scheduler: NonNullable<Process['scheduler']>, pointer: string): void {
  const { policy, nice = 0, priority = 0, runtime = 0, deadline = 0, period = 0 } = scheduler;
  const fair = policy === 'SCHED_OTHER' || policy === 'SCHED_BATCH';
  if (fair && (nice < -20 || nice > 19)) refuse(`${pointer}/nice`, `${nice} is not within -20 and 19`);
  if (priority !== 0 && policy !== 'SCHED_FIFO' && policy !== 'SCHED_RR')
    refuse(`${pointer}/priority`, 'is for SCHED_FIFO and SCHED_RR');
  const timed = BigInt(runtime) !== 0n || BigInt(deadline) !== 0n || BigInt(period) !== 0n;
  if (timed && policy !== 'SCHED_DEADLINE') refuse(pointer, 'runtime, deadline and period are for SCHED_DEADLINE');
}

export function planScheduler(draft: Draft, scheduler: Process['scheduler'], pointer: string): void {
  if (scheduler === undefined) return;
  const reserved = schedulerReserved.get(scheduler.policy);
  if (reserved !== undefined) unsupported(`${pointer}/policy`, `${scheduler.policy} ${reserved}`);
  const policy = lookUp(schedulerPolicies, scheduler.policy, `${pointer}/policy`, 'scheduling policy');
  checkScheduler(scheduler, pointer);
  let flags = 0n;
  scheduler.flags?.forEach(
    (flag, index) => (flags |= lookUp(schedulerFlags, flag, `${pointer}/flags/${index}`, 'scheduling flag')),
  );
  const operation = make(SchedulerT, {
    policy,
    flags,
    nice: scheduler.nice ?? 0,
    priority: scheduler.priority ?? 0,
    runtime: unsigned(scheduler.runtime ?? 0, `${pointer}/runtime`),
    deadline: unsigned(scheduler.deadline ?? 0, `${pointer}/deadline`),
    period: unsigned(scheduler.period ?? 0, `${pointer}/period`),
  });
  add(draft, 'limits', pointer, operation);
}

export function planIoPriority(draft: Draft, io: Process['ioPriority'], pointer: string): void {
  if (io === undefined) return;
  const { priority = 0 } = io;
  if (priority < 0 || priority > 7) refuse(`${pointer}/priority`, `${priority} is not within 0 and 7`);
  const value = (lookUp(ioClasses, io.class, `${pointer}/class`, 'I/O class') << 13) | priority;
  add(draft, 'limits', pointer, make(IoPriorityT, { value }));
}

export function planMemoryPolicy(draft: Draft, policy: Linux['memoryPolicy'], pointer: string): void {
  if (policy === undefined) return;
  const { mode, nodes: rule } = lookUp(memoryPolicyModes, policy.mode ?? '', `${pointer}/mode`, 'memory policy');
  const nodes = bitList(policy.nodes ?? '', `${pointer}/nodes`);
  if (rule === 'none' && nodes.length > 0) refuse(`${pointer}/nodes`, `${policy.mode} takes no nodes`);
  if (rule === 'some' && nodes.length === 0) refuse(`${pointer}/nodes`, `${policy.mode} needs at least one node`);
  let flags = 0;
  policy.flags?.forEach(
    (flag, index) => (flags |= lookUp(memoryPolicyFlags, flag, `${pointer}/flags/${index}`, 'memory policy flag')),
  );
  add(draft, 'limits', pointer, make(MemoryPolicyT, { mode: mode | flags, nodes }));
}

export function planPersonality(draft: Draft, personality: Linux['personality'], pointer: string): void {
  if (personality === undefined) return;
  // The spec has the field, but no value for it yet.
  if ((personality.flags?.length ?? 0) > 0) warn(draft, `${pointer}/flags`, 'no personality flags are defined; ignored');
  const persona = lookUp(personalities, personality.domain ?? 'LINUX', `${pointer}/domain`, 'execution domain');
  add(draft, 'limits', pointer, make(PersonalityT, { persona }));
}
