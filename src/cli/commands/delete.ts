import { deleteContainer } from '../../lifecycle/delete.js';
import type { Invocation } from '../invocation.js';

export function run({ host, log, globals, values, args }: Invocation): number {
  deleteContainer(host, {
    root: globals.root,
    id: args[0] ?? '',
    force: values['force'] === true,
    warn: (text) => log.warn(text),
  });
  return 0;
}
