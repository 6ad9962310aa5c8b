import { startContainer } from '../../lifecycle/start.js';
import type { Invocation } from '../invocation.js';

export function run({ host, log, globals, args }: Invocation): number {
  startContainer(host, { root: globals.root, id: args[0] ?? '', warn: (text) => log.warn(text) });
  return 0;
}
