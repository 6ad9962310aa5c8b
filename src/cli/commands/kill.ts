import { killContainer } from '../../lifecycle/kill.js';
import { signalNumber } from '../../plan/tables/signals.js';
import { usageError } from '../parse.js';
import type { Invocation } from '../invocation.js';

export function run({ host, globals, values, args }: Invocation): number {
  const [id = '', name = 'SIGTERM'] = args;
  const signal = signalNumber(name);
  if (signal === undefined)
    throw usageError(`unknown signal ${JSON.stringify(name)}`, 'give a number or a name, such as 9, KILL or SIGKILL');
  killContainer(host, { root: globals.root, id, signal, all: values['all'] === true });
  return 0;
}
