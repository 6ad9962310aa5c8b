// What a program in a sandbox writes, up to a limit: then the pipe is closed, and the program gets SIGPIPE.
import type { OutputStream } from '../api/stdio.js';

export interface Collected {
  readonly text: string;
  readonly truncated: boolean;
}

export async function collect(stream: OutputStream, limit: number): Promise<Collected> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > limit) break;
  }
  stream.destroy();
  return { text: Buffer.concat(chunks).subarray(0, limit).toString('utf8'), truncated: size > limit };
}
