import { readStatus } from '../../runtime/state.js';
import type { Invocation } from '../invocation.js';

export function run({ host, globals, args }: Invocation): number {
  host.write(1, `${JSON.stringify(readStatus(host, globals.root, args[0] ?? ''), undefined, 2)}\n`);
  return 0;
}
