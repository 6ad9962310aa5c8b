// Times pocker-runc (both hosts) beside the runc, crun and youki that are found, in one run, interleaved:
//   node bench/run.mjs [--rounds N] [--json FILE] [name=path …]
// Medians and ratios; nothing here is a test. Peers are looked for in $PATH; name=path adds one.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fail, find, output, root, run } from '../scripts/run.mjs';

const { values, positionals } = parseArgs({
  options: { rounds: { type: 'string', default: '20' }, json: { type: 'string' } },
  allowPositionals: true,
});
const rounds = Number(values.rounds);
const helper = join(root, 'build/helpers/spawn');
if (process.getuid() !== 0) fail('the bench makes containers with cgroups: run it as root');
if (!existsSync(helper) || !existsSync(join(root, 'dist/pocker-runc'))) fail('npm run build first');

/**
 * In a mount namespace of its own: state directories are on a tmpfs, as /run is on an installed system (a disk's fsync(2) would
 * be measured otherwise), and a hybrid machine has no v2 mount, since crun refuses to run with both.
 */
if (process.env.POCKER_BENCH_INSIDE === undefined) {
  const again = ['-m', process.execPath, ...process.argv.slice(1)];
  const { status } = spawnSync('unshare', again, { stdio: 'inherit', env: { ...process.env, POCKER_BENCH_INSIDE: '1' } });
  process.exit(status ?? 1);
}
const unified = '/sys/fs/cgroup/unified';
if (existsSync(`${unified}/cgroup.controllers`)) {
  run('umount', [unified]);
  process.stdout.write('hybrid cgroups: measured without the v2 hierarchy\n');
}

const runtimes = [
  ['pocker-runc', join(root, 'dist/pocker-runc')],
  ['pocker-runc (Node)', join(root, 'dist/node/pocker-runc')],
  ...['runc', 'crun', 'youki'].map((name) => [name, find(name)]).filter(([, path]) => path !== undefined),
  ...positionals.map((text) => text.split(/=(.*)/s)),
].map(([name, path]) => ({ name, path }));

const directory = mkdtempSync(join(tmpdir(), 'pocker-bench-'));
// As it would be installed, like the peers: what a linker has just written lies in the page cache in smaller pieces.
copyFileSync(runtimes[0].path, join(directory, 'pocker-runc'));
runtimes[0].path = join(directory, 'pocker-runc');
const states = join(directory, 'run');
mkdirSync(states);
run('mount', ['-t', 'tmpfs', 'tmpfs', states]);

function makeBundle(name, args) {
  const bundle = join(directory, name);
  const rootfs = join(bundle, 'rootfs');
  for (const folder of ['bin', 'dev', 'proc', 'sys', 'etc']) mkdirSync(join(rootfs, folder), { recursive: true });
  copyFileSync(existsSync('/bin/busybox') ? '/bin/busybox' : '/usr/bin/busybox', join(rootfs, 'bin/busybox'));
  for (const applet of ['true', 'sleep']) symlinkSync('busybox', join(rootfs, 'bin', applet));
  spawnSync(runtimes[0].path, ['spec', '--bundle', bundle]);
  const path = join(bundle, 'config.json');
  const config = JSON.parse(readFileSync(path, 'utf8'));
  // The oldest peers refuse a newer one.
  config.ociVersion = '1.0.2';
  config.process = { ...config.process, terminal: false, args };
  config.linux.resources = {
    ...config.linux.resources,
    memory: { limit: 256 * 1024 * 1024 },
    cpu: { shares: 512 },
    pids: { limit: 100 },
  };
  writeFileSync(path, JSON.stringify(config));
  return bundle;
}

/** One timed command: { ms, kib }. Null when it fails. */
function timed(runtime, ...args) {
  const text = output(helper, [runtime.path, ...args], { env: { ...process.env, SPAWN_STDERR: join(directory, 'stderr') } });
  const [nanoseconds, kib, code] = (text ?? '').split(' ').map(Number);
  if (code !== 0)
    throw new Error(
      `${runtime.name} ${args.join(' ')}: ${readFileSync(join(directory, 'stderr'), 'utf8').trim().split('\n').at(-1)}`,
    );
  return { ms: nanoseconds / 1e6, kib };
}

function waitForStop(runtime, state, id) {
  for (let tries = 0; tries < 1000; tries++) {
    if (/"status":\s*"stopped"/.test(output(runtime.path, ['--root', state, 'state', id]) ?? '')) return;
  }
}

let serial = 0;

/** All measured commands once. */
function sample(runtime, bundles, add) {
  const state = join(states, `${runtime.name.replace(/\W/g, '')}`);
  const id = `bench-${process.pid}-${serial++}`;
  const measure = (what, ...args) => {
    const result = timed(runtime, ...(what === '--version' ? [] : ['--root', state]), ...args);
    add(what, result);
    return result.ms;
  };
  try {
    measure('--version', '--version');
    measure('create', 'create', '--bundle', bundles.sleep, id);
    measure('state', 'state', id);
    measure('start', 'start', id);
    measure('kill', 'kill', id, 'KILL');
    waitForStop(runtime, state, id);
    measure('delete', 'delete', id);
    const all = [
      timed(runtime, '--root', state, 'create', '--bundle', bundles.true, id),
      timed(runtime, '--root', state, 'start', id),
      timed(runtime, '--root', state, 'delete', '--force', id),
    ];
    add('create+start+delete', { ms: all.reduce((sum, { ms }) => sum + ms, 0), kib: Math.max(...all.map(({ kib }) => kib)) });
    measure('run /bin/true', 'run', '--bundle', bundles.true, id);
  } finally {
    spawnSync(runtime.path, ['--root', state, 'delete', '--force', id], { stdio: 'ignore' });
  }
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

function measureAll() {
  const bundles = { sleep: makeBundle('sleep', ['sleep', '1000']), true: makeBundle('true', ['true']) };
  const samples = new Map(runtimes.map(({ name }) => [name, new Map()]));
  const broken = new Map();
  for (let round = 0; round <= rounds; round++) {
    for (const runtime of runtimes.filter(({ name }) => !broken.has(name))) {
      try {
        // The first round warms the caches.
        sample(runtime, bundles, (what, result) => {
          const known = samples.get(runtime.name);
          if (round > 0) known.set(what, [...(known.get(what) ?? []), result]);
        });
      } catch (error) {
        broken.set(runtime.name, error.message);
      }
    }
  }
  return { samples, broken };
}

function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)));
  for (const row of rows)
    process.stdout.write(
      `${row.map((cell, column) => (column === 0 ? String(cell).padEnd(widths[0]) : String(cell).padStart(widths[column]))).join('  ')}\n`,
    );
}

function report({ samples, broken }) {
  const names = runtimes.map(({ name }) => name).filter((name) => !broken.has(name));
  const [ours] = names;
  const operations = [...samples.get(ours).keys()];
  const ms = (name, what) =>
    median(
      samples
        .get(name)
        .get(what)
        .map((one) => one.ms),
    );
  const peak = (name) =>
    Math.max(
      ...operations.map((what) =>
        median(
          samples
            .get(name)
            .get(what)
            .map((one) => one.kib),
        ),
      ),
    );
  table([
    ['median, ms (times ours)', ...names],
    ...operations.map((what) => [
      what,
      ...names.map((name) =>
        name === ours
          ? ms(name, what).toFixed(2)
          : `${ms(name, what).toFixed(2)} (${(ms(name, what) / ms(ours, what)).toFixed(2)})`,
      ),
    ]),
    ['peak memory, MiB', ...names.map((name) => (peak(name) / 1024).toFixed(1))],
  ]);
  for (const { name, path } of runtimes) process.stdout.write(`${name}: ${(output(path, ['--version']) ?? '').split('\n')[0]}\n`);
  for (const [name, message] of broken) process.stdout.write(`${name} was left out: ${message}\n`);
  process.stdout.write(`${rounds} rounds, interleaved\n`);
  if (values.json === undefined) return;
  const result = Object.fromEntries(
    names.map((name) => [name, Object.fromEntries(operations.map((what) => [what, ms(name, what)]))]),
  );
  writeFileSync(values.json, `${JSON.stringify(result, undefined, 2)}\n`);
}

try {
  report(measureAll());
} finally {
  run('umount', [states]);
  rmSync(directory, { recursive: true, force: true });
}
