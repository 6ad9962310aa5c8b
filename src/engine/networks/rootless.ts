// The network of an ordinary user's containers: bridges, rules and names are in a separate network namespace, which slirp4netns
// connects with the host's. Only a process in it can change it, so this program calls itself there.
import { fromHost } from '../../errors.js';
import type { PortBinding } from '../records/container.js';
import type { Engine } from '../engine.js';
import { engineError } from '../errors.js';
import { ownCommand } from '../own-program.js';
import { findTool, runTool } from '../programs.js';
import { awaitReady, NSFS_MAGIC, startInBackground } from '../rootless.js';
import { withLock } from '../store/json-files.js';
import { pidIn } from '../store/pid-files.js';
import type { Ports } from './ports.js';

/** slirp4netns's: our address in its network. */
const guestAddress = '10.0.2.100';

const namespaceFile = ({ paths }: Engine): string => `${paths.run}/rootless-netns`;
const socketFile = ({ paths }: Engine): string => `${paths.run}/slirp4netns.sock`;
const pidFile = ({ paths }: Engine): string => `${paths.run}/slirp4netns.pid`;

/** Set for our own calls in that namespace. */
const marker = 'POCKER_IN_NETWORK';

/** Whether this process cannot change networks itself. */
export const isOutside = ({ host, rootless }: Engine): boolean => rootless && host.env(marker) === null;

function isBound({ host }: Engine, path: string): boolean {
  return host.lstat(path) !== null && host.statfsType(path) === NSFS_MAGIC;
}

const serves = (engine: Engine): boolean => pidIn(engine, pidFile(engine), namespaceFile(engine)) > 0;

function startSlirp(engine: Engine): void {
  const { host, paths } = engine;
  const socket = socketFile(engine);
  if (host.lstat(socket) !== null) host.unlink(socket);
  const output = `${paths.run}/slirp4netns.log`;
  const flags = ['--configure', '--mtu=65520', '--disable-host-loopback', '--api-socket', socket, '--netns-type=path'];
  const pid = startInBackground(engine, output, [findTool(engine, 'slirp4netns'), ...flags, namespaceFile(engine), 'tap0']);
  host.overwrite(pidFile(engine), `${pid}\n`, 0o600);
  awaitReady(engine, pid, output, () => host.lstat(socket) !== null && host.readText(output, 1 << 16).includes('received tapfd'));
}

/** Makes the namespace and its connection, if the current anchor has none yet. */
function ensureNetwork(engine: Engine): void {
  const path = namespaceFile(engine);
  const ready = (): boolean => isBound(engine, path) && serves(engine);
  if (ready()) return;
  withLock(engine, `${engine.paths.run}/networks`, () => {
    if (ready()) return;
    if (!isBound(engine, path)) {
      engine.host.overwrite(path, '', 0o600);
      runTool(engine, 'unshare', ['--net', '--', findTool(engine, 'mount'), '--bind', '/proc/self/ns/net', path]);
    }
    startSlirp(engine);
  });
}

export type NetworkWork = 'connect' | 'disconnect' | 'connect-more' | 'disconnect-one' | 'down' | 'down-damaged';

interface Answer {
  readonly result?: unknown;
  readonly error?: { readonly message: string; readonly hint?: string };
}

/** Runs this program there. Returns its answer. */
export function workInside(engine: Engine, work: NetworkWork, ...words: readonly string[]): unknown {
  ensureNetwork(engine);
  const target = [`--net=${namespaceFile(engine)}`, '--preserve-credentials', '--'];
  const call = [...ownCommand(engine), 'network', 'work', work, ...words];
  const output = runTool(engine, 'nsenter', [...target, findTool(engine, 'env'), `${marker}=1`, ...call], { keep: 1 << 20 });
  const { error, result } = JSON.parse(output.slice(output.indexOf('{"'))) as Answer;
  if (error !== undefined) throw engineError(error.message, error.hint);
  return result;
}

interface Forward {
  readonly id: number;
  readonly proto: string;
  readonly host_addr: string;
  readonly host_port: number;
}

/** One request to slirp4netns's API. */
function ask(
  engine: Engine,
  execute: string,
  args?: unknown,
): { readonly return?: { readonly entries?: Forward[] }; readonly error?: { readonly desc: string } } {
  const { host } = engine;
  const socket = host.connectStream(socketFile(engine));
  try {
    host.write(socket, JSON.stringify(args === undefined ? { execute } : { execute, arguments: args }));
    let text = '';
    for (let more = host.receiveBytes(socket, 5000); more !== null; more = host.receiveBytes(socket, 5000))
      text += String.fromCharCode(...more.bytes);
    return JSON.parse(text) as ReturnType<typeof ask>;
  } catch (caught) {
    throw fromHost('E_ENGINE', 'cannot talk with slirp4netns', caught);
  } finally {
    host.close(socket);
  }
}

const each = (ports: Ports): { readonly proto: string; readonly binding: PortBinding }[] =>
  Object.entries(ports).flatMap(([port, bindings]) =>
    bindings.map((binding) => ({ proto: port.split('/')[1] ?? 'tcp', binding })),
  );

/** Host ports lead to the same ports in our namespace. */
export function forwardPorts(engine: Engine, ports: Ports): void {
  for (const { proto, binding } of each(ports)) {
    const port = Number(binding.HostPort);
    const wanted = { proto, host_addr: binding.HostIp, host_port: port, guest_addr: guestAddress, guest_port: port };
    const { error } = ask(engine, 'add_hostfwd', wanted);
    if (error === undefined) continue;
    const low = port < 1024 ? 'Choose a port above 1023, or run as root' : 'Choose another port: a program already listens there';
    throw engineError(`listen ${proto}4 ${binding.HostIp}:${port}: bind: address already in use (${error.desc})`, low);
  }
}

export function endForwards(engine: Engine, ports: Ports): void {
  if (Object.keys(ports).length === 0 || !serves(engine)) return;
  const { return: answer } = ask(engine, 'list_hostfwd');
  for (const { proto, binding } of each(ports)) {
    const found = answer?.entries?.find(
      (one) => one.proto === proto && one.host_port === Number(binding.HostPort) && one.host_addr === binding.HostIp,
    );
    if (found !== undefined) ask(engine, 'remove_hostfwd', { id: found.id });
  }
}
