import { shells } from '../completion.js';
import type { Invocation } from '../invocation.js';
import { usageError } from '../parse.js';

export function run({ host, args, table }: Invocation): number {
  const [shell = ''] = args;
  const write = Object.hasOwn(shells, shell) ? shells[shell] : undefined;
  if (write === undefined)
    throw usageError(`no completion for ${JSON.stringify(shell)}`, `Choose one of: ${Object.keys(shells).join(', ')}`);
  host.write(1, write(table));
  return 0;
}
