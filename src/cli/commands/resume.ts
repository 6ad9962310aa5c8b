import { resumeContainer } from '../../runtime/pause.js';
import type { Invocation } from '../invocation.js';

export function run({ host, globals, args }: Invocation): number {
  resumeContainer(host, { root: globals.root, id: args[0] ?? '' });
  return 0;
}
