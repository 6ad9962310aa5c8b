// Makes peers.json from the results (--json FILE) of runs against other runtimes: for each program, the peer with most passing
// lines.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { suiteFolder } from './paths.mjs';

const files = process.argv.slice(2);
if (files.length === 0) {
  console.error('usage: peers.mjs RESULT.json …   (each made by RUNTIME=… run.mjs --json RESULT.json)');
  process.exit(2);
}

const results = files.map((file) => JSON.parse(readFileSync(file, 'utf8')));
const named = (result) => result.version.replace(' version', '').replace(':', '');

function best(name) {
  const counts = results.map((result) => ({ result, row: result.programs.find((program) => program.name === name) }));
  const { result, row } = counts.reduce((left, right) => (right.row.passed > left.row.passed ? right : left));
  return { passed: row.passed, failed: row.failed, skipped: row.skipped, by: named(result) };
}

const totals = results.map((result) => {
  const sum = (key) => result.programs.reduce((total, row) => total + row[key], 0);
  return [named(result), { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') }];
});
const names = results[0].programs.map((program) => program.name);
const programs = Object.fromEntries(names.map((name) => [name, best(name)]));
const about =
  'Passing lines (ok, without SKIP) of the best runtime in each program, measured with run.mjs --json. crun refuses machines whose cgroup2 ' +
  'hierarchy has controllers beside cgroup v1; it was measured with /sys/fs/cgroup/unified unmounted in a mount namespace.';
const peers = { about, machine: results[0].machine, totals: Object.fromEntries(totals), programs };
writeFileSync(path.join(suiteFolder, 'peers.json'), `${JSON.stringify(peers, null, 2)}\n`);
