// Times pocker, the installed docker and podman, interleaved in one run, and measures their resident memory per container:
//   node bench/engines.mjs [--rounds N] [--containers N] [--json FILE]
// All three have the same busybox image, overlayfs on the same filesystem, and their own directories; docker has its own dockerd and
// containerd. Everything runs in the bench's own network and mount namespaces. Nothing here is a test.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, rmdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { fail, find, output, root, run } from '../scripts/run.mjs';
import { makeImage, startDocker } from './docker-own.mjs';
import { cgroupsNamed, residents, unmountBelow } from './residents.mjs';
import { interleaved, timed } from './measure.mjs';
import { machine } from './report.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20' },
    containers: { type: 'string', default: '100' },
    json: { type: 'string' },
  },
});
const rounds = Number(values.rounds);
const crowd = Number(values.containers);
const batch = 20;

if (process.getuid() !== 0) fail('the engines make networks and cgroups: run it as root');
if (!existsSync(join(root, 'dist/pocker'))) fail('npm run build first');

// Its own network and mounts; without a hybrid machine's v2 hierarchy, with which podman's crun does not run.
if (process.env.POCKER_BENCH_INSIDE === undefined) {
  const again = ['-m', '-n', '--propagation', 'private', process.execPath, ...process.argv.slice(1)];
  const { status } = spawnSync('unshare', again, { stdio: 'inherit', env: { ...process.env, POCKER_BENCH_INSIDE: '1' } });
  process.exit(status ?? 1);
}
run('ip', ['link', 'set', 'lo', 'up']);
if (existsSync('/sys/fs/cgroup/unified/cgroup.controllers')) run('umount', ['/sys/fs/cgroup/unified']);

const directory = mkdtempSync(join(tmpdir(), 'pocker-bench-'));
const name = basename(directory);
const errors = join(directory, 'stderr');
const place = (...parts) => join(directory, ...parts);

/** A tmpfs, as what they keep in /run is on an installed system. */
function memory(path) {
  mkdirSync(place(path), { recursive: true });
  run('mount', ['-t', 'tmpfs', 'tmpfs', place(path)]);
  return place(path);
}

function pocker() {
  // As if installed: the kernel has a file that the linker has just written in smaller pieces.
  mkdirSync(place('bin'));
  for (const file of ['pocker', 'pocker-runc', 'pocker-init']) copyFileSync(join(root, 'dist', file), place('bin', file));
  const flags = ['--root', place('pocker'), '--runroot', memory('pocker-run')];
  return {
    name: 'pocker',
    path: place('bin/pocker'),
    flags,
    parent: [],
    version: ['version', '--format', '{{.Client.Version}}'],
  };
}

function podman() {
  const stores = ['--root', place('podman'), '--runroot', memory('podman-run'), '--storage-driver', 'overlay'];
  const networks = ['--network-backend', 'netavark', '--network-config-dir', place('podman-networks')];
  writeFileSync(
    place('containers.conf'),
    `[engine]\nevents_logger = "file"\nlock_type = "file"\ntmp_dir = "${memory('podman-tmp')}"\n` +
      `volume_path = "${place('podman-volumes')}"\n[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]\n`,
  );
  process.env.CONTAINERS_CONF = place('containers.conf');
  return {
    name: 'podman',
    path: find('podman'),
    flags: ['--cgroup-manager', 'cgroupfs', ...networks, ...stores],
    parent: ['--cgroup-parent', `/${name}`],
    version: ['version', '--format', '{{.Client.Version}}'],
  };
}

/** With the containerd that it starts by itself. Undefined: not installed. */
async function docker() {
  const settings = ['--userland-proxy=false'];
  const own = await startDocker({ data: place('docker'), exec: memory('docker-run'), settings, cgroup: name });
  if (own === undefined) return undefined;
  const { client: path, flags, close } = own;
  return { name: 'docker', path, flags, parent: [], version: ['version', '--format', '{{.Server.Version}}'], close };
}

const call = (engine, ...words) => timed(engine, errors, [...engine.flags, ...words]);
const names = (from, count) => Array.from({ length: count }, (_, index) => `idle-${from + index}`);

function start(engine, container) {
  call(engine, 'run', '-d', '--name', container, '--network', 'none', ...engine.parent, 'busybox', 'sleep', '100000');
}

/** Commands that need at most one container. */
function measureOne(engines) {
  for (const engine of engines) start(engine, 'target');
  const result = interleaved(engines, rounds, (engine, add) => {
    const once = (...flags) => call(engine, 'run', '--rm', ...engine.parent, ...flags, 'busybox', 'true');
    add('run --rm --network none', once('--network', 'none'));
    add('run --rm, with the bridge', once());
    add('exec', call(engine, 'exec', 'target', 'true'));
  });
  for (const engine of engines) call(engine, 'rm', '-f', 'target');
  return result;
}

const measurePs = (engines, title) => interleaved(engines, rounds, (engine, add) => add(title, call(engine, 'ps')));

/** Ends them, 20 at a time. */
function measureRemoval(engines) {
  let next = 0;
  return interleaved(engines, Math.floor(crowd / batch) - 1, (engine, add) => {
    add(`rm -f of ${batch}`, call(engine, 'rm', '-f', ...names(Math.floor(next++ / engines.length) * batch, batch)));
  });
}

async function measureAll(engines) {
  const one = measureOne(engines);
  const none = measurePs(engines, 'ps, no container');
  const weigh = () => Object.fromEntries(engines.map((engine) => [engine.name, residents([place(engine.name)])]));
  const before = weigh();
  for (const container of names(0, crowd)) for (const engine of engines) start(engine, container);
  await sleep(3000);
  const after = weigh();
  const many = measurePs(engines, `ps, ${crowd} containers`);
  const removal = measureRemoval(engines);
  const figures = Object.fromEntries(
    engines.map((engine) => [
      engine.name,
      Object.assign({}, ...[one, none, many, removal].map((part) => part.figures[engine.name])),
    ]),
  );
  const kib = (engine) => Math.round((after[engine.name].kib - before[engine.name].kib) / crowd);
  const weights = Object.fromEntries(
    engines.map((engine) => [
      engine.name,
      { daemon: before[engine.name].kib, each: kib(engine), processes: after[engine.name].names },
    ]),
  );
  return { figures, weights };
}

function show({ figures, weights }) {
  const engines = Object.keys(figures);
  const cell = (operation, engine) => {
    const one = figures[engine][operation]?.ms;
    if (one === undefined) return '-';
    const times = figures.pocker[operation].ms.median / one.median;
    const text = `${one.median.toFixed(1)} (${one.low.toFixed(1)}–${one.high.toFixed(1)})`;
    return engine === 'pocker' ? text : `${text}, ${times.toFixed(2)}`;
  };
  const row = (words) => `| ${words.join(' | ')} |\n`;
  const weight = (key) => engines.map((engine) => (weights[engine][key] / 1024).toFixed(2));
  process.stdout.write(
    row(['wall time, ms', ...engines]) +
      row(['---', ...engines.map(() => '---:')]) +
      Object.keys(figures.pocker)
        .map((operation) => row([operation, ...engines.map((engine) => cell(operation, engine))]))
        .join('') +
      row(['memory per idle container, MiB', ...weight('each')]) +
      row(['memory without a container, MiB', ...weight('daemon')]),
  );
}

const engines = [];
try {
  const image = makeImage(directory);
  engines.push(pocker());
  const daemon = await docker();
  if (daemon !== undefined) engines.push(daemon);
  if (find('podman') !== undefined) engines.push(podman());
  for (const engine of engines) call(engine, 'import', image, 'busybox');
  const result = await measureAll(engines);
  const versions = engines.map((engine) => `${engine.name} ${output(engine.path, [...engine.flags, ...engine.version])}`);
  show(result);
  process.stdout.write(`\n${versions.join(', ')}; ${machine()}. ${rounds} rounds.\n`);
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ ...result, versions, rounds }, undefined, 2)}\n`);
} finally {
  for (const engine of engines) {
    const left = (output(engine.path, [...engine.flags, 'ps', '-aq']) ?? '').split('\n').filter((id) => id !== '');
    if (left.length > 0) spawnSync(engine.path, [...engine.flags, 'rm', '-f', ...left], { stdio: 'ignore' });
    await engine.close?.();
  }
  for (const path of cgroupsNamed(name)) rmdirSync(path);
  // podman makes directories where the v2 hierarchy would be.
  rmSync(`/sys/fs/cgroup/unified/${name}`, { recursive: true, force: true });
  unmountBelow(directory);
  rmSync(directory, { recursive: true, force: true });
}
