// Names in networks: aardvark-dns(8) answers at each network's gateway, from one file per network.
import { namesIn } from '../store/json-files.js';
import { pidIn } from '../store/pid-files.js';
import type { Engine } from '../engine.js';
import { runTool } from '../programs.js';
import type { Leases } from './leases.js';
import type { NetworkRecord } from './networks.js';

const SIGHUP = 1;
const SIGTERM = 15;
const pidFile = 'aardvark.pid';
const directoryOf = ({ paths }: Engine): string => `${paths.run}/networks/aardvark-dns`;

/** aardvark's line for a container: id, IPv4 addresses, IPv6 addresses, names, servers for all other names. */
function lines(leases: Leases, network: NetworkRecord): string[] {
  return Object.entries(leases).flatMap(([id, { name, endpoints, dns }]) => {
    const endpoint = endpoints[network.name];
    if (endpoint === undefined) return [];
    const names = [...new Set([name, ...endpoint.Aliases])];
    return [[id, endpoint.IPAddress, '', names.join(','), ...(dns.length > 0 ? [dns.join(',')] : [])].join(' ')];
  });
}

/** False: no such process. `end`: waits until it has ended. */
function tell({ host }: Engine, pid: number, signal: number, end: boolean): boolean {
  const pidfd = host.pidfdOpen(pid);
  if (pidfd < 0) return false;
  try {
    host.pidfdSendSignal(pidfd, signal);
    if (end) host.waitPidfd(pidfd, 2000);
    return true;
  } finally {
    host.close(pidfd);
  }
}

/** Writes all names and makes the server read them; ends the server if there are none. Only with the leases' lock. */
export function updateNames(engine: Engine, leases: Leases, network: NetworkRecord): void {
  if (!network.dns) return;
  const directory = directoryOf(engine);
  const { host } = engine;
  host.mkdir(directory, 0o755, true);
  const known = lines(leases, network);
  const file = `${directory}/${network.name}`;
  if (known.length > 0) host.overwrite(file, `${[network.gateway, ...known].join('\n')}\n`, 0o644);
  else if (host.lstat(file) !== null) host.unlink(file);
  const pid = pidIn(engine, `${directory}/${pidFile}`, directory);
  // It would also end by itself, but perhaps only after the next command has given it a name.
  const last = namesIn(engine, directory).every((name) => name === pidFile);
  if (last) {
    if (pid > 0) tell(engine, pid, SIGTERM, true);
    host.removeDirectory(directory);
  } else if (pid === 0 || !tell(engine, pid, SIGHUP, false)) {
    runTool(engine, 'aardvark-dns', ['--config', directory, '--port', '53', 'run'], { timeoutMs: 10_000 });
  }
}
