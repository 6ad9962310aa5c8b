import { restoreContainer } from '../../runtime/restore.js';
import type { Invocation } from '../invocation.js';
import { createOptions } from './create-options.js';
import { criuFlags, criuPaths, isOn, textOf } from './criu-options.js';

/** Returns the program's exit code. */
export function run(invocation: Invocation): number {
  return restoreContainer(invocation.host, {
    ...createOptions(invocation),
    ...criuPaths(invocation),
    flags: {
      ...criuFlags(invocation),
      lsmProfile: textOf(invocation, 'lsm-profile'),
      lsmMountContext: textOf(invocation, 'lsm-mount-context'),
    },
    detached: isOn(invocation, 'detach'),
    noSubreaper: isOn(invocation, 'no-subreaper'),
  });
}
