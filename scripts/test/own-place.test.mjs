// Nothing of a test that was cut off stays.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { inOwnPlace } from './own-place.mjs';

const id = '1234567890abcdef'.repeat(4);

/** What bears such a name, and nobody's child. */
function stray(name) {
  const script = 'sh -c "while sleep 1; do :; done" "$0" > /dev/null & echo $!';
  const child = spawn('sh', ['-c', script, name], { stdio: ['ignore', 'pipe', 'ignore'] });
  return new Promise((done) => child.stdout.once('data', (text) => done(Number(text))));
}

const exists = (pid) => existsSync(`/proc/${pid}/exe`);

async function gone(pid) {
  for (let round = 0; round < 100 && exists(pid); round++) await sleep(20);
  return !exists(pid);
}

for (const [name, end] of [
  ['a test that ends', () => 'value'],
  ['one that throws', () => Promise.reject(new Error('cut off'))],
]) {
  t.test(name, async (t) => {
    let [place, processes] = ['', []];
    const result = inOwnPlace(async (directory) => {
      place = directory;
      mkdirSync(join(place, 'pkr-case-own', 'containers', id), { recursive: true });
      processes = await Promise.all([`${place}/pkr-case-own/x`, id].map(stray));
      t.ok(processes.every(exists));
      return end();
    });
    t.equal(await result.catch((error) => error.message), name === 'a test that ends' ? 'value' : 'cut off');
    for (const pid of processes) t.ok(await gone(pid), 'its process has ended');
    t.notOk(existsSync(place));
  });
}
