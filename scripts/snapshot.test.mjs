// The standalone executable's snapshot (addon/quickjs/snapshot.h): every build has the same bytes, and nothing of the build
// machine.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { root } from './run.mjs';

const maker = join(root, 'build/native/pocker-runc');
const bundle = join(root, 'build/native/bundle.bin');
const rehearsal = join(root, 'build/native/rehearsal.bin');
const executable = join(root, 'dist/pocker-runc');
/** Prints what a program used; the fourth figure is its peak memory. */
const spawner = join(root, 'build/helpers/spawn');
const skip = existsSync(maker) ? false : 'the standalone executable was built without a snapshot, or not at all';

const folder = mkdtempSync(join(tmpdir(), 'pocker-snapshot-'));
t.teardown(() => rmSync(folder, { recursive: true }));

/** Makes one as the build does, in an environment of its own. */
function make(name, { from = bundle, commands = [rehearsal], ...surroundings } = {}) {
  const output = join(folder, name);
  const { status } = spawnSync(maker, [from, output, ...commands], { stdio: 'ignore', cwd: folder, ...surroundings });
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

t.test('a rehearsal that fails makes no executable', { skip }, (t) => {
  const { status, bytes } = make('unrehearsed', { commands: [bundle] }); // which has no rehearsal.js
  t.not(status, 0);
  t.equal(bytes, null);
  t.end();
});

t.test('a rehearsal needs no more memory than it uses, and says what it lacks', { skip }, (t) => {
  const limited = (name, kib) => {
    const script = `ulimit -v ${kib} && exec "$@"`;
    return spawnSync('sh', ['-c', script, 'sh', maker, bundle, join(folder, name), rehearsal], { encoding: 'utf8' });
  };
  t.match(limited('enough', 400 * 1024), { status: 0, stderr: '' });
  t.match(limited('too-little', 100 * 1024), { status: 1, stderr: /^the rehearsal failed: mmap: / });
  // The executable has 10 MiB, and the stack, which comes first, 8.
  t.match(limited('far-too-little', 14 * 1024), { status: 71, stderr: /^the snapshot was not made: / });
  t.end();
});

t.test('what a usual command uses of the snapshot lies side by side', { skip }, (t) => {
  make('rehearsed');
  make('plain', { commands: [] });
  /** KiB; the kernel's own count is exact to 256 KiB only. */
  const peak = (name) => {
    // As if installed: a file that has just been written is in the page cache in smaller pieces.
    copyFileSync(join(folder, name), join(folder, `${name}-copy`));
    const state = [join(folder, `${name}-copy`), '--root', folder, 'state', 'nobody'];
    const figures = [1, 2, 3, 4, 5].map(() => Number(spawnSync(spawner, state, { encoding: 'utf8' }).stdout.split(' ')[3]));
    return Math.min(...figures);
  };
  const [rehearsed, plain] = [peak('rehearsed'), peak('plain')];
  t.ok(rehearsed > 0 && rehearsed < plain - 256, `${rehearsed} KiB, without a rehearsal ${plain}`);
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
