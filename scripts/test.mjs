// Everything that must hold, after set-up and build:
//   node scripts/test.mjs [--fast]      --fast: without the conformance cases, the validation suite and the engines
// Ends with a line `N passed, N failed, N skipped`: assertions of the tap files, lines of the suite, and one for each check.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { obstacle } from '../conformance/vm/kernel.mjs';
import { failures } from '../conformance/vm/report.mjs';
import { installPackages } from './packages.mjs';
import { find, output, root } from './run.mjs';

const bin = (name) => join(root, 'node_modules/.bin', name);
const total = { passed: 0, failed: 0, skipped: 0 };
const summary = [];
const failed = [];

/** `report`: what a failing stage said, of which the failures are shown again at the end. */
function count(name, counts, seconds, report = '') {
  for (const key of Object.keys(total)) total[key] += counts[key];
  summary.push([name, counts, seconds]);
  if (counts.failed > 0 && report !== '') failed.push(`==== failed in ${name}\n${failures(report)}`);
}

function skip(name, reason) {
  process.stdout.write(`\n==== ${name}: skipped: ${reason}\n`);
  count(name, { passed: 0, failed: 0, skipped: 1 }, 0);
}

function title(name) {
  process.stdout.write(`\n==== ${name}\n`);
}

/** Runs a program to its end, ours for stdin and output unless `capture`d, which shows it, too. */
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

/** A program that passes or fails as a whole. */
function check(name, program, args, options) {
  title(name);
  const { ok, seconds } = execute(program, args, options);
  count(name, { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 }, seconds);
  return ok;
}

function filesBelow(folder, ending) {
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

function tap(name, files, options = {}) {
  title(name);
  const report = join(root, 'build/reports', `${name.replace(/\W+/g, '-')}.tap`);
  mkdirSync(join(root, 'build/reports'), { recursive: true });
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
  const counts = tapCounts(text);
  // Without a word about it, a run that came to nothing would look like one without failures.
  count(name, !ok && counts.failed === 0 ? { ...counts, failed: 1 } : counts, seconds, text);
}

/** A program that counts by itself and ends with `N passed, N failed, N skipped`. */
function counting(name, args, minutes) {
  title(name);
  const { ok, text, seconds } = execute('node', args, { capture: true, minutes });
  const numbers = /(\d+) passed, (\d+) failed(?:, (\d+) skipped)?\s*$/.exec(text) ?? [];
  const counts = { passed: Number(numbers[1] ?? 0), failed: Number(numbers[2] ?? 0), skipped: Number(numbers[3] ?? 0) };
  count(name, !ok && counts.failed === 0 ? { ...counts, failed: 1 } : counts, seconds, text);
}

/** The suite is written for the newest Go. */
function goVersion() {
  const found = /go(\d+)\.(\d+)/.exec(output('go', ['version']) ?? '');
  return found === null ? null : Number(found[1]) * 1000 + Number(found[2]);
}

const standalone = existsSync(join(root, 'dist/pocker-runc'));
const hosts = [...(standalone ? [['standalone', 'dist/pocker-runc']] : []), ['node', 'dist/node/pocker-runc']];

function packages() {
  if (!standalone) return skip('packages', 'they contain the standalone executable, which is not built');
  if (process.getuid() === 0) installPackages([{ name: 'lintian', programs: ['lintian'] }]);
  tap('packages', ['conformance/packages/packages.test.mjs']);
}

function conformance() {
  if (process.getuid() !== 0) return skip('conformance', 'containers with cgroups need root');
  // For containers of an ordinary user.
  installPackages([{ name: 'uidmap', programs: ['newuidmap', 'newgidmap'] }]);
  const cases = ['cases', 'attacks'].flatMap((folder) => filesBelow(`build/js/conformance/${folder}`, '.test.js'));
  for (const [host, path] of hosts)
    tap(`conformance cases, ${host} host`, cases, { env: { RUNTIME: join(root, path) }, minutes: 25 });
  // A case that runc fails is probably wrong.
  const runc = find('runc');
  if (runc === undefined) skip('conformance cases, runc', 'runc is not installed');
  else tap('conformance cases, runc', cases, { env: { RUNTIME: runc }, minutes: 25 });
  if (standalone) counting('side by side with runc and crun', ['conformance/peers/run.mjs'], 15);
  const version = goVersion();
  if (version === null || version < 1024) return skip('validation suite', 'it needs Go 1.24 or later');
  for (const [host] of hosts)
    counting(`validation suite, ${host} host`, ['conformance/runtime-tools/run.mjs', '--host', host], 15);
}

function machine() {
  const reason = obstacle();
  if (reason !== null) skip('virtual machine', reason);
  else {
    counting('virtual machine with cgroup v2', ['conformance/vm/cases.mjs'], 45);
    counting('virtual machine with systemd', ['conformance/vm/cases.mjs', '--init', 'systemd'], 20);
    if (standalone) counting('virtual machine with engines', ['conformance/vm/engines.mjs'], 20);
  }
}

function engines() {
  if (process.getuid() !== 0) return skip('engines', 'their daemons need root');
  if (!standalone) return skip('engines', 'they run the standalone executable, which is not built');
  counting('engines', ['conformance/engines/run.mjs'], 40);
}

check('types', bin('tsc'), ['-p', '.']);
check('linter', bin('eslint'), ['.']);
check('formatter', bin('prettier'), ['--check', '--log-level', 'warn', '.']);
check('formatter of C++', 'clang-format', [
  '--dry-run',
  '--Werror',
  ...filesBelow('addon', '.cpp'),
  ...filesBelow('addon', '.h'),
  ...filesBelow('conformance', '.cpp'),
]);
tap('unit tests', [
  ...filesBelow('build/js/src', '.test.js'),
  ...filesBelow('build/js/conformance/harness', '.test.js'),
  ...filesBelow('build/js/conformance/engines', '.test.js'),
  ...filesBelow('build/js/conformance/peers', '.test.js'),
  ...filesBelow('conformance/runtime-tools', '.test.mjs'),
  ...filesBelow('conformance/vm', '.test.mjs'),
  ...filesBelow('scripts', '.test.mjs'),
]);
if (!process.argv.includes('--fast')) {
  check('demo', 'node', ['scripts/demo.mjs'], { minutes: 2 });
  packages();
  conformance();
  machine();
  engines();
}

process.stdout.write(`\n${failed.join('\n')}\n`);
for (const [name, { passed, failed, skipped }, seconds] of summary) {
  process.stdout.write(
    `${name.padEnd(42)} ${String(passed).padStart(6)} passed ${String(failed).padStart(4)} failed ${String(skipped).padStart(4)} skipped ${seconds.toFixed(0).padStart(5)} s\n`,
  );
}
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
process.exitCode = total.failed === 0 ? 0 : 1;
