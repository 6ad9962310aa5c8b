// conmon calls this when a container has ended.
import { cleanUp } from '../../containers/starting/restart.js';
import type { Call } from '../command.js';

export function run({ engine, args }: Call): number {
  cleanUp(engine, args[0]!);
  return 0;
}
