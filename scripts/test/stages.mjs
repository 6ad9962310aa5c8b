// The stages of scripts/test.mjs: each runs a program, counts what passed, failed or was skipped, and remembers it for the summary.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { failingFiles, failures, readRepeated, repeatedLine, toRepeat } from './report.mjs';
import { collected, root } from '../run.mjs';
import { noTypeScript } from './tap.mjs';

const bin = (name) => join(root, 'node_modules/.bin', name);
const reports = join(root, 'build/reports');
const total = { passed: 0, failed: 0, skipped: 0 };
const summary = [];
/** Reports of what failed, and of what passed only when it was repeated. */
const shown = { failed: [], repeated: [] };

/**
 * `report`: the output of a failing stage, whose failures are shown again at the end. `repeated`: how many files passed only when
 * they ran once more.
 */
function count(name, counts, seconds, { report = '', repeated = 0 } = {}) {
  for (const key of Object.keys(total)) total[key] += counts[key];
  summary.push([name, counts, seconds, repeated]);
  if (report === '') return;
  if (counts.failed > 0) shown.failed.push(`==== failed in ${name}\n${failures(report)}`);
  else if (repeated > 0) shown.repeated.push(`==== passed only when repeated in ${name}\n${failures(report)}`);
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

/** Runs a program beside others; its output is shown when it has ended. */
async function executeBeside(name, program, args, options = {}) {
  const begin = Date.now();
  const { ok, text } = await collected(program, args, { cwd: root, killSignal: 'SIGKILL', ...options });
  title(name);
  process.stdout.write(text);
  return { ok, text, seconds: (Date.now() - begin) / 1000 };
}

/** What a later stage needs, and counts as missing itself if this fails. */
export function prepare(name, args) {
  title(name);
  execute('node', args, { minutes: 30 });
}

/** Programs of node_modules that are checks, all at the same time. */
export async function checks(list) {
  const one = async ({ name, program, args }) => {
    const { ok, seconds } = await executeBeside(name, bin(program), args);
    count(name, { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 }, seconds);
  };
  await Promise.all(list.map(one));
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

/** Runs test files; returns their report in TAP, too. */
function tapRun(name, files, { fileSeconds = 30, jobs = 2, ...options }) {
  const report = join(reports, `${name.replace(/\W+/g, '-')}.tap`);
  mkdirSync(reports, { recursive: true });
  rmSync(report, { force: true });
  const flags = [
    'run',
    '--disable-coverage',
    '--allow-empty-coverage',
    noTypeScript,
    `--jobs=${jobs}`,
    `--timeout=${fileSeconds}`,
    '--reporter=min',
    `--output-file=${report}`,
  ];
  const { ok, seconds } = execute(bin('tap'), [...flags, ...files], options);
  const text = existsSync(report) ? readFileSync(report, 'utf8') : '';
  return { counts: atLeastOne(ok, tapCounts(text)), text, seconds };
}

/** Test files, `jobs` at a time. `fileSeconds`: for files that cannot tell the runner how long they take. */
export function tap(name, files, options = {}) {
  title(name);
  const first = tapRun(name, files, options);
  const failing = toRepeat(failingFiles(first.text, files) ?? []);
  const second = failing.map((file) => {
    title(`${name}: ${file} once more`);
    return tapRun(`${name} repeated ${file}`, [file], { ...options, jobs: 1 });
  });
  const sum = (number) => second.reduce((total, run) => total + number(run), 0);
  const counts = failing.length === 0 ? first.counts : { ...first.counts, failed: sum((run) => run.counts.failed) };
  const repeated = second.filter((run) => run.counts.failed === 0).length;
  count(name, counts, first.seconds + sum((run) => run.seconds), { report: first.text, repeated });
}

function ownCounts(text) {
  const numbers = /(\d+) passed, (\d+) failed(?:, (\d+) skipped)?\s*$/.exec(text) ?? [];
  return { passed: Number(numbers[1] ?? 0), failed: Number(numbers[2] ?? 0), skipped: Number(numbers[3] ?? 0) };
}

const countOwn = (name, { ok, text, seconds }) =>
  count(name, atLeastOne(ok, ownCounts(text)), seconds, { report: text, repeated: readRepeated(text) });

/** A script that counts by itself and ends with `N passed, N failed, N skipped`. */
export function counting(name, args, minutes) {
  title(name);
  countOwn(name, execute('node', args, { capture: true, minutes }));
}

/** Such scripts in rows that run at the same time. Scripts that change the same things of the machine belong in the same row. */
export async function countingBeside(rows) {
  const one = async (row) => {
    for (const { name, args, minutes } of row)
      countOwn(name, await executeBeside(name, 'node', args, { timeout: minutes * 60_000 }));
  };
  await Promise.all(rows.map(one));
}

/**
 * Shows one line for each stage and the counts at the end, with all failures again: those that count last, where they are seen.
 * Returns the exit code of it all.
 */
export function report() {
  process.stdout.write(`\n${shown.repeated.join('\n')}\n`);
  for (const [name, { passed, failed: wrong, skipped }, seconds, repeated] of summary) {
    const counts = `${String(passed).padStart(6)} passed ${String(wrong).padStart(4)} failed ${String(skipped).padStart(4)} skipped`;
    process.stdout.write(`${name.padEnd(42)} ${counts} ${seconds.toFixed(0).padStart(5)} s  ${repeatedLine(repeated)}`.trimEnd());
    process.stdout.write('\n');
  }
  process.stdout.write(`\n${shown.failed.join('\n')}\n`);
  process.stdout.write(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
  return total.failed === 0 ? 0 : 1;
}
