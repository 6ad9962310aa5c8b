// The npm package as a program imports it, with a case's state directory.
import { join } from 'node:path';
import type * as Api from '../../../src/api.js';
import type { Box } from '../../harness/box.js';
import type { Container } from '../../harness/container.js';
import { projectRoot } from '../../harness/runtime.js';

export type { Api };

const { Runtime, PockerError } = (await import(join(projectRoot, 'dist/node/api.js'))) as typeof Api;

export { Runtime, PockerError };

export function runtimeOf(box: Box, options: Api.RuntimeOptions = {}): Api.Runtime {
  return new Runtime({ root: box.stateRoot, ...options });
}

/** The container's config as the API takes it. */
export function specOf(container: Container): Api.Spec {
  return container.config as unknown as Api.Spec;
}

/** The reason that a promise is rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (caught) {
    return caught;
  }
  throw new Error('it was not rejected');
}
