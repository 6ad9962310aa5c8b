// The standalone executable's snapshot (addon/quickjs/snapshot.h): every build has the same bytes, and nothing of the build
// machine.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { root } from './run.mjs';

const maker = join(root, 'build/native/pocker-runc');
const bundle = join(root, 'build/native/bundle.bin');
const executable = join(root, 'dist/pocker-runc');
const skip = existsSync(maker) ? false : 'the standalone executable was built without a snapshot, or not at all';

const folder = mkdtempSync(join(tmpdir(), 'pocker-snapshot-'));
t.teardown(() => rmSync(folder, { recursive: true }));

/** Makes one as the build does, in an environment of its own. */
function make(name, { from = bundle, ...surroundings } = {}) {
  const output = join(folder, name);
  const { status } = spawnSync(maker, [from, output], { stdio: 'ignore', cwd: folder, ...surroundings });
  return { status, bytes: existsSync(output) ? readFileSync(output) : null };
}

t.test('two builds have the same bytes, whatever the environment, the directory, the pid and the time', { skip }, (t) => {
  const built = readFileSync(executable);
  const first = make('first', { env: { SECRET: 'hunter2-hunter2' } });
  const second = make('second-with-a-longer-name', { env: {}, cwd: '/' });
  t.equal(first.status, 0);
  t.ok(first.bytes?.equals(built), 'as npm run build made it');
  t.ok(second.bytes?.equals(built), 'as elsewhere');
  t.end();
});

t.test('it contains nothing from the build machine', { skip }, (t) => {
  const { bytes } = make('secret', { env: { SECRET: 'hunter2-hunter2' } });
  for (const word of ['hunter2', folder, root.replace(/\/$/, '')]) t.notOk(bytes?.includes(word), word);
  t.end();
});

t.test('a bundle that cannot be evaluated makes no executable', { skip }, (t) => {
  const half = join(folder, 'half.bin');
  const whole = readFileSync(bundle);
  // The second half of the first module is missing, but the archive's sizes are unchanged.
  writeFileSync(half, Buffer.concat([whole.subarray(0, 200), Buffer.alloc(whole.length - 200)]));
  const { status, bytes } = make('broken', { from: half });
  t.not(status, 0);
  t.equal(bytes, null);
  t.end();
});

t.test('each start has its own values', { skip }, (t) => {
  const log = join(folder, 'log');
  const before = Date.now() - 1;
  spawnSync(executable, ['--root', folder, '--log', log, '--log-format', 'json', 'state', 'nobody'], { stdio: 'ignore' });
  const { time } = JSON.parse(readFileSync(log, 'utf8').trim());
  t.ok(Date.parse(time) >= Math.floor(before / 1000) * 1000 && Date.parse(time) <= Date.now(), `${time} is now`);
  const modules = readdirSync(join(root, 'build/bundle')).map((name) => readFileSync(join(root, 'build/bundle', name), 'utf8'));
  t.notOk(
    modules.some((text) => text.includes('Math.random')),
    'no module asks for random numbers, whose seed would be that of the build',
  );
  t.end();
});
