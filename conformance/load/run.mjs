#!/usr/bin/env node
// Many containers, at once and for a long time, with pocker-runc, runc and crun (see scenarios.ts). Needs root, and build/js from
// `npx tsc -p .`.
//   conformance/load/run.mjs [--short|--scale PART] [--busy] [--document] [--runtime PATH]… [SCENARIO…]
// --scale 0.1: a tenth of it. --short: a hundredth. --busy: others use the machine; on cgroup v2, where apart.sh cannot tell their part, what has grown on it
// is shown, but does not fail a scenario.
// --document: writes the table to docs/reliability.md, with the rows of earlier full runs (build/reports/load.json). Ends with `N passed, N failed`, counting
// scenarios of our own runtime; the results of others are only shown.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fail, find, root } from '../../scripts/run.mjs';

const { values, positionals } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    scale: { type: 'string' },
    busy: { type: 'boolean', default: false },
    document: { type: 'boolean', default: false },
    runtime: { type: 'string', multiple: true },
  },
  allowPositionals: true,
});
const scale = Number(values.scale ?? (values.short ? 0.01 : 1));
if (!(scale > 0 && scale <= 1)) fail('--scale is more than 0, and at most 1');
if (values.document && scale !== 1) fail('the table in the documentation is of full runs');
if (process.getuid() !== 0) fail('containers with cgroups need root');
const newest = join(root, 'build/conformance/peers/runc');
const peers = [existsSync(newest) ? newest : find('runc'), find('crun')].filter((path) => path !== undefined);
const runtimes = values.runtime ?? [join(root, 'dist/pocker-runc'), ...peers];

function measure(path) {
  const program = [process.execPath, join(root, 'build/js/conformance/load/main.js')];
  const words = ['--scale', String(scale), ...(values.busy ? ['--busy'] : []), ...positionals];
  const args = ['-m', join(root, 'conformance/load/apart.sh'), ...program, ...words];
  const { stdout, status } = spawnSync('unshare', args, {
    env: { ...process.env, RUNTIME: path },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) fail(`the load of ${path} broke off`);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

/** With the rows of earlier runs, as a whole run takes long; newer ones replace them. */
function kept(rows) {
  const file = join(root, 'build/reports/load.json');
  const earlier = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
  const replaced = (old) => rows.some(({ runtime, scenario }) => runtime === old.runtime && scenario === old.scenario);
  const all = [...earlier.filter((old) => !replaced(old)), ...rows];
  mkdirSync(join(root, 'build/reports'), { recursive: true });
  writeFileSync(file, JSON.stringify(all));
  return all;
}

const rows = runtimes.flatMap(measure);
const all = scale === 1 ? kept(rows) : rows;
if (values.document) {
  const [{ writeSection }, { markdown }] = await Promise.all(
    ['faults/document.js', 'load/report.js'].map((name) => import(join(root, 'build/js/conformance', name))),
  );
  writeSection('load', markdown(all));
}
const ours = rows.filter(({ runtime }) => runtime.startsWith('pocker-runc'));
const failed = ours.filter(({ problems }) => problems.length > 0);
process.stdout.write(`\n${ours.length - failed.length} passed, ${failed.length} failed\n`);
process.exitCode = failed.length === 0 ? 0 : 1;
