// More than one command after another: many at once, little memory, a host with many mounts, many containers.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fail, output, root, run } from '../scripts/run.mjs';
import { makeBundle } from './bundles.mjs';
import { interleaved, measureCommands } from './measure.mjs';

const helper = join(root, 'build/helpers/crowd');

/** Runs a command many times, some at once: { ms, cpu } of all. */
function crowd(runtime, { jobs, count, args }) {
  const text = output(helper, [jobs, count, runtime.path, ...args].map(String));
  const [nanoseconds, cpu, failed] = (text ?? '').split(' ').map(Number);
  if (failed !== 0) throw new Error(`${runtime.name} ${args.join(' ')}: ${failed ?? 'none'} of ${count} failed`);
  return { ms: nanoseconds / 1e6, cpu: cpu / 1e3 };
}

function remove(runtime, state, id) {
  spawnSync(runtime.path, ['--root', state, 'delete', '--force', id], { stdio: 'ignore' });
}

/** 20 execs in one container at once, and 100 containers, 8 at a time. */
export function measureCrowds({ runtimes, placeOf }, rounds, bundles) {
  return interleaved(runtimes, rounds, (runtime, add) => {
    const { state, id } = placeOf(runtime);
    const place = ['--root', state];
    try {
      crowd(runtime, { jobs: 1, count: 1, args: [...place, 'run', '--detach', '--bundle', bundles.sleep, id] });
      add('20 × exec true at once', crowd(runtime, { jobs: 20, count: 20, args: [...place, 'exec', id, '/bin/true'] }));
    } finally {
      remove(runtime, state, id);
    }
    const args = [...place, 'run', '--bundle', bundles.true, `${id}-{}`];
    add('100 × run true, 8 at a time', crowd(runtime, { jobs: 8, count: 100, args }));
  });
}

const step = 64 * 1024;
const most = 64 * 1024 * 1024;

/** The smallest linux.resources.memory.limit in KiB, to 64 KiB, with which `run true` succeeds three times in a row. */
function smallestLimit(runtime, { directory, state, id }) {
  const works = (limit) => {
    const change = (config) => {
      config.linux.resources = { ...config.linux.resources, memory: { limit } };
    };
    const bundle = makeBundle(directory, 'runc', ['true'], { suffix: `-${limit}`, change });
    return [1, 2, 3].every(() => {
      const { status } = spawnSync(runtime.path, ['--root', state, 'run', '--bundle', bundle, id], {
        stdio: 'ignore',
        timeout: 20_000,
      });
      remove(runtime, state, id);
      return status === 0;
    });
  };
  if (!works(most)) return null;
  let [low, high] = [0, most / step];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (works(middle * step)) high = middle;
    else low = middle;
  }
  return (high * step) / 1024;
}

/** By runtime; null: not even 64 MiB are enough. */
export function measureMemory({ runtimes, placeOf, directory }) {
  return Object.fromEntries(
    runtimes.map((runtime) => {
      const place = join(directory, `limits-${runtime.name}`);
      mkdirSync(place);
      return [runtime.name, smallestLimit(runtime, { ...placeOf(runtime), directory: place })];
    }),
  );
}

/** The commands on a host with that many additional mounts. */
export function measureWithMounts(bench, rounds, { bundles, count }) {
  const folder = join(bench.directory, 'mounts');
  mkdirSync(folder);
  run('mount', ['-t', 'tmpfs', 'tmpfs', folder]);
  const paths = Array.from({ length: count }, (_, index) => join(folder, String(index)));
  for (const path of paths) mkdirSync(path);
  const script = 'for path; do mount --bind "$path" "$path" || exit 1; done';
  if (spawnSync('sh', ['-c', script, 'sh', ...paths], { stdio: 'inherit' }).status !== 0) fail('cannot make the mounts');
  try {
    return measureCommands(bench, rounds, bundles);
  } finally {
    spawnSync('umount', ['--recursive', folder], { stdio: 'ignore' });
  }
}

/** The commands while that many other containers of the same runtime exist. */
export function measureWithContainers(bench, rounds, { bundles, count }) {
  const all = bench.runtimes.map((runtime) => {
    const { state, id } = bench.placeOf(runtime);
    const many = (...args) => crowd(runtime, { jobs: 4, count, args: ['--root', state, ...args] });
    try {
      many('run', '--detach', '--bundle', bundles.sleep, `${id}-{}`);
      return measureCommands({ ...bench, runtimes: [runtime] }, rounds, bundles);
    } catch (error) {
      process.stdout.write(`left out: ${error.message}\n`);
      return { names: [], figures: {} };
    } finally {
      spawnSync(helper, ['4', String(count), runtime.path, '--root', state, 'delete', '--force', `${id}-{}`], {
        stdio: 'ignore',
      });
    }
  });
  return { names: all.flatMap(({ names }) => names), figures: Object.assign({}, ...all.map(({ figures }) => figures)) };
}
