// Finds and removes what a program left behind: containers, processes, cgroups and mounts, but only its own.
import { readFileSync, readdirSync, readlinkSync, rmdirSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import path from 'node:path';

/** Cgroups that the suite names itself, whatever cgroup the runtime puts them in. */
const suiteCgroups = new Set(['cgrouptest', 'testdir']);
const cgroupRoot = '/sys/fs/cgroup';

function attempt(action, otherwise) {
  try {
    return action();
  } catch {
    return otherwise; // The process or cgroup ended while it was looked at.
  }
}

function namesOf(folder) {
  return attempt(
    () =>
      readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => entry.name),
    [],
  );
}

/** All cgroup directories of the machine, parents first. */
export function listCgroups(folder = cgroupRoot) {
  return namesOf(folder).flatMap((name) => [path.join(folder, name), ...listCgroups(path.join(folder, name))]);
}

function cgroupsOf({ ids, cgroupsBefore, sharedCgroup }) {
  const own = (name) => (sharedCgroup && suiteCgroups.has(name)) || ids.some((id) => name.includes(id));
  return listCgroups().filter((folder) => !cgroupsBefore.has(folder) && folder.split('/').some(own));
}

/** Host mounts below the program's working directory, in the order they were made. */
function mountsBelow(work) {
  const points = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '');
  return points.filter((point) => point === work || point.startsWith(`${work}/`));
}

/** A process is the program's if its root, environment, command line or (in its own mount namespace) mounts name the directory. */
function belongsTo(pid, work, ownNamespace) {
  const text = (name) => attempt(() => readFileSync(`/proc/${pid}/${name}`, 'latin1'), '');
  const link = (name) => attempt(() => readlinkSync(`/proc/${pid}/${name}`), '');
  const token = path.basename(work);
  if (link('root').includes(token) || text('cmdline').includes(token) || text('environ').includes(token)) return true;
  const namespace = link('ns/mnt');
  return namespace !== '' && namespace !== ownNamespace && text('mountinfo').includes(token);
}

function processesOf(work) {
  const ownNamespace = readlinkSync('/proc/self/ns/mnt');
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  return pids.filter((pid) => belongsTo(pid, work, ownNamespace));
}

function describeProcess(pid) {
  const command = attempt(() => readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0').join(' ').trim(), '');
  return `${pid} ${command}`;
}

/** Containers of the program still in the runtime's state directory; other names there (caches, locks) are the runtime's own. */
function containersOf({ stateFolder, ids }) {
  return namesOf(stateFolder)
    .filter((name) => ids.includes(name))
    .map((what) => ({ kind: 'container', what }));
}

/** What is there now, as {kind, what} records. */
function survey(context) {
  const { work } = context;
  return [
    ...containersOf(context),
    ...processesOf(work).map((pid) => ({ kind: 'process', what: describeProcess(pid) })),
    ...cgroupsOf(context).map((what) => ({ kind: 'cgroup', what })),
    ...mountsBelow(work).map((what) => ({ kind: 'mount', what })),
  ];
}

function clear({ kind, what }) {
  if (kind === 'process') attempt(() => process.kill(Number(what.split(' ')[0]), 'SIGKILL'));
  else if (kind === 'cgroup') attempt(() => rmdirSync(what));
  else if (kind === 'mount') spawnSync('umount', ['-l', what], { stdio: 'ignore' });
}

/** How long processes may take to end after a delete. */
const graceMs = 500;

async function surveyPatiently(context) {
  const deadline = Date.now() + graceMs;
  let left = survey(context);
  while (left.length > 0 && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    left = survey(context);
  }
  return left;
}

/** Names without what varies from run to run or between hierarchies, each once. */
function summarise(leftovers, { work }) {
  const stable = ({ kind, what }) => {
    if (kind === 'container') return 'container';
    if (kind === 'mount') return `mount ${what.replace(work, '').replace(/ocitest\d+/, 'ocitest')}`;
    if (kind === 'cgroup') return `cgroup ${/(cgrouptest|testdir).*$/.exec(what)?.[0] ?? 'of the container'}`;
    return `process ${what.split(' ').slice(1).join(' ').replaceAll(work, '')}`;
  };
  return [...new Set(leftovers.map(stable))];
}

/**
 * Takes stock after a program and clears up.
 * Returns one text for each container that the program left, and for what the runtime's own `delete --force` did not remove.
 * context: {work, stateFolder, runtime, ids of the containers, cgroupsBefore, sharedCgroup: whether the suite names the cgroup}
 */
export async function clearLeftovers(context) {
  const containers = containersOf(context);
  for (const { what } of containers) {
    spawnSync(context.runtime, ['delete', '--force', what], { stdio: 'ignore', timeout: 20_000, killSignal: 'SIGKILL' });
  }
  const remains = await surveyPatiently(context);
  for (const kind of ['process', 'mount', 'cgroup']) {
    const ofKind = remains.filter((left) => left.kind === kind).reverse(); // deepest mounts and cgroups first
    ofKind.forEach(clear);
  }
  const undeletable = remains.some(({ kind }) => kind === 'container') ? ['container that delete --force does not remove'] : [];
  return [...summarise([...containers, ...remains], context), ...undeletable];
}

/** True when nothing is mounted below the directory any more, so that removing it cannot reach into a mounted file system. */
export function isSafeToRemove(work) {
  return mountsBelow(work).length === 0;
}
