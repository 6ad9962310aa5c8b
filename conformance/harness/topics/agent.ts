// A seccomp agent, as engines run one for notifications.
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Box } from '../box.js';
import { waitForText } from '../container.js';
import { helper } from '../helpers/helper.js';

/** The other end of linux.seccomp.listenerPath: every system call it is asked about fails with `errno`. */
export class Agent {
  readonly socket: string;
  readonly #output: string;

  private constructor(socket: string, output: string) {
    this.socket = socket;
    this.#output = output;
  }

  static async listen(box: Box, errno: number): Promise<Agent> {
    const socket = box.path('agent.sock');
    const output = box.path('agent.out');
    rmSync(socket, { force: true });
    const fd = openSync(output, 'w');
    const child = spawn(helper('agent'), [socket, String(errno)], { stdio: ['ignore', fd, 'inherit'] });
    closeSync(fd);
    box.atEnd(() => child.kill('SIGKILL'));
    while (!existsSync(socket)) await sleep(5);
    return new Agent(socket, output);
  }

  /** The container process state that came. */
  async state(): Promise<Record<string, unknown>> {
    const text = await waitForText(this.#output);
    return JSON.parse(text.split('\n')[0] ?? '') as Record<string, unknown>;
  }

  /** The numbers of the system calls it was asked about. */
  async calls(): Promise<number[]> {
    const text = await waitForText(this.#output);
    return text.trim().split('\n').slice(1).map(Number);
  }
}
