// Times pocker-runc and the installed runc, crun and youki, interleaved in one run:
//   node bench/run.mjs [--quick] [--rounds N] [--config NAME]… [--part NAME]… [--node] [--json FILE] [--write] [--cgroups v2] [name=path …]
// Nothing here is a test. Peers are found in $PATH; name=path adds one. --part: only commands, crowds, memory, mounts, containers or library.
// --quick: few rounds, and only the commands. --node: also our Node host. --write: updates docs/performance.*. --cgroups v2: the
// commands in a virtual machine with cgroup v2 (conformance/vm), where everything is emulated and only CPU times can be compared.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fail, find, root, run } from '../scripts/run.mjs';
import { configNames, makeBundle } from './bundles.mjs';
import { machine, show, versionOf, write } from './report.mjs';
import { measureCommands } from './measure.mjs';
import { measureLibrary } from './library.mjs';
import { measureCrowds, measureMemory, measureWithContainers, measureWithMounts } from './scenarios.mjs';

const parts = ['commands', 'crowds', 'memory', 'mounts', 'containers', 'library'];
const { values, positionals } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    config: { type: 'string', multiple: true, default: configNames },
    part: { type: 'string', multiple: true },
    node: { type: 'boolean', default: false },
    json: { type: 'string' },
    write: { type: 'boolean', default: false },
    cgroups: { type: 'string' },
  },
  allowPositionals: true,
});
const rounds = Number(values.rounds ?? (values.quick ? 5 : 20));
const chosen = values.part ?? (values.quick ? ['commands'] : parts);
/** Additional mounts and containers. */
const [manyMounts, manyContainers] = [1000, 500];
/** Rounds for slow operations. */
const fewRounds = Math.min(rounds, 5);

const unknown = [
  ...values.config.filter((name) => !configNames.includes(name)),
  ...chosen.filter((name) => !parts.includes(name)),
];
if (unknown.length > 0) fail(`unknown: ${unknown.join(', ')}; configs are ${configNames.join(', ')}, parts ${parts.join(', ')}`);
if (process.getuid() !== 0) fail('the bench makes containers with cgroups: run it as root');
const needed = ['build/helpers/spawn', 'build/helpers/crowd', 'dist/pocker-runc'];
if (needed.some((path) => !existsSync(join(root, path)))) fail('npm run build first');

/** Sends the results wherever they were requested. */
function publish(result) {
  show(result);
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(result, undefined, 2)}\n`);
  if (values.write) write(result);
}

/** The same inside the virtual machine, which writes its figures to a shared directory. */
function runInMachine(layout) {
  const shared = mkdtempSync(join(tmpdir(), 'pocker-bench-vm-'));
  const file = join(shared, 'result.json');
  const inside = [process.execPath, join(root, 'bench/run.mjs'), '--rounds', String(values.rounds ?? 5), '--json', file];
  const choice = [...values.config.flatMap((name) => ['--config', name]), '--part', 'commands', ...positionals];
  try {
    const machine = ['--cgroups', layout, '--timeout', '1800', '--share', shared, '--', ...inside, ...choice];
    run(join(root, 'conformance/vm/run.mjs'), machine);
    publish({ ...JSON.parse(readFileSync(file, 'utf8')), emulated: true });
  } finally {
    rmSync(shared, { recursive: true });
  }
}

if (values.cgroups !== undefined) {
  runInMachine(values.cgroups);
  process.exit(0);
}

/**
 * Runs in its own mount namespace. State directories are on a tmpfs, like /run on an installed system (otherwise a disk's
 * fsync(2) would be measured), and a hybrid machine has no v2 mount, since crun refuses to run with both.
 */
if (process.env.POCKER_BENCH_INSIDE === undefined) {
  const again = ['-m', process.execPath, ...process.argv.slice(1)];
  const { status } = spawnSync('unshare', again, { stdio: 'inherit', env: { ...process.env, POCKER_BENCH_INSIDE: '1' } });
  process.exit(status ?? 1);
}
const unified = '/sys/fs/cgroup/unified';
const cgroups = existsSync('/sys/fs/cgroup/cgroup.controllers') ? 'v2' : 'v1';
if (existsSync(`${unified}/cgroup.controllers`)) run('umount', [unified]);

const runtimes = [
  ['pocker-runc', join(root, 'dist/pocker-runc')],
  ...(values.node ? [['pocker-runc (Node)', join(root, 'dist/node/pocker-runc')]] : []),
  ...['runc', 'runc-new', 'crun', 'crun-new', 'youki'].map((name) => [name, find(name)]).filter(([, path]) => path !== undefined),
  ...positionals.map((text) => text.split(/=(.*)/s)),
].map(([name, path]) => ({ name, path }));

const directory = mkdtempSync(join(tmpdir(), 'pocker-bench-'));
const states = join(directory, 'run');

function prepare() {
  mkdirSync(states);
  run('mount', ['-t', 'tmpfs', 'tmpfs', states]);
  // As if installed, like the peers, and read from the disk: how large the pieces are in which a file that was just written is in the
  // page cache, and with that how much of it counts as memory of a process, depends on how it was written.
  const installed = join(directory, 'pocker-runc');
  copyFileSync(runtimes[0].path, installed);
  run('dd', [`of=${installed}`, 'oflag=nocache', 'conv=notrunc,fdatasync', 'count=0', 'status=none']);
  runtimes[0].path = installed;
}

const bench = {
  runtimes,
  directory,
  placeOf: (runtime) => ({
    state: join(states, String(runtimes.indexOf(runtime))),
    id: `bench-${process.pid}`,
    errors: join(directory, 'stderr'),
  }),
};

async function measure() {
  const bundlesOf = (config) => ({
    sleep: makeBundle(directory, config, ['sleep', '1000']),
    true: makeBundle(directory, config, ['true']),
  });
  const bundles = Object.fromEntries(configNames.map((name) => [name, bundlesOf(name)]));
  const wanted = (part, body) => {
    if (!chosen.includes(part)) return undefined;
    process.stderr.write(`${part} …\n`);
    return body();
  };
  const usual = bundles.docker;
  const growing = chosen.includes('mounts') || chosen.includes('containers');
  return {
    configs: wanted('commands', () =>
      Object.fromEntries(values.config.map((name) => [name, measureCommands(bench, rounds, bundles[name])])),
    ),
    crowds: wanted('crowds', () => measureCrowds(bench, fewRounds, usual)),
    memory: wanted('memory', () => measureMemory(bench)),
    base: growing ? measureCommands(bench, fewRounds, usual) : undefined,
    mounts: wanted('mounts', () => measureWithMounts(bench, fewRounds, { bundles: usual, count: manyMounts })),
    containers: wanted('containers', () => measureWithContainers(bench, fewRounds, { bundles: usual, count: manyContainers })),
    library: await wanted('library', () => measureLibrary(bench, rounds, bundles.runc.true)),
  };
}

try {
  prepare();
  const begin = Date.now();
  const figures = await measure();
  const versions = Object.fromEntries(runtimes.map((runtime) => [runtime.name, versionOf(runtime)]));
  publish({ machine: machine(), cgroups, rounds, fewRounds, manyMounts, manyContainers, versions, ...figures });
  process.stdout.write(`cgroup ${cgroups}; ${rounds} rounds, interleaved; × is how many times ours; ${Date.now() - begin} ms\n`);
} finally {
  run('umount', [states]);
  rmSync(directory, { recursive: true, force: true });
}
