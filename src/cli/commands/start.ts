import { startAndWait } from '../../runtime/start.js';
import { notices, type Invocation } from '../invocation.js';
import { notifySocket } from './create-options.js';

export function run(invocation: Invocation): number {
  const { host, globals, args } = invocation;
  startAndWait(host, { root: globals.root, id: args[0] ?? '', ...notifySocket(invocation), ...notices(invocation) });
  return 0;
}
