// process.scheduler, process.ioPriority, linux.memoryPolicy, linux.personality: how the kernel treats the program.
import { add, lookUp, unsupported, warn, type Draft } from '../draft.js';
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
import { bitList } from './bit-lists.js';

export function planScheduler(draft: Draft, scheduler: Process['scheduler'], pointer: string): void {
  if (scheduler === undefined) return;
  const reserved = schedulerReserved.get(scheduler.policy);
  if (reserved !== undefined) unsupported(`${pointer}/policy`, `${scheduler.policy} ${reserved}`);
  const policy = lookUp(schedulerPolicies, scheduler.policy, `${pointer}/policy`, 'scheduling policy');
  let flags = 0n;
  scheduler.flags?.forEach(
    (flag, index) => (flags |= lookUp(schedulerFlags, flag, `${pointer}/flags/${index}`, 'scheduling flag')),
  );
  const operation = make(SchedulerT, {
    policy,
    flags,
    nice: scheduler.nice ?? 0,
    priority: scheduler.priority ?? 0,
    runtime: BigInt(scheduler.runtime ?? 0),
    deadline: BigInt(scheduler.deadline ?? 0),
    period: BigInt(scheduler.period ?? 0),
  });
  add(draft, 'limits', pointer, operation);
}

export function planIoPriority(draft: Draft, io: Process['ioPriority'], pointer: string): void {
  if (io === undefined) return;
  const { priority = 0 } = io;
  const value = (lookUp(ioClasses, io.class, `${pointer}/class`, 'I/O class') << 13) | priority;
  add(draft, 'limits', pointer, make(IoPriorityT, { value }));
}

export function planMemoryPolicy(draft: Draft, policy: Linux['memoryPolicy'], pointer: string): void {
  if (policy === undefined) return;
  const mode = lookUp(memoryPolicyModes, policy.mode ?? '', `${pointer}/mode`, 'memory policy');
  const nodes = bitList(policy.nodes ?? '');
  let flags = 0;
  policy.flags?.forEach(
    (flag, index) => (flags |= lookUp(memoryPolicyFlags, flag, `${pointer}/flags/${index}`, 'memory policy flag')),
  );
  add(draft, 'limits', pointer, make(MemoryPolicyT, { mode: mode | flags, nodes }));
}

export function planPersonality(draft: Draft, personality: Linux['personality'], pointer: string): void {
  if (personality === undefined) return;
  // The specification has the field, but no values for it yet.
  if ((personality.flags?.length ?? 0) > 0) warn(draft, `${pointer}/flags`, 'no personality flags are defined; ignored');
  const persona = lookUp(personalities, personality.domain ?? 'LINUX', `${pointer}/domain`, 'execution domain');
  add(draft, 'limits', pointer, make(PersonalityT, { persona }));
}
