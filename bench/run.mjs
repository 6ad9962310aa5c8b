// Times pocker-runc beside the runc, crun and youki that are found, in one run, interleaved:
//   node bench/run.mjs [--rounds N] [--config NAME]… [--node] [--json FILE] [--write] [name=path …]
// Nothing here is a test. Peers are looked for in $PATH; name=path adds one. --node: our Node host, too. --write: docs/performance.*.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fail, find, root, run } from '../scripts/run.mjs';
import { configNames, makeBundle } from './bundles.mjs';
import { sample } from './measure.mjs';
import { figure, show, versionOf, write } from './report.mjs';

const { values, positionals } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20' },
    config: { type: 'string', multiple: true, default: configNames },
    node: { type: 'boolean', default: false },
    json: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
const rounds = Number(values.rounds);
const unknown = values.config.find((name) => !configNames.includes(name));
if (unknown !== undefined) fail(`no config ${unknown}: there are ${configNames.join(', ')}`);
if (process.getuid() !== 0) fail('the bench makes containers with cgroups: run it as root');
if (!existsSync(join(root, 'build/helpers/spawn')) || !existsSync(join(root, 'dist/pocker-runc'))) fail('npm run build first');

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
const cgroups = existsSync('/sys/fs/cgroup/cgroup.controllers') ? 'v2' : 'v1';
if (existsSync(`${unified}/cgroup.controllers`)) run('umount', [unified]);

const runtimes = [
  ['pocker-runc', join(root, 'dist/pocker-runc')],
  ...(values.node ? [['pocker-runc (Node)', join(root, 'dist/node/pocker-runc')]] : []),
  ...['runc', 'crun', 'youki'].map((name) => [name, find(name)]).filter(([, path]) => path !== undefined),
  ...positionals.map((text) => text.split(/=(.*)/s)),
].map(([name, path]) => ({ name, path }));

const directory = mkdtempSync(join(tmpdir(), 'pocker-bench-'));
const states = join(directory, 'run');

function prepare() {
  // As it would be installed, like the peers: what a linker has just written lies in the page cache in smaller pieces.
  copyFileSync(runtimes[0].path, join(directory, 'pocker-runc'));
  runtimes[0].path = join(directory, 'pocker-runc');
  mkdirSync(states);
  run('mount', ['-t', 'tmpfs', 'tmpfs', states]);
}

/** { figures by runtime and operation, names of the runtimes that took part }. */
function measure(config) {
  const bundles = { sleep: makeBundle(directory, config, ['sleep', '1000']), true: makeBundle(directory, config, ['true']) };
  const samples = new Map(runtimes.map(({ name }) => [name, new Map()]));
  const broken = new Set();
  for (let round = 0; round <= rounds; round++) {
    for (const [index, runtime] of runtimes.entries()) {
      if (broken.has(runtime.name)) continue;
      const place = {
        bundles,
        state: join(states, String(index)),
        id: `bench-${process.pid}`,
        errors: join(directory, 'stderr'),
      };
      const known = samples.get(runtime.name);
      // The first round warms the caches.
      const add = (what, result) => round > 0 && known.set(what, [...(known.get(what) ?? []), result]);
      try {
        sample(runtime, place, add);
      } catch (error) {
        broken.add(runtime.name);
        process.stdout.write(`left out: ${error.message}\n`);
      }
    }
  }
  const names = runtimes.map(({ name }) => name).filter((name) => !broken.has(name));
  if (names.length === 0) fail('none of them works');
  const figures = names.map((name) => [
    name,
    Object.fromEntries([...samples.get(name)].map(([what, all]) => [what, figure(all)])),
  ]);
  return { figures: Object.fromEntries(figures), names };
}

try {
  prepare();
  const configs = Object.fromEntries(values.config.map((config) => [config, measure(config)]));
  const versions = Object.fromEntries(runtimes.map((runtime) => [runtime.name, versionOf(runtime)]));
  const result = { configs, versions, rounds, cgroups };
  show(result);
  process.stdout.write(`cgroup ${cgroups}; ${rounds} rounds, interleaved; × is how many times ours\n`);
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(result, undefined, 2)}\n`);
  if (values.write) write(result);
} finally {
  run('umount', [states]);
  rmSync(directory, { recursive: true, force: true });
}
