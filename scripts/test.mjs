// The tests, after set-up and build:
//   node scripts/test.mjs --fast    types, linter, formatters, unit tests
//   node scripts/test.mjs           also what a change can break: all cases on the standalone host, those of the bindings on the
//                                   Node host, the validation suite, and on cgroup v2 the cases that differ there
//   node scripts/test.mjs --all     also everything else: both hosts in full, peers, engines, packages, the whole virtual machine
// Ends with `N passed, N failed, N skipped`: assertions of tap files, lines of the suite, and one for each check.
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { installPackages } from './packages.mjs';
import { find, output, root } from './run.mjs';
import { filesBelow, selected } from './test/files.mjs';
import { check, checks, counting, countingBeside, prepare, report, skip, tap } from './test/stages.mjs';
import { prepareTap } from './test/tap.mjs';

const fast = process.argv.includes('--fast');
const all = process.argv.includes('--all');
const standalone = existsSync(join(root, 'dist/pocker-runc'));
const isRoot = process.getuid() === 0;

/** They call nearly every function of the Host through the Node host's binding; everything above it is the same in both hosts. */
const bindingCases = [
  ...['checkpoint/checkpoint', 'exec/exec', 'foreground/flow', 'foreground/terminal', 'reports/events', 'reports/features'].map(
    (name) => `cases/cli/${name}`,
  ),
  ...['handover/notify-socket', 'handover/preserve-fds', 'handover/terminal', 'reports/ps'].map((name) => `cases/cli/${name}`),
  ...['config/hooks.', 'config-linux/net-devices', 'config-linux/seccomp.', 'config-linux/systemd'].map(
    (name) => `cases/${name}`,
  ),
  ...['kill', 'lifecycle', 'pause', 'rootless'].map((name) => `cases/runtime/${name}`),
];

function unitTests() {
  tap('unit tests', [
    ...filesBelow('build/js/src', '.test.js'),
    ...filesBelow('build/js/conformance/harness', '.test.js'),
    ...filesBelow('build/js/conformance/load', '.test.js'),
    ...filesBelow('build/js/conformance/engines', '.test.js'),
    ...filesBelow('build/js/conformance/peers', '.test.js'),
    ...filesBelow('conformance/runtime-tools', '.test.mjs'),
    ...filesBelow('conformance/vm', '.test.mjs'),
    ...filesBelow('scripts', '.test.mjs'),
  ]);
}

function formatterOfCpp() {
  const cpp = [...filesBelow('addon', '.cpp'), ...filesBelow('addon', '.h'), ...filesBelow('conformance', '.cpp')];
  check('formatter of C++', 'clang-format', ['--dry-run', '--Werror', ...cpp]);
}

function packages() {
  if (!standalone) return skip('packages', 'they contain the standalone executable, which is not built');
  if (isRoot) installPackages([{ name: 'lintian', programs: ['lintian'] }]);
  tap('packages', ['conformance/packages/packages.test.mjs']);
}

const libraryPackages = [
  { name: 'chromium', programs: ['chromium'] },
  { name: 'chromium-driver', programs: ['chromedriver'] },
  { name: 'umoci', programs: ['umoci'] },
];

/** Cases use the CPU for less than half of their time: they wait for the kernel to unmount, to end namespaces, to remove cgroups. */
const caseJobs = Math.min(8, 2 * availableParallelism());

function cases() {
  if (!isRoot) return skip('conformance', 'containers with cgroups need root');
  // For containers of an ordinary user.
  installPackages([{ name: 'uidmap', programs: ['newuidmap', 'newgidmap'] }]);
  const files = ['cases', 'attacks'].flatMap((folder) => filesBelow(`build/js/conformance/${folder}`, '.test.js'));
  const run = (name, path, chosen, jobs = caseJobs) =>
    tap(`conformance cases, ${name}`, chosen, { env: { RUNTIME: path, CONFORMANCE_PATIENCE: '3' }, minutes: 25, jobs });
  if (standalone) run('standalone host', join(root, 'dist/pocker-runc'), files);
  // For the page of an example, and images; those cases are skipped where there is none.
  if (standalone) installPackages(libraryPackages, { optional: true });
  if (standalone) run('library', join(root, 'dist/pocker-runc'), filesBelow('build/js/conformance/api', '.test.js'), 2);
  const ofBindings = selected(files, bindingCases);
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

const enginePackages = [
  { name: 'conmon', programs: ['conmon'] },
  { name: 'skopeo', programs: ['skopeo'] },
  { name: 'catatonit', programs: ['catatonit'] },
  { name: 'aardvark-dns', files: ['/usr/lib/podman/aardvark-dns'] },
  { name: 'iptables', programs: ['iptables-restore'] },
  { name: 'slirp4netns', programs: ['slirp4netns'] },
  { name: 'uidmap', programs: ['newuidmap'] },
  { name: 'strace', programs: ['strace'] },
];

/** They try its completion; those cases are skipped where there is none. */
const shells = ['zsh', 'fish'].map((name) => ({ name, programs: [name] }));

/** Without `--all`, no comparison with docker and podman, and no crashes, crowds and full disks. */
function engine() {
  if (!isRoot) return skip('pocker', 'most of its tests need root');
  if (!standalone) return skip('pocker', 'its standalone executable is not built');
  installPackages(enginePackages);
  installPackages(shells, { optional: true });
  const files = filesBelow('build/js/conformance/pocker', '.test.js');
  const long = new Set(selected(files, ['peers', 'docker', 'crash', 'crowd', 'full']));
  const chosen = all ? files : files.filter((file) => !long.has(file));
  tap('pocker', chosen, { minutes: 12, fileSeconds: 400 });
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

/** A minute for all readers together. */
function fuzzers() {
  // The second is only recommended by the first.
  const runtime = { name: 'libclang-rt-14-dev', files: ['/usr/lib/llvm-14/lib/clang/14.0.6/lib/linux'] };
  if (isRoot) installPackages([{ name: 'clang-14', programs: ['clang++-14'] }, runtime]);
  counting('fuzzers', ['scripts/test/fuzz.mjs', '--together', '60'], 10);
}

/** Beside each other: one waits for daemons for much of the time, and the machine runs one case at a time. */
async function enginesAndSystemd() {
  const inMachine = (name, args, minutes) => ({ name: `virtual machine with ${name}`, args, minutes });
  const systemd = inMachine('systemd', ['conformance/vm/cases.mjs', '--init', 'systemd'], 30);
  const ofMachine = [systemd, inMachine('engines', ['conformance/vm/engines.mjs'], 20)];
  const runEngines = 'conformance/engines/run.mjs';
  if (isRoot && standalone) {
    prepare('preparing engines', [runEngines, '--prepare']);
    return countingBeside([ofMachine, [{ name: 'engines', args: [runEngines, '--prepared'], minutes: 30 }]]);
  }
  skip('engines', isRoot ? 'they run the standalone executable, which is not built' : 'their daemons need root');
  await countingBeside([[systemd]]);
}

await checks([
  { name: 'types', program: 'tsc', args: ['-p', '.'] },
  { name: 'linter', program: 'eslint', args: ['.'] },
  { name: 'formatter', program: 'prettier', args: ['--check', '--log-level', 'warn', '.'] },
]);
formatterOfCpp();
await prepareTap();
unitTests();
if (!fast) {
  cases();
  engine();
  validationSuite();
  // Alone: it uses both processors, and beside other stages its deadlines would mean nothing.
  counting('virtual machine with cgroup v2', ['conformance/vm/cases.mjs', ...(all ? [] : ['--short'])], 45);
}
if (all) {
  check('demo', 'node', ['scripts/demo/demo.mjs'], { minutes: 2 });
  packages();
  fuzzers();
  await enginesAndSystemd();
}
process.exitCode = report();
