#!/usr/bin/env node
// Runs the OCI runtime-tools validation suite against a runtime and compares the results with expected.json and peers.json.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { buildSuite, programNames } from './build.mjs';
import { judge } from './judge.mjs';
import { withSuiteLock } from './lock.mjs';
import { machineConditions, machineFingerprint } from './machine.mjs';
import { logFolder, repository, suiteFolder } from './paths.mjs';
import { runProgram, stopPrograms, usesSharedCgroup } from './program.mjs';
import { formatProblems, formatTable, totals } from './report.mjs';

const usage = `usage: run.mjs [--host standalone|node] [--json FILE] [--jobs N] [--list] [program …]
Runs all programs of the OCI validation suite, or those named, against $RUNTIME (by default this repository's own runtime).`;

const ownRuntimes = { standalone: 'dist/pocker-runc', node: 'dist/node/pocker-runc' };

function findRuntime(host) {
  const given = process.env['RUNTIME'] ?? '';
  if (given === '') {
    const own = ownRuntimes[host];
    if (own === undefined) throw new Error(`unknown host "${host}": standalone or node`);
    const file = path.join(repository, own);
    if (!existsSync(file)) throw new Error(`${own} is missing: npm run build makes it`);
    return { file, own: true };
  }
  const { stdout, status } = spawnSync('sh', ['-c', 'command -v -- "$1"', 'sh', given], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`RUNTIME: there is no program "${given}"`);
  return { file: path.resolve(stdout.trim()), own: false };
}

function readJson(name) {
  const file = path.join(suiteFolder, name);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { programs: {} };
}

/** The best peer's count for each program, if it was measured on a machine like this one. */
function readPeers(fingerprint) {
  const peers = readJson('peers.json');
  if (isDeepStrictEqual(peers.machine, fingerprint)) return peers.programs;
  process.stderr.write('peers.json was measured on another kind of machine: its counts are not compared\n');
  return {};
}

/** Runs the programs, `jobs` at a time; first, on one worker, those that share a cgroup, one after the other. */
async function runAll(names, { jobs, run }) {
  const shared = names.filter(usesSharedCgroup);
  const others = names.filter((name) => !usesSharedCgroup(name));
  const done = [];
  const work = async (queues) => {
    for (const queue of queues) while (queue.length > 0) done.push(await run(queue.shift()));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(signal, () => {
      shared.length = others.length = 0;
      stopPrograms();
    });
  }
  const workers = Array.from({ length: jobs - 1 }, () => work([others]));
  await Promise.all([work([shared, others]), ...workers]);
  return done.sort((left, right) => left.name.localeCompare(right.name));
}

function readOptions() {
  const options = {
    host: { type: 'string', default: 'standalone' },
    json: { type: 'string' },
    jobs: { type: 'string', default: '2' },
  };
  const flags = { list: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } };
  const { values, positionals } = parseArgs({ options: { ...options, ...flags }, allowPositionals: true });
  const known = programNames();
  const unknown = positionals.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`no such program: ${unknown.join(', ')} (--list shows them all)`);
  const jobs = Number(values.jobs);
  if (!Number.isInteger(jobs) || jobs < 1) throw new Error('--jobs needs a number from 1');
  return { ...values, jobs, names: positionals.length > 0 ? positionals : known };
}

function report(rows, options, runtime) {
  const summary = totals(rows);
  const problems = formatProblems(rows);
  console.log(formatTable(rows));
  if (problems !== '') console.log(`\n${problems}\n\nlogs: ${logFolder}`);
  const version = spawnSync(runtime.file, ['--version'], { encoding: 'utf8' }).stdout?.split('\n')[0] ?? '';
  if (options.json !== undefined) {
    const result = { runtime: runtime.file, version, machine: machineFingerprint(), totals: summary, programs: rows };
    writeFileSync(options.json, `${JSON.stringify(result, null, 2)}\n`);
  }
  console.log(`\n${version}: ${summary.expectedFailures} lines fail as expected.json explains`);
  console.log(`${summary.passed} passed, ${summary.failed} failed, ${summary.skipped} skipped`);
  return summary.failed === 0 ? 0 : 1;
}

async function main() {
  const options = readOptions();
  if (options.help) return console.log(usage) ?? 0;
  if (options.list) return console.log(options.names.join('\n')) ?? 0;
  if (process.getuid() !== 0) throw new Error('the validation suite needs root');
  const runtime = findRuntime(options.host);
  buildSuite();
  const conditions = machineConditions();
  const expected = readJson('expected.json').programs;
  const peers = readPeers(machineFingerprint());
  const run = async (name) =>
    judge(await runProgram(name, runtime.file), { expected: expected[name], peer: peers[name] ?? null, conditions });
  const rows = await withSuiteLock(() => runAll(options.names, { jobs: options.jobs, run }));
  return report(rows, options, runtime);
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`conformance: ${error.message}`);
  process.exitCode = 2;
}
