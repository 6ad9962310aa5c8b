import { runContainer } from '../../runtime/run.js';
import type { Invocation } from '../invocation.js';
import { createOptions } from './create-options.js';

/** Returns the program's exit code. */
export function run(invocation: Invocation): number {
  const { host, values } = invocation;
  return runContainer(host, {
    ...createOptions(invocation),
    detached: values['detach'] === true,
    keep: values['keep'] === true,
    noSubreaper: values['no-subreaper'] === true,
  });
}
