// Runs next to a container that has a health check.
import { monitorHealth } from '../../containers/starting/health.js';
import type { Call } from '../command.js';

export function run({ engine, args }: Call): number {
  monitorHealth(engine, args[0]!);
  return 0;
}
