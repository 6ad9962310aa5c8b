import { killContainer } from '../../runtime/kill.js';
import { signalNumber } from '../../plan/tables/signals.js';
import { usageError } from '../parse.js';
import type { Invocation } from '../invocation.js';
import { forEachSelected } from './selection.js';

export function run(invocation: Invocation): number {
  const { host, globals, values, args } = invocation;
  // An empty signal comes from an unset variable.
  const name = args[1] === undefined || args[1] === '' ? 'SIGTERM' : args[1];
  const signal = signalNumber(name);
  if (signal === undefined)
    throw usageError(`unknown signal ${JSON.stringify(name)}`, 'Give a number or a name, such as 9, KILL or SIGKILL');
  forEachSelected(invocation, (id) => {
    killContainer(host, { root: globals.root, id, signal, all: values['all'] === true });
  });
  return 0;
}
