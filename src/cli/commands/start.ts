import { startAndWait } from '../../runtime/start.js';
import { notices, notifySocket, type Invocation } from '../invocation.js';

export function run(invocation: Invocation): number {
  const { host, globals, args } = invocation;
  startAndWait(host, { root: globals.root, id: args[0] ?? '', ...notifySocket(invocation), ...notices(invocation) });
  return 0;
}
