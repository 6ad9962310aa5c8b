// Container states in docker's words.
import { humanDuration } from '../format/units.js';
import { never, type ContainerState } from '../../records/container.js';

const since = (iso: string, now: number): string => humanDuration(now - Date.parse(iso));

/** If the state was lost, nobody knows when the container ended. */
const ended = ({ finishedAt }: ContainerState, now: number): string =>
  finishedAt === never ? '' : ` ${since(finishedAt, now)} ago`;

/** "Up 3 minutes (healthy)", "Exited (0) 5 seconds ago" */
export function statusText(state: ContainerState, now: number): string {
  switch (state.status) {
    case 'created':
      return 'Created';
    case 'removing':
      return 'Removal In Progress';
    case 'paused':
      return `Up ${since(state.startedAt, now)} (Paused)`;
    case 'restarting':
      return `Restarting (${state.exitCode})${ended(state, now)}`;
    case 'exited':
      return `Exited (${state.exitCode})${ended(state, now)}`;
    case 'running':
      return `Up ${since(state.startedAt, now)}${healthText(state)}`;
  }
}

function healthText({ health }: ContainerState): string {
  if (health === undefined) return '';
  return health.Status === 'starting' ? ' (health: starting)' : ` (${health.Status})`;
}
