// Whether a container that has ended should start again.
import type { ContainerRecord, ContainerState } from '../../records/container.js';

export function wantsRestart({ hostConfig }: ContainerRecord, state: ContainerState): boolean {
  const { Name, MaximumRetryCount } = hostConfig.RestartPolicy;
  if (state.status !== 'exited' || state.stopRequested) return false;
  if (Name === 'always' || Name === 'unless-stopped') return true;
  if (Name !== 'on-failure' || state.exitCode === 0) return false;
  return MaximumRetryCount === 0 || state.restartCount < MaximumRetryCount;
}
