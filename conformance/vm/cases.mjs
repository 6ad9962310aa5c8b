// Runs conformance cases inside the virtual machine:
//   npm run test:vm [-- [--short] [--cgroups v2|v1|hybrid] [--init NAME] [--peers] [--runtime PATH]… [--seconds N] [--silence N] [CASE…]]
// CASE: part of a file's name below conformance, e.g. "attacks/". By default: what another kernel with cgroup v2 and AppArmor may
// do differently, with the standalone executable, and a few with the Node host; with --init systemd, what needs systemd; with
// --short, only what depends on cgroups or AppArmor itself. --peers: also with Debian's runc and crun. A machine that hangs is
// killed. Each file that it had begun runs again in a machine of its own; one that hangs again fails. A few files that fail run once
// more, each alone; "N passed only when repeated" says how many passed then.
// Ends with a line `N passed, N failed, N skipped`.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { installPackages } from '../../scripts/packages.mjs';
import { fail, find, root } from '../../scripts/run.mjs';
import { filesBelow } from '../../scripts/test/files.mjs';
import { selected } from '../../scripts/test/files.mjs';
import { prepareTap } from '../../scripts/test/tap.mjs';
import { accelerator, obstacle } from './kernel.mjs';
import { boot, hung } from './machine.mjs';
import { addCounts, failures, isFinished, none, readReport, repeatedLine, toRepeat } from '../../scripts/test/report.mjs';

const compiled = 'build/js/conformance/';
const built = join(root, compiled);
const reports = join(root, 'build/reports/vm');

/** Emulation is slow, and depends on what else the machine does. */
const patience = '10';

/** By process 1. */
const usualFiles = {
  direct: {
    standalone: [
      'config-linux/',
      'config/',
      'runtime/',
      'security/',
      ...['cgroups', 'host-nodes', 'kernel-mounts', 'processes', 'propagation', 'spy'].map((name) => `attacks/${name}`),
      'cli/reports/doctor',
      'cli/reports/events',
      'cli/exec/',
      'cli/update/',
      'cli/checkpoint/checkpoint',
      'cli/checkpoint/restore',
      'robustness/cgroup-owners',
      ...['changes', 'lifecycle', 'program', 'rootless', 'sandbox', 'sandbox-escapes'].map((name) => `api/${name}.test`),
      'pocker/networks/networks',
      'pocker/users/rootless',
    ],
    short: [
      'config-linux/cgroup',
      'config-linux/default-filesystems',
      'config-linux/devices',
      'config-linux/resources',
      'config/lsm',
      'cli/reports/events',
      'cli/exec/placement',
      'cli/update/',
      'robustness/cgroup-owners',
      'runtime/pause',
      'runtime/rootless',
    ],
    node: ['config-linux/cgroups', 'config-linux/devices', 'cli/checkpoint/checkpoint'],
    peers: [
      'config-linux/cgroups',
      'config-linux/devices',
      'config-linux/resources',
      'config-linux/namespaces',
      'config/mounts',
      'cli/checkpoint/checkpoint',
      'cli/checkpoint/restore',
    ],
  },
  systemd: { standalone: ['/systemd', 'api/changes'], short: ['/systemd'], node: ['config-linux/systemd'], peers: ['/systemd'] },
};

/** What some cases need in the machine, which has the host's files. */
const needed = [
  { name: 'apparmor', programs: ['apparmor_parser'] },
  { name: 'uidmap', programs: ['newuidmap', 'newgidmap'] },
];

const ofPocker = [
  { name: 'conmon', programs: ['conmon'] },
  { name: 'aardvark-dns', files: ['/usr/lib/podman/aardvark-dns'] },
  { name: 'iptables', programs: ['iptables-restore'] },
  { name: 'slirp4netns', programs: ['slirp4netns'] },
];

const systemd = [
  { name: 'systemd', programs: ['systemctl'], files: ['/lib/systemd/systemd'] },
  { name: 'dbus', programs: ['dbus-daemon'] },
];

const peers = [
  { name: 'runc', programs: ['runc'] },
  { name: 'crun', programs: ['crun'] },
];

/** Tools that cases use, although the host's own kernel may not support them. */
const tools = [{ name: 'criu', programs: ['criu'] }];

const options = {
  cgroups: { type: 'string', default: 'v2' },
  init: { type: 'string', default: 'direct' },
  peers: { type: 'boolean', default: false },
  short: { type: 'boolean', default: false },
  runtime: { type: 'string', multiple: true, default: [] },
  seconds: { type: 'string', default: '3000' },
  // If no file makes an assertion in that time, it hangs: the longest case takes half of it under full emulation.
  silence: { type: 'string', default: '300' },
};

const allCases = () =>
  ['cases', 'attacks', 'api', 'pocker']
    .flatMap((folder) => filesBelow(join(compiled, folder), '.test.js'))
    .map((file) => file.slice(compiled.length))
    .sort();

/**
 * Run only by name, because they are too much for an emulated machine: hundreds of containers, for which the cgroup layout makes
 * no difference; and a device program longer than the kernel accepts, from 140,000 rules, which takes longer than the minute that
 * a container waits.
 */
const onlyByName = ['config/mount-flags', 'cli/update/devices'];

const matching = (parts) => allCases().filter((file) => parts.some((part) => file.includes(part)));

/** What to run: pairs of a runtime and a test file. */
function choose({ init, short, peers: withPeers, runtime: runtimes }, parts) {
  const usual = usualFiles[init] ?? usualFiles.direct;
  const own = { standalone: join(root, 'dist/pocker-runc'), node: join(root, 'dist/node/pocker-runc') };
  const byName = new Set(selected(allCases(), onlyByName));
  const usually = (which) => selected(allCases(), which).filter((file) => !byName.has(file));
  // The library brings its own standalone executable, and pocker is one.
  const fits = (runtime, file) => runtime === own.standalone || !/^(api|pocker)\//.test(file);
  const rows = (runtime, which) =>
    (parts.length > 0 ? matching(parts) : usually(which))
      .filter((file) => fits(runtime, file))
      .map((file) => ({ runtime, file }));
  if (runtimes.length > 0) return runtimes.flatMap((runtime) => rows(find(runtime) ?? runtime, usual.standalone));
  const chosen = Object.entries(own)
    .filter(([host, path]) => existsSync(path) && !(short && host === 'node'))
    .flatMap(([host, path]) => rows(path, short ? usual.short : usual[host]));
  if (withPeers) installPackages(peers);
  return withPeers ? [...chosen, ...peers.flatMap(({ name }) => rows(find(name), usual.peers))] : chosen;
}

/** dist/node/pocker-runc → "node-pocker-runc". */
function nameOf(runtime) {
  const shown = runtime.startsWith(join(root, 'dist')) ? runtime.slice(join(root, 'dist').length + 1) : basename(runtime);
  return shown.replaceAll('/', '-');
}

const reportOf = ({ runtime, file }) => `${nameOf(runtime)}--${file.replace('.test.js', '').replaceAll('/', '-')}.tap`;

/** Read by guest/cases.sh. */
function writeList(chosen) {
  const lines = chosen.map((row) => `${row.runtime} ${join(built, row.file)} ${join(reports, reportOf(row))}\n`);
  writeFileSync(join(reports, 'list'), lines.join(''));
}

/** Compiled here, where it takes a second; inside it would be repeated each time. */
async function buildHelpers() {
  const { buildHelpers: build } = await import(join(built, 'harness/helpers/helper.js'));
  build();
}

function textOf(row) {
  const path = join(reports, reportOf(row));
  return existsSync(path) ? readFileSync(path, 'utf8') : null;
}

/** Runs them in one machine; returns its exit code, and those of them at which it hung. */
async function runIn(machine, chosen) {
  writeList(chosen);
  for (const row of chosen) rmSync(join(reports, reportOf(row)), { force: true });
  const status = await boot(machine);
  const begun = chosen.filter((row) => textOf(row) !== null && !isFinished(textOf(row)));
  return { status, begun: status === hung ? begun : [] };
}

/** Runs all of them, in as many machines as it takes. Whether each machine finished, or the next one did; and what hung twice. */
async function runAll(machine, chosen) {
  const suspects = [];
  for (let rest = chosen; rest.length > 0; rest = rest.filter((row) => textOf(row) === null)) {
    const { status, begun } = await runIn(machine, rest);
    if (status !== hung) {
      if (status !== 0) return { ended: false, hanging: [] };
      break;
    }
    process.stdout.write(`the machine hung at: ${begun.map(({ file }) => file).join(', ') || 'its start'}\n`);
    if (begun.length === 0 && rest.every((row) => textOf(row) === null)) return { ended: false, hanging: [] };
    suspects.push(...begun);
  }
  const hanging = [];
  for (const row of suspects) {
    const { status } = await runIn(machine, [row]);
    if (status !== hung) continue;
    process.stdout.write(`the machine hung again at: ${row.file}\n`);
    hanging.push(row);
  }
  return { ended: true, hanging };
}

const countsOf = (row) => readReport(textOf(row) ?? '');
const showFailures = (row, what) =>
  process.stdout.write(`\n${nameOf(row.runtime)} ${row.file}${what}:\n${failures(textOf(row) ?? '')}\n`);

/** Runs the files that failed once more, unless they are many; returns how many of them passed then. */
async function repeat(machine, failing) {
  const rows = toRepeat(failing);
  for (const row of rows) {
    showFailures(row, ' failed, and runs once more');
    await runIn(machine, [row]);
  }
  return rows.filter((row) => countsOf(row).failed === 0).length;
}

function show(chosen, repeated) {
  let total = none;
  for (const row of chosen) {
    const counts = countsOf(row);
    total = addCounts(total, counts);
    if (counts.failed > 0) showFailures(row, '');
  }
  process.stdout.write(`\n${repeatedLine(repeated)}\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
  return total;
}

const { values, positionals } = parseArgs({ options, allowPositionals: true });
const reason = obstacle();
if (reason !== null) {
  process.stdout.write(`${reason}\n0 passed, 0 failed, 1 skipped\n`);
} else {
  installPackages(values.init === 'systemd' ? [...needed, ...systemd] : needed);
  if (!existsSync(built)) fail('build/js is missing: npx tsc -p .');
  const chosen = choose(values, positionals);
  if (chosen.length === 0) fail(`no case is called ${positionals.join(' or ')}`);
  installPackages(chosen.some(({ file }) => file.startsWith('pocker/')) ? [...tools, ...ofPocker] : tools);
  await buildHelpers();
  await prepareTap();
  rmSync(reports, { recursive: true, force: true });
  mkdirSync(reports, { recursive: true });
  const script = fileURLToPath(new URL('guest/cases.sh', import.meta.url));
  const machine = {
    cgroups: values.cgroups,
    init: values.init,
    accel: accelerator(),
    memory: '3G',
    cpus: '2',
    append: '',
    console: false,
    share: [reports],
    timeout: Number(values.seconds),
    silence: Number(values.silence),
    command: ['bash', script, join(reports, 'list'), patience],
  };
  const { ended, hanging } = await runAll(machine, chosen);
  const failing = chosen.filter((row) => countsOf(row).failed > 0 && !hanging.includes(row));
  const total = show(chosen, ended ? await repeat(machine, failing) : 0);
  process.exitCode = ended && total.failed === 0 ? 0 : 1;
}
