// A container's network: made before the runtime creates the container, removed after it has ended.
import { fromHost } from '../../errors.js';
import type { ContainerRecord, EndpointSettings } from '../records/container.js';
import { isRunning, requireContainer } from '../records/container-store.js';
import type { Engine } from '../engine.js';
import { engineError } from '../errors.js';
import { isMissing } from '../../host/failure.js';
import { bridgeDown, bridgesUp, bridgeUp } from './bridges.js';
import { publishPorts, withdrawPorts } from './firewall.js';
import { giveBack, readLeases, takeLease, withEndpoint, withLeasesLock, writeLeases, type Lease } from './leases.js';
import { unlessDamaged } from '../store/json-files.js';
import { updateNames } from './names.js';
import { noteNetwork, readNetwork, requireNetwork, type NetworkRecord } from './networks.js';
import type { Ports } from './ports.js';
import { endForwards, forwardPorts, isOutside, workInside } from './rootless.js';

export interface Connection {
  /** Path of its network namespace; "": the runtime makes one (none); null: the host's. */
  readonly netns: string | null;
  readonly endpoints: Readonly<Record<string, EndpointSettings>>;
  readonly ports: Ports;
}

const EINVAL = 22;

const namespacePath = ({ paths }: Engine, id: string): string => `${paths.networkNamespaces}/${id}`;

/** Its device on the host: at most 15 bytes. */
const hostDevice = (id: string, device: string): string => `pkv${id.slice(0, 10)}${device.slice('eth'.length)}`;

/** Names of the networks that it joins. */
export function networkNames({ hostConfig, networks }: ContainerRecord): string[] {
  const { NetworkMode } = hostConfig;
  if (NetworkMode === 'host' || NetworkMode === 'none' || NetworkMode.startsWith('container:')) return [];
  const names = Object.keys(networks);
  if (names.length > 0) return names;
  return [NetworkMode === 'default' || NetworkMode === '' ? 'bridge' : NetworkMode];
}

/** The container whose network it shares. */
export function networkOwner(engine: Engine, { hostConfig }: ContainerRecord): string | null {
  const { NetworkMode } = hostConfig;
  return NetworkMode.startsWith('container:') ? NetworkMode.slice('container:'.length) : null;
}

function sharedNamespace(engine: Engine, owner: string): string {
  const { record, state } = requireContainer(engine, owner);
  if (!isRunning(engine, { record, state }))
    throw engineError(`cannot join network of a non running container: ${record.id}`, `Start it: pocker start ${record.name}`);
  return `/proc/${state.pid}/ns/net`;
}

function plugIn(engine: Engine, id: string, lease: Lease, network: NetworkRecord, gateway: boolean): void {
  const { host } = engine;
  const device = lease.devices[network.name]!;
  const { IPAddress, IPPrefixLen, MacAddress, Gateway } = lease.endpoints[network.name]!;
  const fd = host.openNamespace(namespacePath(engine, id));
  try {
    host.makeVeth({
      network: fd,
      bridge: network.device,
      hostName: hostDevice(id, device),
      name: device,
      mac: MacAddress,
      address: IPAddress,
      prefix: IPPrefixLen,
      gateway: gateway && !network.internal ? Gateway : '',
    });
  } finally {
    host.close(fd);
  }
}

/** The endpoint with the default route and the published ports: the first on a network that is not internal. */
function mainNetwork(networks: readonly NetworkRecord[]): NetworkRecord | undefined {
  return networks.find(({ internal }) => !internal) ?? networks[0];
}

function setUp(engine: Engine, record: ContainerRecord, networks: readonly NetworkRecord[], lease: Lease): void {
  const { host, paths } = engine;
  const { id } = record;
  host.mkdir(paths.networkNamespaces, 0o700, true);
  host.makeNetworkNamespace(namespacePath(engine, id));
  const main = mainNetwork(networks);
  for (const network of networks) {
    bridgeUp(engine, network);
    plugIn(engine, id, lease, network, network === main);
  }
  const address = main === undefined ? undefined : lease.endpoints[main.name]?.IPAddress;
  if (Object.keys(lease.ports).length > 0 && address !== undefined) {
    publishPorts(engine, { container: id, address, ports: lease.ports });
    if (engine.rootless) forwardPorts(engine, lease.ports);
  }
  const leases = readLeases(engine);
  for (const network of networks) updateNames(engine, leases, network);
}

/** Gives it a namespace with devices, addresses, ports and names. Undoes all of that on failure. */
export function connectContainer(engine: Engine, record: ContainerRecord): Connection {
  const { NetworkMode } = record.hostConfig;
  if (NetworkMode === 'host') return { netns: null, endpoints: {}, ports: {} };
  if (NetworkMode === 'none') return { netns: '', endpoints: {}, ports: {} };
  const owner = networkOwner(engine, record);
  if (owner !== null) return { netns: sharedNamespace(engine, owner), endpoints: {}, ports: {} };
  const networks = networkNames(record).map((name) => requireNetwork(engine, name));
  if (isOutside(engine)) return workInside(engine, 'connect', record.id) as Connection;
  return withLeasesLock(engine, () => {
    // What a crash may have left of it.
    if (readLeases(engine)[record.id] !== undefined) tearDown(engine, record.id);
    const lease = takeLease(engine, record, networks);
    try {
      setUp(engine, record, networks, lease);
    } catch (caught) {
      tearDown(engine, record.id);
      throw fromHost('E_ENGINE', `cannot connect ${record.name} to its networks`, caught);
    }
    for (const network of networks) noteNetwork(engine, 'connect', network, record.id);
    return { netns: namespacePath(engine, record.id), endpoints: lease.endpoints, ports: lease.ports };
  });
}

function removeNamespace(engine: Engine, id: string): void {
  const { host } = engine;
  const path = namespacePath(engine, id);
  const tolerate = (call: () => void, errno: number): void => {
    try {
      call();
    } catch (caught) {
      if (!isMissing(caught) && (caught as { readonly errno?: number }).errno !== errno)
        throw fromHost('E_ENGINE', 'cannot remove a network namespace', caught);
    }
  };
  // EINVAL: the file exists, but nothing is mounted on it (any more).
  tolerate(() => host.unmount(path), EINVAL);
  tolerate(() => host.unlink(path), 0);
}

/** Devices end with the namespace. Only with the leases' lock. */
function tearDown(engine: Engine, id: string): void {
  const lease = readLeases(engine)[id];
  removeNamespace(engine, id);
  if (lease === undefined) return;
  if (Object.keys(lease.ports).length > 0) {
    if (engine.rootless) endForwards(engine, lease.ports);
    withdrawPorts(engine, id);
  }
  for (const device of Object.values(lease.devices)) engine.host.removeNetDevice(hostDevice(id, device));
  giveBack(engine, id);
  const leases = readLeases(engine);
  for (const name of Object.keys(lease.endpoints)) {
    // If a disk has lost its record, its bridge's mark tells what it was.
    const network = unlessDamaged(engine, `network ${name}`, () => readNetwork(engine, name)) ?? bridgesUp(engine, name)[0];
    if (network === undefined) continue;
    updateNames(engine, leases, network);
    noteNetwork(engine, 'disconnect', network, id);
  }
}

/** Removes all that connectContainer made, and returns its addresses and ports. It may be gone already. */
export function disconnectContainer(engine: Engine, id: string): void {
  if (readLeases(engine)[id] === undefined && engine.host.lstat(namespacePath(engine, id)) === null) return;
  if (isOutside(engine)) {
    workInside(engine, 'disconnect', id);
    return;
  }
  withLeasesLock(engine, () => {
    tearDown(engine, id);
  });
}

/** Connects a running container to another network. */
export function connectMore(engine: Engine, record: ContainerRecord, network: NetworkRecord): EndpointSettings {
  if (isOutside(engine)) return workInside(engine, 'connect-more', record.id, network.name) as EndpointSettings;
  return withLeasesLock(engine, () => {
    const leases = readLeases(engine);
    const before = leases[record.id] ?? { name: record.name, endpoints: {}, devices: {}, ports: {}, dns: record.hostConfig.Dns };
    const lease = withEndpoint(before, record, network, leases);
    const now = { ...leases, [record.id]: lease };
    writeLeases(engine, now);
    try {
      bridgeUp(engine, network);
      plugIn(engine, record.id, lease, network, Object.keys(before.endpoints).length === 0);
      updateNames(engine, now, network);
    } catch (caught) {
      engine.host.removeNetDevice(hostDevice(record.id, lease.devices[network.name]!));
      writeLeases(engine, leases);
      throw fromHost('E_ENGINE', `cannot connect ${record.name} to network ${network.name}`, caught);
    }
    return lease.endpoints[network.name]!;
  });
}

/** Disconnects a running container from a network. */
export function disconnectOne(engine: Engine, record: ContainerRecord, network: NetworkRecord): void {
  if (isOutside(engine)) {
    workInside(engine, 'disconnect-one', record.id, network.name);
    return;
  }
  withLeasesLock(engine, () => {
    const leases = readLeases(engine);
    const lease = leases[record.id];
    const device = lease?.devices[network.name];
    if (lease === undefined || device === undefined) return;
    engine.host.removeNetDevice(hostDevice(record.id, device));
    const { [network.name]: _endpoint, ...endpoints } = lease.endpoints;
    const { [network.name]: _device, ...devices } = lease.devices;
    const now = { ...leases, [record.id]: { ...lease, endpoints, devices } };
    writeLeases(engine, now);
    updateNames(engine, now, network);
  });
}

/** Takes its bridge down, unless a container is on it. True: it is down. */
export function networkDown(engine: Engine, network: NetworkRecord): boolean {
  if (isOutside(engine)) return workInside(engine, 'down', network.name) as boolean;
  return withLeasesLock(engine, () => {
    if (usedNetworks(engine).has(network.name)) return false;
    bridgeDown(engine, network);
    return true;
  });
}

/** The same for one whose record nobody can read: of its bridge, only the mark tells. */
export function damagedNetworkDown(engine: Engine, name: string): boolean {
  if (isOutside(engine)) return workInside(engine, 'down-damaged', name) as boolean;
  return withLeasesLock(engine, () => {
    if (usedNetworks(engine).has(name)) return false;
    for (const network of bridgesUp(engine, name)) bridgeDown(engine, network);
    return true;
  });
}

/** Names of a running container's networks. */
export function usedNetworks(engine: Engine): ReadonlySet<string> {
  return new Set(Object.values(readLeases(engine)).flatMap(({ endpoints }) => Object.keys(endpoints)));
}

/** Removes what crashed commands and containers left. `alive`: whether that container is running or being started. */
export function repairNetworks(engine: Engine, alive: (id: string) => boolean): void {
  for (const id of Object.keys(readLeases(engine))) if (!alive(id)) disconnectContainer(engine, id);
}
