// Measures each command with spawn.cpp.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { output, root } from '../scripts/run.mjs';

const helper = join(root, 'build/helpers/spawn');

/** Each measure by its name in the tables, in their order. */
export const operations = [
  '--version',
  'create',
  'state',
  'start',
  'exec true',
  'kill',
  'delete',
  'create+start+delete',
  'run true',
];

/** One command: { ms, cpu (ms), faults, kib }; on failure throws the last line of its errors. */
export function timed(runtime, errors, args) {
  const text = output(helper, [runtime.path, ...args], { env: { ...process.env, SPAWN_STDERR: errors } });
  const [nanoseconds, cpu, faults, kib, code] = (text ?? '').split(' ').map(Number);
  if (code === 0) return { ms: nanoseconds / 1e6, cpu: cpu / 1e3, faults, kib };
  throw new Error(`${runtime.name} ${args.join(' ')}: ${readFileSync(errors, 'utf8').trim().split('\n').at(-1)}`);
}

function total(results) {
  const sum = (key) => results.reduce((all, one) => all + one[key], 0);
  return { ms: sum('ms'), cpu: sum('cpu'), faults: sum('faults'), kib: Math.max(...results.map(({ kib }) => kib)) };
}

/** Not measured: waits until the kernel has ended it. */
export function waitForStop(runtime, state, id) {
  for (let tries = 0; tries < 1000; tries++) {
    if (/"status":\s*"stopped"/.test(output(runtime.path, ['--root', state, 'state', id]) ?? '')) return;
  }
}

/** Runs all operations once, and passes each to `add(operation, result)`. */
function sample(runtime, { bundles, state, id, errors }, add) {
  const command = (...args) => timed(runtime, errors, ['--root', state, ...args]);
  try {
    add('--version', timed(runtime, errors, ['--version']));
    add('create', command('create', '--bundle', bundles.sleep, id));
    add('state', command('state', id));
    add('start', command('start', id));
    add('exec true', command('exec', id, '/bin/true'));
    add('kill', command('kill', id, 'KILL'));
    waitForStop(runtime, state, id);
    add('delete', command('delete', id));
    const cycle = [command('create', '--bundle', bundles.true, id), command('start', id)];
    waitForStop(runtime, state, id);
    add('create+start+delete', total([...cycle, command('delete', id)]));
    add('run true', command('run', '--bundle', bundles.true, id));
  } finally {
    spawnSync(runtime.path, ['--root', state, 'delete', '--force', id], { stdio: 'ignore' });
  }
}

function quantile(numbers, part) {
  const sorted = [...numbers].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
}

/** { median, low, high } (the middle half). */
export const spread = (numbers) => ({
  median: quantile(numbers, 0.5),
  low: quantile(numbers, 0.25),
  high: quantile(numbers, 0.75),
});

const figure = (results) =>
  Object.fromEntries(Object.keys(results[0]).map((key) => [key, spread(results.map((one) => one[key]))]));

/**
 * All runtimes in turn, round by round; the first round warms the caches. Returns a figure for each runtime, operation and
 * measure. Failures are reported and left out. `one(runtime, add)` is one round of a runtime.
 */
export function interleaved(runtimes, rounds, one) {
  const samples = new Map(runtimes.map(({ name }) => [name, {}]));
  for (let round = 0; round <= rounds; round++) {
    for (const runtime of runtimes) {
      const known = samples.get(runtime.name);
      if (known === undefined) continue;
      try {
        one(runtime, (what, result) => round > 0 && (known[what] ??= []).push(result));
      } catch (error) {
        samples.delete(runtime.name);
        process.stdout.write(`left out: ${error.message}\n`);
      }
    }
  }
  const figures = [...samples].map(([name, all]) => [
    name,
    Object.fromEntries(Object.entries(all).map(([what, results]) => [what, figure(results)])),
  ]);
  return { names: [...samples.keys()], figures: Object.fromEntries(figures) };
}

/** The commands with these bundles. */
export function measureCommands({ runtimes, placeOf }, rounds, bundles) {
  return interleaved(runtimes, rounds, (runtime, add) => sample(runtime, { ...placeOf(runtime), bundles }, add));
}
