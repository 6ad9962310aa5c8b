// A pocker-init that carries out a few steps in namespaces of its own, and ends: no container.
import { fromHost } from '../errors.js';
import type { Host, Launched } from '../host/host.js';
import { encode } from '../plan/encode.js';
import type { StepT } from '../plan/step.js';
import { killByDescriptor } from './clear.js';
import { converse } from './conversation.js';
import { stepInfoOf } from './init-failure.js';

/** `flags`: CLONE_NEW* of its namespaces. Throws the failed step's error, in the words of create. */
export function runErrand(host: Host, steps: readonly StepT[], flags: number, warn: (text: string) => void): void {
  const nothing = (): void => undefined;
  let launched: Launched;
  try {
    launched = host.launch({ flags, cgroup: '', joins: [], affinity: [], plan: encode(steps, null), gate: -1, preserveFds: 0 });
  } catch (caught) {
    throw fromHost('E_NAMESPACE', 'cannot prepare the restore', caught);
  }
  try {
    const listener = { stepInfo: stepInfoOf({ steps }), forked: nothing, console: nothing, warned: warn };
    converse(host, launched, { ...listener, hooksReady: () => '', created: nothing });
  } finally {
    killByDescriptor(host, launched.pidfd, launched.pid);
    host.close(launched.channel);
    host.close(launched.pidfd);
  }
}
