import { execFileSync } from 'node:child_process';
import { constants, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { Exchange } from './exchange.js';

t.test('a worker that was killed before it could answer: the request fails', async (t) => {
  // Instead of the channel.
  const fifo = join(t.testdir(), 'fifo');
  execFileSync('mkfifo', [fifo]);
  const fd = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK);
  const exchange = new Exchange('', fd, { warn: () => undefined });
  // Its process lives on, so the channel stays open.
  writeSync(fd, '{"left":{}}\n');
  const limit = new Promise((done) => setTimeout(done, 5000, 'no answer').unref());
  await t.rejects(Promise.race([exchange.result, limit]), { code: 'E_INTERNAL' });
  exchange.keepAlive(true);
  writeSync(fd, '{"exit":{"code":3,"signal":0}}\n');
  t.same(await exchange.exit, { code: 3, signal: 0 });
  exchange.keepAlive(false);
});
