// A service manager that a container notifies (sd_notify(3)).
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Box } from '../box.js';
import { waitForText } from '../container.js';
import { notifyProgram } from '../helpers/programs.js';

/** A service manager's socket: what arrived, as soon as something has. */
export async function serviceManager(box: Box): Promise<{ readonly socket: string; readonly messages: () => Promise<string> }> {
  const socket = box.path('manager.sock');
  const output = box.path('manager.out');
  const fd = openSync(output, 'w');
  const child = spawn(notifyProgram(), ['listen', socket], { stdio: ['ignore', fd, 'inherit'] });
  closeSync(fd);
  box.atEnd(() => child.kill('SIGKILL'));
  while (!existsSync(socket)) await sleep(5);
  return { socket, messages: () => waitForText(output) };
}
