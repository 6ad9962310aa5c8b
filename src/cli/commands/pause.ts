import { pauseContainer } from '../../runtime/pause.js';
import type { Invocation } from '../invocation.js';

export function run({ host, globals, args }: Invocation): number {
  pauseContainer(host, { root: globals.root, id: args[0] ?? '' });
  return 0;
}
