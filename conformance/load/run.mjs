#!/usr/bin/env node
// Many containers, at once and for a long time, with pocker-runc, runc and crun (see scenarios.ts). Needs root, and build/js from
// `npx tsc -p .`.
//   conformance/load/run.mjs [--short] [--document] [--runtime PATH]… [SCENARIO…]
// --short: a hundredth of it. --document: writes the table to docs/reliability.md. Ends with `N passed, N failed`, counting
// scenarios of our own runtime; the results of others are only shown.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fail, find, root } from '../../scripts/run.mjs';

const { values, positionals } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    document: { type: 'boolean', default: false },
    runtime: { type: 'string', multiple: true },
  },
  allowPositionals: true,
});
if (process.getuid() !== 0) fail('containers with cgroups need root');
const newest = join(root, 'build/conformance/peers/runc');
const peers = [existsSync(newest) ? newest : find('runc'), find('crun')].filter((path) => path !== undefined);
const runtimes = values.runtime ?? [join(root, 'dist/pocker-runc'), ...peers];

/** crun refuses to run if a hybrid machine's v2 hierarchy is mounted. */
const alone = 'umount /sys/fs/cgroup/unified 2> /dev/null; exec "$@"';

function measure(path) {
  const program = [process.execPath, join(root, 'build/js/conformance/load/main.js')];
  const words = [...(values.short ? ['--short'] : []), ...positionals];
  const args = ['-m', 'sh', '-c', alone, 'sh', ...program, ...words];
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

const rows = runtimes.flatMap(measure);
if (values.document) {
  const [{ writeSection }, { markdown }] = await Promise.all(
    ['faults/document.js', 'load/report.js'].map((name) => import(join(root, 'build/js/conformance', name))),
  );
  writeSection('load', markdown(rows));
}
const ours = rows.filter(({ runtime }) => runtime.startsWith('pocker-runc'));
const failed = ours.filter(({ problems }) => problems.length > 0);
process.stdout.write(`\n${ours.length - failed.length} passed, ${failed.length} failed\n`);
process.exitCode = failed.length === 0 ? 0 : 1;
