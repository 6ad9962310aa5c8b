// Tests on a build with AddressSanitizer and UndefinedBehaviorSanitizer (cmake/sanitize.cmake): the conformance cases and attacks on
// the executable, those of the library on its fork server and the addon, and the Node host's cases and unit tests on the addon:
//   node scripts/test/sanitizers.mjs [PART…]      PART: of a test file's name; by default, all that reach C++ of their own
// Ends with `N passed, N failed, N skipped`, counting assertions; reports of the sanitizers are printed and fail the run.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { fail, output, root, run } from '../run.mjs';
import { filesBelow } from './files.mjs';
import { report, tap } from './stages.mjs';

const [build, reports] = [join(root, 'build/sanitized'), join(root, 'build/reports/sanitizers')];
const chosen = process.argv.slice(2);

/**
 * Makes the build's directory look like the project to the library and to tests, which find dist/ by their own place: the compiled
 * tests are copied there, and of the rest there are links.
 */
function layOut() {
  for (const name of readdirSync(root).filter((entry) => !['.git', 'build', 'dist'].includes(entry))) {
    rmSync(join(build, name), { force: true });
    symlinkSync(join(root, name), join(build, name));
  }
  for (const folder of ['build/js', 'dist/node']) {
    rmSync(join(build, folder), { recursive: true, force: true });
    cpSync(join(root, folder), join(build, folder), { recursive: true });
  }
}

const copied = relative(root, build);
const wanted = (file) => chosen.length === 0 || chosen.some((part) => file.includes(part));
const filesOf = (folder, names) =>
  filesBelow(`build/js/${folder}`, '.test.js', build)
    .filter((file) => wanted(file) && (names === undefined || names.some((name) => file.includes(name))))
    .map((file) => join(copied, file));

/** The kernel frees what a command has not freed at its end. A report ends the process with a signal, which no case expects. */
const settings = {
  ASAN_OPTIONS: `log_path=${join(reports, 'report')}:abort_on_error=1:detect_leaks=0`,
  CONFORMANCE_PATIENCE: '5',
};
/** Node itself is not built with the sanitizer, whose library must be there first. */
const inNode = { ...settings, LD_PRELOAD: output('gcc', ['-print-file-name=libasan.so']) ?? '' };

/** What they try is decided in TypeScript, or takes minutes of waiting; the C++ that they reach is that of the other cases. */
const printing = ['doctor', 'features', 'list', 'logs', 'plan', 'spec', 'trace'];
const elsewhere = [
  ...printing.map((name) => `cli/reports/${name}.`),
  ...['command-line/', 'checkpoint/restore-images.', 'update/file.'].map((name) => `cli/${name}`),
  ...['failed-undo', 'hooks-timeout', 'messages', 'old-kernels', 'sigkill'].map((name) => `robustness/${name}.`),
  ...['state', 'state-machine', 'stored-state'].map((name) => `runtime/${name}.`),
  ...['config/nulls.', 'config-linux/resources-refused.'],
];
const isChosen = (file) => chosen.length > 0 || !elsewhere.some((part) => file.includes(`/${part}`));

/** They call nearly every function of the Host through the addon. */
const onNode = [
  ...['exec/exec.', 'handover/preserve-fds', 'handover/terminal'].map((name) => `cli/${name}`),
  ...['events', 'features', 'ps'].map((name) => `cli/reports/${name}`),
  ...['config/hooks.', 'net-devices', 'seccomp.', 'runtime/kill', 'runtime/lifecycle', 'runtime/pause'],
];

/** Cases wait for the kernel more than for the processor. */
const caseJobs = Math.min(8, 2 * availableParallelism());

function stage(name, files, env, jobs = 2) {
  if (files.length > 0) tap(`${name}, sanitizers`, files, { env, minutes: 60, jobs });
}

if (process.getuid() !== 0) fail('containers with cgroups need root');
run(join(root, 'node_modules/.bin/cmake-js'), ['compile', '--out', build, '-G', 'Ninja', '--CDPOCKER_SANITIZE=ON']);
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });
layOut();
const standalone = join(build, 'dist/pocker-runc');
stage(
  'conformance cases',
  ['cases', 'attacks'].flatMap((folder) => filesOf(`conformance/${folder}`)).filter(isChosen),
  { ...settings, RUNTIME: standalone },
  caseJobs,
);
// Without rootless.test.js: the programs of its user start without LD_PRELOAD.
stage('library', filesOf('conformance/api', ['changes', 'faults', 'lifecycle', 'program', 'sandbox', 'streams']), {
  ...inNode,
  RUNTIME: standalone,
});
stage('node host', filesOf('conformance/cases', onNode), { ...inNode, RUNTIME: join(build, 'dist/node/pocker-runc') }, caseJobs);
stage('unit tests of the addon', filesOf('src', ['host/contract', 'seccomp/filter', 'container/resctrl']), inNode);
const found = readdirSync(reports);
for (const name of found) process.stdout.write(readFileSync(join(reports, name), 'utf8'));
process.exitCode = report();
if (found.length > 0) fail(`the sanitizers wrote ${found.length} reports`);
