import { createContainer } from '../../runtime/create.js';
import type { Invocation } from '../invocation.js';
import { createOptions } from './create-options.js';

export function run(invocation: Invocation): number {
  createContainer(invocation.host, { ...createOptions(invocation), detached: true });
  return 0;
}
