// Which container has which addresses and ports: one file below /run, since none of it survives a reboot. It is written before
// anything is set up, so whatever a crash leaves behind carries its owner's name.
import type { ContainerRecord, EndpointSettings } from '../records/container.js';
import type { Engine } from '../engine.js';
import { engineError } from '../errors.js';
import { readRecord, withLock, writeJson } from '../store/json-files.js';
import { contains, freeAddress, hardwareAddress, parseAddress, parseSubnet, showAddress } from './addresses.js';
import type { NetworkRecord } from './networks.js';
import { allocatePorts, type Ports } from './ports.js';
import { leasesMisfit } from './shapes.js';
import { shortId } from '../records/ids.js';

export interface Lease {
  readonly name: string;
  /** By name of the network. */
  readonly endpoints: Readonly<Record<string, EndpointSettings>>;
  /** Names of devices in the container, by name of the network. */
  readonly devices: Readonly<Record<string, string>>;
  readonly ports: Ports;
  /** Servers that it asks (--dns) instead of this machine's. */
  readonly dns: readonly string[];
}

export type Leases = Readonly<Record<string, Lease>>;

const directoryOf = ({ paths }: Engine): string => `${paths.run}/networks`;
export const leasesFile = (engine: Engine): string => `${directoryOf(engine)}/leases.json`;

export function readLeases(engine: Engine): Leases {
  return (readRecord(engine, leasesFile(engine), leasesMisfit) as Leases | null) ?? {};
}

/** One command at a time changes leases, bridges and names. */
export const withLeasesLock = <T>(engine: Engine, body: () => T): T => withLock(engine, directoryOf(engine), body);

/** Only with the lock. */
export function writeLeases(engine: Engine, leases: Leases): void {
  writeJson(engine, leasesFile(engine), leases);
}

function chooseAddress(network: NetworkRecord, wanted: string, leases: Leases): number {
  const subnet = parseSubnet(network.subnet);
  const endpoints = Object.values(leases).flatMap(({ endpoints }) => endpoints[network.name] ?? []);
  const taken = new Set([network.gateway, ...endpoints.map(({ IPAddress }) => IPAddress)].map((text) => parseAddress(text) ?? 0));
  if (wanted === '') {
    const free = freeAddress(subnet, network.range === '' ? subnet : parseSubnet(network.range), taken);
    if (free === null)
      throw engineError(`no available IPv4 addresses on network ${network.name}`, 'Remove one of its containers');
    return free;
  }
  const address = parseAddress(wanted);
  if (address === null) throw engineError(`invalid IPv4 address: ${wanted}`);
  if (!contains(subnet, address))
    throw engineError(`Invalid address ${wanted}: It does not belong to any of this network's subnets`);
  if (taken.has(address))
    throw engineError('Address already in use', `Find the owner with 'pocker network inspect ${network.name}'`);
  return address;
}

/** An address on that network and a name for its device. */
export function withEndpoint(lease: Lease, record: ContainerRecord, network: NetworkRecord, leases: Leases): Lease {
  const { Aliases = [], IPAddress = '', MacAddress } = record.networks[network.name] ?? {};
  const address = chooseAddress(network, IPAddress, leases);
  const settings: EndpointSettings = {
    NetworkID: network.id,
    Gateway: network.gateway,
    IPAddress: showAddress(address),
    IPPrefixLen: parseSubnet(network.subnet).prefix,
    MacAddress: MacAddress ?? hardwareAddress(address),
    Aliases: network.dns ? [...new Set([...Aliases, shortId(record.id)])] : [],
  };
  const used = Object.values(lease.devices);
  let number = 0;
  while (used.includes(`eth${number}`)) ++number;
  return {
    ...lease,
    endpoints: { ...lease.endpoints, [network.name]: settings },
    devices: { ...lease.devices, [network.name]: `eth${number}` },
  };
}

/** Records everything that the container asked for. Only with the lock. */
export function takeLease(engine: Engine, record: ContainerRecord, networks: readonly NetworkRecord[]): Lease {
  const leases = readLeases(engine);
  const { PortBindings, PublishAllPorts } = record.hostConfig;
  const exposed = PublishAllPorts ? Object.keys(record.config.ExposedPorts) : [];
  const wanted: Ports = { ...Object.fromEntries(exposed.map((port) => [port, [{ HostIp: '', HostPort: '' }]])), ...PortBindings };
  const others = Object.entries(leases).flatMap(([id, { ports }]) => (id === record.id ? [] : [ports]));
  const none: Lease = {
    name: record.name,
    endpoints: {},
    devices: {},
    ports: allocatePorts(engine, wanted, others),
    dns: record.hostConfig.Dns,
  };
  const lease = networks.reduce((lease, network) => withEndpoint(lease, record, network, leases), none);
  writeLeases(engine, { ...leases, [record.id]: lease });
  return lease;
}

/** Only with the lock. */
export function giveBack(engine: Engine, id: string): void {
  const { [id]: gone, ...rest } = readLeases(engine);
  if (gone !== undefined) writeLeases(engine, rest);
}
