// Container states in docker's words.
import { humanDuration } from '../format/units.js';
import { never, type ContainerState } from '../../records/container.js';

/** "Up 3 minutes (healthy)", "Exited (0) 5 seconds ago" */
export function statusText(state: ContainerState, now: number): string {
  const since = (iso: string): string => humanDuration(now - Date.parse(iso));
  // If the state was lost, nobody knows when the container ended.
  const ago = state.finishedAt === never ? '' : ` ${since(state.finishedAt)} ago`;
  switch (state.status) {
    case 'created':
      return 'Created';
    case 'removing':
      return 'Removal In Progress';
    case 'paused':
      return `Up ${since(state.startedAt)} (Paused)`;
    case 'restarting':
      return `Restarting (${state.exitCode})${ago}`;
    case 'exited':
      return `Exited (${state.exitCode})${ago}`;
    case 'running':
      return `Up ${since(state.startedAt)}${healthText(state)}`;
  }
}

function healthText({ health }: ContainerState): string {
  if (health === undefined) return '';
  return health.Status === 'starting' ? ' (health: starting)' : ` (${health.Status})`;
}
