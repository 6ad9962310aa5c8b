// Config fields that restore ignores: processes come from their images, which do not contain these.
import type { Plan, PlanWarning } from '../plan/plan.js';
import type { Spec } from '../plan/spec-types.js';

/** Hooks that run at a start, which a restored container has already had. */
const hookKinds = ['createContainer', 'startContainer', 'poststart'] as const;

export function notRestored({ netDevices }: Pick<Plan, 'netDevices'>, { hooks }: Pick<Spec, 'hooks'>): PlanWarning[] {
  const devices = netDevices.map(({ pointer }) => ({
    pointer,
    text: 'is not moved: a restored container has the network devices of its images',
  }));
  const kinds = hookKinds.filter((kind) => (hooks?.[kind]?.length ?? 0) > 0);
  return [...devices, ...kinds.map((kind) => ({ pointer: `/hooks/${kind}`, text: 'does not run when a container is restored' }))];
}
