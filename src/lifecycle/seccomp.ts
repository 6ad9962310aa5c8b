// The plan's filter as the program that init loads.
import { fromHost } from '../errors.js';
import type { Host } from '../host/host.js';
import type { Plan } from '../plan/plan.js';

/** null when the config has none. */
export function compileFilter(host: Host, plan: Plan): Uint8Array | null {
  if (plan.seccomp === null) return null;
  try {
    return host.compileSeccomp(plan.seccomp);
  } catch (caught) {
    throw fromHost('E_SECCOMP', 'cannot compile the seccomp filter', caught, { pointer: '/linux/seccomp' });
  }
}
