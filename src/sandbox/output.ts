// The output of a program in a sandbox, up to a limit: then the pipe is closed, and the program gets SIGPIPE.
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { OutputStream } from '../api/stdio.js';

const graceMs = 100;
const mostGraces = 10;

export interface Collected {
  readonly text: string;
  readonly truncated: boolean;
}

export async function collect(stream: OutputStream, limit: number): Promise<Collected> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > limit) break;
    }
  } catch (caught) {
    // `giveUp` has closed it.
    if ((caught as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw caught;
  }
  stream.destroy();
  return { text: Buffer.concat(chunks).subarray(0, limit).toString('utf8'), truncated: size > limit };
}

/**
 * Closes the pipes of a command that has ended, once nothing has come through them for a while: its background processes may
 * keep them open forever.
 */
export async function giveUp(streams: readonly OutputStream[]): Promise<void> {
  const count = (): number => streams.reduce((sum, { bytesRead }) => sum + bytesRead, 0);
  for (let before = -1, graces = 0; count() !== before && graces < mostGraces; graces++) {
    before = count();
    await sleep(graceMs, undefined, { ref: false });
    // On a busy machine, data that arrived meanwhile is only read now.
    await nextTurn();
  }
  for (const stream of streams) stream.destroy();
}
