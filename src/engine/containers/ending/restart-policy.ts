// Whether a container that has ended should start again, and after how long.
import type { ContainerRecord, ContainerState } from '../../records/container.js';

export function wantsRestart({ hostConfig }: ContainerRecord, state: ContainerState): boolean {
  const { Name, MaximumRetryCount } = hostConfig.RestartPolicy;
  if (state.status !== 'exited' || state.stopRequested) return false;
  if (Name === 'always' || Name === 'unless-stopped') return true;
  if (Name !== 'on-failure' || state.exitCode === 0) return false;
  return MaximumRetryCount === 0 || state.restartCount < MaximumRetryCount;
}

const firstBackOffMs = 100;
const longestBackOffMs = 60_000;
/** After running that long, the back-off starts over. */
const wellMs = 10_000;

/** In milliseconds. */
export function nextBackOff({ startedAt, finishedAt, backOffMs = 0 }: ContainerState): number {
  if (backOffMs === 0 || Date.parse(finishedAt) - Date.parse(startedAt) >= wellMs) return firstBackOffMs;
  return Math.min(longestBackOffMs, backOffMs * 2);
}
