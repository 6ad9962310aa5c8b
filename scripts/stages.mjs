// The stages of scripts/test.mjs: each runs a program, counts what passed, failed or was skipped, and remembers it for the summary.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { failures } from '../conformance/vm/report.mjs';
import { root } from './run.mjs';

const bin = (name) => join(root, 'node_modules/.bin', name);
const reports = join(root, 'build/reports');
const total = { passed: 0, failed: 0, skipped: 0 };
const summary = [];
const failed = [];

/** `report`: the output of a failing stage, whose failures are shown again at the end. */
function count(name, counts, seconds, report = '') {
  for (const key of Object.keys(total)) total[key] += counts[key];
  summary.push([name, counts, seconds]);
  if (counts.failed > 0 && report !== '') failed.push(`==== failed in ${name}\n${failures(report)}`);
}

export function skip(name, reason) {
  process.stdout.write(`\n==== ${name}: skipped: ${reason}\n`);
  count(name, { passed: 0, failed: 0, skipped: 1 }, 0);
}

function title(name) {
  process.stdout.write(`\n==== ${name}\n`);
}

/** Runs a program to its end, with our stdin and output. With `capture`, the output is returned as well as shown. */
function execute(program, args, { env = {}, minutes = 10, capture = false } = {}) {
  const begin = Date.now();
  const result = spawnSync(program, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', capture ? 'pipe' : 'inherit', 'inherit'],
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    timeout: minutes * 60_000,
    killSignal: 'SIGKILL',
  });
  if (result.error !== undefined) process.stdout.write(`${program}: ${result.error.message}\n`);
  if (capture) process.stdout.write(result.stdout ?? '');
  return { ok: result.status === 0, text: result.stdout ?? '', seconds: (Date.now() - begin) / 1000 };
}

/** A program that passes or fails as a whole; without a path, one of node_modules. */
export function check(name, program, args, options) {
  title(name);
  const { ok, seconds } = execute(existsSync(bin(program)) ? bin(program) : program, args, options);
  count(name, { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 }, seconds);
}

export function filesBelow(folder, ending) {
  return readdirSync(join(root, folder), { recursive: true })
    .filter((file) => file.endsWith(ending))
    .map((file) => join(folder, file))
    .sort();
}

/** The counts at the end of a TAP stream: "# { total: 3, pass: 2, fail: 1 }". */
function tapCounts(text) {
  const last = /^# \{ total: \d+.*\}$/gm;
  const line = text.match(last)?.at(-1) ?? '';
  const number = (key) => Number(new RegExp(`${key}: (\\d+)`).exec(line)?.[1] ?? 0);
  return { passed: number('pass'), failed: number('fail'), skipped: number('skip') + number('todo') };
}

// Without a message, a run that produced nothing would look like one without failures.
const atLeastOne = (ok, counts) => (!ok && counts.failed === 0 ? { ...counts, failed: 1 } : counts);

/** Test files, two at a time. */
export function tap(name, files, options = {}) {
  title(name);
  const report = join(reports, `${name.replace(/\W+/g, '-')}.tap`);
  mkdirSync(reports, { recursive: true });
  const flags = [
    'run',
    '--disable-coverage',
    '--allow-empty-coverage',
    '--plugin=!@tapjs/typescript',
    '--jobs=2',
    '--reporter=min',
    `--output-file=${report}`,
  ];
  const { ok, seconds } = execute(bin('tap'), [...flags, ...files], options);
  const text = existsSync(report) ? readFileSync(report, 'utf8') : '';
  count(name, atLeastOne(ok, tapCounts(text)), seconds, text);
}

function ownCounts(text) {
  const numbers = /(\d+) passed, (\d+) failed(?:, (\d+) skipped)?\s*$/.exec(text) ?? [];
  return { passed: Number(numbers[1] ?? 0), failed: Number(numbers[2] ?? 0), skipped: Number(numbers[3] ?? 0) };
}

/** A script that counts by itself and ends with `N passed, N failed, N skipped`. */
export function counting(name, args, minutes) {
  title(name);
  const { ok, text, seconds } = execute('node', args, { capture: true, minutes });
  count(name, atLeastOne(ok, ownCounts(text)), seconds, text);
}

/** Shows all failures again, then one line for each stage, then the counts; returns the exit code of it all. */
export function report() {
  process.stdout.write(`\n${failed.join('\n')}\n`);
  for (const [name, { passed, failed: wrong, skipped }, seconds] of summary) {
    process.stdout.write(
      `${name.padEnd(42)} ${String(passed).padStart(6)} passed ${String(wrong).padStart(4)} failed ${String(skipped).padStart(4)} skipped ${seconds.toFixed(0).padStart(5)} s\n`,
    );
  }
  process.stdout.write(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
  return total.failed === 0 ? 0 : 1;
}
