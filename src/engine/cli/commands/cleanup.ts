// conmon calls this when a container has ended.
import { cleanUpOrRestart } from '../../containers/restart.js';
import type { Call } from '../command.js';

export function run({ engine, args }: Call): number {
  cleanUpOrRestart(engine, args[0]!);
  return 0;
}
