// An ordinary user's containers: all commands run as root of one user namespace, with one mount namespace, so that they see each
// other's mounts. A small process, the anchor, keeps both while there are containers; the first command that needs it starts it,
// and it ends by itself.
import { identify, isAlive } from '../container/process.js';
import type { ProcessIdentity } from '../container/record.js';
import { fromHost } from '../errors.js';
import type { Engine } from './engine.js';
import { engineError } from './errors.js';
import { ownCommand } from './own-program.js';
import { findTool, runTool } from './programs.js';
import { namesIn, readJson, readNote, withLock, writeJson } from './store/json-files.js';
import { pidIn } from './store/pid-files.js';

/** The type of a bound namespace. */
export const NSFS_MAGIC = 0x6e73_6673;

const startWaitMs = 20_000;
const pollMs = 5;
/** How often the anchor checks whether it is needed, and how many times in a row it must not be before it ends. */
const idleCheckMs = 3_000;
const idleChecks = 3;

const anchorFile = ({ paths }: Engine): string => `${paths.run}/anchor.json`;

/** null: none, or it has ended. */
export function anchor(engine: Engine): ProcessIdentity | null {
  const found = readJson(engine, anchorFile(engine)) as ProcessIdentity | null;
  return found !== null && isAlive(engine.host, found) ? found : null;
}

/** Runs a program that outlives us. Returns its pid; its output goes to the file. */
export function startInBackground(engine: Engine, output: string, words: readonly string[]): number {
  const script = 'out=$1; shift; "$@" </dev/null >"$out" 2>&1 & echo $!';
  return Number(runTool(engine, 'sh', ['-c', script, 'sh', output, ...words]).trim());
}

/** Waits until `ready`. Fails with the program's output if it ends before that. */
export function awaitReady(engine: Engine, pid: number, output: string, ready: () => boolean): void {
  const { host } = engine;
  const name = output.slice(output.lastIndexOf('/') + 1, -'.log'.length);
  for (const start = host.monotonic(); host.monotonic() - start < startWaitMs;) {
    if (ready()) return;
    host.sleep(pollMs);
    if (identify(host, pid) !== null) continue;
    if (ready()) return;
    const said = host.readText(output, 1 << 16).trim();
    throw engineError(`${name} has ended: ${said.replaceAll('\n', '; ')}`, hintFor(engine, said));
  }
  throw engineError(`${name} is not ready after ${startWaitMs / 1000} seconds`, `See ${output}`);
}

function hintFor({ host }: Engine, said: string): string | undefined {
  if (said.includes('/dev/net/tun')) return 'Let users open it: chmod 666 /dev/net/tun';
  if (!said.includes('/etc/sub')) return undefined;
  const user = host.env('USER') ?? String(host.euid);
  return `Give the user subordinate ids: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ${user}`;
}

/** A running container's monitor is in the namespaces, too: the way back if the anchor was killed. 0: none is running. */
function monitorPid(engine: Engine): number {
  const { paths } = engine;
  for (const id of namesIn(engine, paths.bundles)) {
    const pid = pidIn(engine, `${paths.bundles}/${id}/conmon.pid`, id);
    if (pid > 0) return pid;
  }
  return 0;
}

/** Arguments that run a program in the namespaces of that process. */
const enter = (engine: Engine, pid: number): string[] => [
  findTool(engine, 'nsenter'),
  '--preserve-credentials',
  '--user',
  '--mount',
  '--target',
  String(pid),
  '--',
];

function startAnchor(engine: Engine): ProcessIdentity {
  findTool(engine, 'newuidmap');
  const output = `${engine.paths.run}/anchor.log`;
  const monitor = monitorPid(engine);
  const unshare = [
    findTool(engine, 'unshare'),
    '--user',
    '--map-root-user',
    '--map-auto',
    '--mount',
    '--propagation',
    'slave',
    '--',
  ];
  const into = monitor > 0 ? enter(engine, monitor) : unshare;
  const pid = startInBackground(engine, output, [...into, ...ownCommand(engine), 'system', 'anchor']);
  awaitReady(engine, pid, output, () => anchor(engine) !== null);
  return anchor(engine)!;
}

/** Continues in the user's namespaces: executes this program again there. Returns only on failure. */
export function enterNamespaces(engine: Engine): never {
  const { host, paths } = engine;
  const found = anchor(engine) ?? withLock(engine, paths.run, () => anchor(engine) ?? startAnchor(engine));
  const environment = host
    .readText('/proc/self/environ', 4 << 20)
    .split('\0')
    .slice(0, -1);
  // Entering a mount namespace leads to its root directory.
  const [program = '', ...words] = enter(engine, found.pid);
  const again = [findTool(engine, 'env'), '-C', host.cwd(), ...ownCommand(engine).slice(0, 1), ...host.args];
  try {
    return host.execute(program, [program, ...words, ...again], environment);
  } catch (caught) {
    throw fromHost('E_ENGINE', "cannot enter the user's namespaces", caught);
  }
}

/** Whether anybody else is in the same mount namespace, apart from the helpers that serve it. */
function isNeeded({ host }: Engine, helpers: readonly number[]): boolean {
  const own = host.readLink('/proc/self/ns/mnt');
  return host.readdir('/proc').some((name) => {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === host.pid || helpers.includes(pid)) return false;
    try {
      return host.readLink(`/proc/${pid}/ns/mnt`) === own;
    } catch {
      // Another user's process, or one that has just ended.
      return false;
    }
  });
}

/** Pids of slirp4netns and aardvark-dns. */
function helpersOf(engine: Engine): number[] {
  const { paths } = engine;
  return [`${paths.run}/slirp4netns.pid`, `${paths.run}/networks/aardvark-dns/aardvark.pid`].flatMap((path) => {
    const pid = Number(readNote(engine, path));
    return pid > 0 ? [pid] : [];
  });
}

/** What the anchor does, in its namespaces: it exists until nobody has needed it for a while. */
export function beAnchor(engine: Engine): void {
  const { host, paths } = engine;
  const own = identify(host, host.pid);
  // What was bound in the previous one's namespace went with it.
  for (const name of namesIn(engine, paths.networkNamespaces)) {
    const path = `${paths.networkNamespaces}/${name}`;
    if (host.statfsType(path) !== NSFS_MAGIC) host.unlink(path);
  }
  writeJson(engine, anchorFile(engine), own);
  for (let idle = 0; idle < idleChecks;) {
    host.sleep(idleCheckMs);
    idle = isNeeded(engine, helpersOf(engine)) ? 0 : idle + 1;
    if (idle < idleChecks) continue;
    host.unlink(anchorFile(engine));
    // Somebody may have come in the meantime.
    if (!isNeeded(engine, helpersOf(engine))) break;
    writeJson(engine, anchorFile(engine), own);
    idle = 0;
  }
  for (const pid of helpersOf(engine)) endHelper(engine, pid);
}

const SIGTERM = 15;

function endHelper({ host }: Engine, pid: number): void {
  const pidfd = host.pidfdOpen(pid);
  if (pidfd < 0) return;
  try {
    host.pidfdSendSignal(pidfd, SIGTERM);
  } finally {
    host.close(pidfd);
  }
}
