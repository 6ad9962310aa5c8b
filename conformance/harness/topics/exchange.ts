// The attacker of the race cases.
import { spawn } from 'node:child_process';
import type { Box } from '../box.js';
import { helper } from '../helpers/helper.js';

/** Exchanges two paths for as long as the case runs. */
export function exchange(box: Box, one: string, other: string): void {
  const child = spawn(helper('exchange'), [one, other], { stdio: 'ignore' });
  box.atEnd(() => child.kill('SIGKILL'));
}
