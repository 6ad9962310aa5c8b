// The tests, after set-up and build:
//   node scripts/test.mjs --fast    types, linter, formatters, unit tests
//   node scripts/test.mjs           also what a change can break: all cases on the standalone host, those of the bindings on the
//                                   Node host, the validation suite, and on cgroup v2 the cases that differ there
//   node scripts/test.mjs --all     also everything else: both hosts in full, peers, engines, packages, the whole virtual machine
// Ends with `N passed, N failed, N skipped`: assertions of tap files, lines of the suite, and one for each check.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { obstacle } from '../conformance/vm/kernel.mjs';
import { installPackages } from './packages.mjs';
import { find, output, root } from './run.mjs';
import { check, counting, filesBelow, report, skip, tap } from './stages.mjs';

const fast = process.argv.includes('--fast');
const all = process.argv.includes('--all');
const standalone = existsSync(join(root, 'dist/pocker-runc'));
const isRoot = process.getuid() === 0;

/** They call nearly every function of the Host through the Node host's binding; everything above it is the same in both hosts. */
const bindingCases = [
  ...['checkpoint', 'events', 'exec.', 'features', 'foreground', 'notify-socket', 'preserve-fds', 'ps', 'terminal'].map(
    (name) => `cases/cli/${name}`,
  ),
  ...['config/hooks.', 'config-linux/net-devices', 'config-linux/seccomp.', 'config-linux/systemd'].map(
    (name) => `cases/${name}`,
  ),
  ...['kill', 'lifecycle', 'pause', 'rootless'].map((name) => `cases/runtime/${name}`),
];

function unitTests() {
  tap('unit tests', [
    ...filesBelow('build/js/src', '.test.js'),
    ...filesBelow('build/js/conformance/harness', '.test.js'),
    ...filesBelow('build/js/conformance/engines', '.test.js'),
    ...filesBelow('build/js/conformance/peers', '.test.js'),
    ...filesBelow('conformance/runtime-tools', '.test.mjs'),
    ...filesBelow('conformance/vm', '.test.mjs'),
    ...filesBelow('scripts', '.test.mjs'),
  ]);
}

function formatters() {
  check('formatter', 'prettier', ['--check', '--log-level', 'warn', '.']);
  const cpp = [...filesBelow('addon', '.cpp'), ...filesBelow('addon', '.h'), ...filesBelow('conformance', '.cpp')];
  check('formatter of C++', 'clang-format', ['--dry-run', '--Werror', ...cpp]);
}

/** Alone: beside other stages, an emulated machine is so slow that its deadlines, and theirs, mean nothing. */
function machine(name, args, minutes) {
  const reason = obstacle();
  if (reason !== null) return skip(name, reason);
  return counting(name, ['conformance/vm/cases.mjs', ...args], minutes);
}

function packages() {
  if (!standalone) return skip('packages', 'they contain the standalone executable, which is not built');
  if (isRoot) installPackages([{ name: 'lintian', programs: ['lintian'] }]);
  tap('packages', ['conformance/packages/packages.test.mjs']);
}

function cases() {
  if (!isRoot) return skip('conformance', 'containers with cgroups need root');
  // For containers of an ordinary user.
  installPackages([{ name: 'uidmap', programs: ['newuidmap', 'newgidmap'] }]);
  const files = ['cases', 'attacks'].flatMap((folder) => filesBelow(`build/js/conformance/${folder}`, '.test.js'));
  const run = (name, path, chosen) =>
    tap(`conformance cases, ${name}`, chosen, { env: { RUNTIME: path, CONFORMANCE_PATIENCE: '3' }, minutes: 25 });
  if (standalone) run('standalone host', join(root, 'dist/pocker-runc'), files);
  if (standalone) run('library', join(root, 'dist/pocker-runc'), filesBelow('build/js/conformance/api', '.test.js'));
  const ofBindings = files.filter((file) => bindingCases.some((part) => file.includes(part)));
  run('node host', join(root, 'dist/node/pocker-runc'), all || !standalone ? files : ofBindings);
  // In the Node host, whatever else is built. The other kinds of faults take an hour: npm run test:faults.
  if (!all) return tap('faults', filesBelow('build/js/conformance/faults', '.test.js'));
  counting('faults', ['conformance/faults/run.mjs', 'host: EIO'], 20);
  // A case that runc fails is probably wrong.
  const runc = find('runc');
  if (runc === undefined) skip('conformance cases, runc', 'runc is not installed');
  else run('runc', runc, files);
  if (standalone) counting('side by side with runc and crun', ['conformance/peers/run.mjs'], 15);
}

/** The suite requires the newest Go. */
function goVersion() {
  const found = /go(\d+)\.(\d+)/.exec(output('go', ['version']) ?? '');
  return found === null ? null : Number(found[1]) * 1000 + Number(found[2]);
}

function validationSuite() {
  const version = goVersion();
  if (!isRoot) return skip('validation suite', 'containers with cgroups need root');
  if (version === null || version < 1024) return skip('validation suite', 'it needs Go 1.24 or later');
  const hosts = [...(standalone ? ['standalone'] : []), 'node'];
  for (const host of all ? hosts : hosts.slice(0, 1))
    counting(`validation suite, ${host} host`, ['conformance/runtime-tools/run.mjs', '--host', host], 15);
}

function engines() {
  if (!isRoot) return skip('engines', 'their daemons need root');
  if (!standalone) return skip('engines', 'they run the standalone executable, which is not built');
  counting('engines', ['conformance/engines/run.mjs'], 40);
  if (obstacle() === null) counting('virtual machine with engines', ['conformance/vm/engines.mjs'], 20);
}

check('types', 'tsc', ['-p', '.']);
check('linter', 'eslint', ['.']);
formatters();
unitTests();
if (!fast) {
  cases();
  validationSuite();
  machine('virtual machine with cgroup v2', all ? [] : ['--short'], 45);
}
if (all) {
  check('demo', 'node', ['scripts/demo.mjs'], { minutes: 2 });
  packages();
  machine('virtual machine with systemd', ['--init', 'systemd'], 20);
  engines();
}
process.exitCode = report();
