import { deleteContainer } from '../../runtime/delete.js';
import type { Invocation } from '../invocation.js';
import { forEachSelected } from './selection.js';

export function run(invocation: Invocation): number {
  const { host, log, globals, values } = invocation;
  const warn = (text: string): void => {
    log.warn(text);
  };
  forEachSelected(invocation, (id) => {
    deleteContainer(host, { root: globals.root, id, force: values['force'] === true, warn });
  });
  return 0;
}
