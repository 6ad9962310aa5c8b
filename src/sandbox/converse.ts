// A command in a sandbox, from start to end: input, output, time limit.
import type { Stdio } from '../api/stdio.js';
import { commandLimitsOf, type CommandOptions } from './options.js';
import { collect, giveUp, type Collected } from './output.js';

export interface Running {
  readonly process: Pick<Stdio, 'stdin' | 'stdout' | 'stderr'>;
  readonly kill: () => Promise<unknown>;
}

/** Feeds it, reads its output, and kills it when it runs out of time or nobody wants it any more. */
export async function converse(
  { process, kill }: Running,
  options: CommandOptions,
  ended: Promise<unknown>,
): Promise<{ readonly stdout: Collected; readonly stderr: Collected; readonly timedOut: boolean }> {
  const { timeout, output } = commandLimitsOf(options);
  const streams = [process.stdout!, process.stderr!] as const;
  let timedOut = false;
  const end = (): void => void kill().catch(() => undefined);
  const timer = setTimeout(() => {
    timedOut = true;
    end();
  }, timeout);
  options.signal?.addEventListener('abort', end, { once: true });
  if (options.signal?.aborted === true) end();
  try {
    process.stdin!.end(options.input ?? '');
    const over = ended.then(() => {
      clearTimeout(timer);
      void giveUp(streams);
    });
    const [stdout, stderr] = await Promise.all([collect(streams[0], output), collect(streams[1], output), over]);
    options.signal?.throwIfAborted();
    return { stdout, stderr, timedOut };
  } finally {
    clearTimeout(timer);
    for (const stream of streams) stream.destroy();
    options.signal?.removeEventListener('abort', end);
  }
}
