// User-defined networks, each in a JSON file of its name. "bridge" always exists; "host" and "none" are no networks, but lists
// show docker's names for them.
import { fromHost } from '../../errors.js';
import type { Engine } from '../engine.js';
import { engineError } from '../errors.js';
import { isMissing } from '../../host/failure.js';
import { isDamaged, namesIn, readRecord, removeRecord, unlessDamaged, withLock, writeJson } from '../store/json-files.js';
import { networkMisfit } from './shapes.js';
import { emit } from '../records/events.js';
import { randomId, shortId } from '../records/ids.js';
import { contains, overlap, parseAddress, parseRoutes, parseSubnet, showAddress, showSubnet, type Subnet } from './addresses.js';

export interface NetworkRecord {
  readonly version: 1;
  readonly id: string;
  readonly name: string;
  readonly driver: 'bridge' | 'host' | 'null';
  /** ISO 8601. */
  readonly created: string;
  /** Name of the bridge; "" without one. */
  readonly device: string;
  readonly subnet: string;
  readonly gateway: string;
  /** Addresses that the engine chooses from: a part of the subnet; "": all. */
  readonly range: string;
  /** No route to the outside. */
  readonly internal: boolean;
  /** Container names resolve. */
  readonly dns: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
}

export interface NetworkWishes {
  readonly subnet?: string | undefined;
  readonly gateway?: string | undefined;
  readonly range?: string | undefined;
  readonly device?: string | undefined;
  readonly internal: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
}

export const defaultNetwork = 'bridge';
const fixed = [defaultNetwork, 'host', 'none'];

export const isFixed = ({ name }: Pick<NetworkRecord, 'name'>): boolean => fixed.includes(name);

export const networkFile = ({ paths }: Engine, name: string): string => `${paths.networks}/${name}.json`;

const readStored = (engine: Engine, name: string): NetworkRecord | null =>
  readRecord(engine, networkFile(engine, name), networkMisfit) as NetworkRecord | null;

/** Names of the networks that have a record. */
const storedNames = (engine: Engine): string[] =>
  namesIn(engine, engine.paths.networks)
    .filter((file) => file.endsWith('.json') && !file.startsWith('.'))
    .map((file) => file.slice(0, -'.json'.length));

function withoutDevices(engine: Engine, name: 'host' | 'none'): NetworkRecord {
  const id = (name === 'host' ? '1' : '2').padEnd(64, '0');
  return { ...blank, id, name, driver: name === 'host' ? 'host' : 'null', created: new Date(0).toISOString() };
}

const blank = {
  version: 1,
  device: '',
  subnet: '',
  gateway: '',
  range: '',
  internal: false,
  dns: false,
  labels: {},
  options: {},
} as const;

export function readNetwork(engine: Engine, name: string): NetworkRecord | null {
  if (name === 'host' || name === 'none') return withoutDevices(engine, name);
  const stored = readStored(engine, name);
  if (stored !== null || name !== defaultNetwork) return stored;
  return makeNetwork(engine, defaultNetwork, { internal: false, labels: {}, options: {} }, (made) => made);
}

export function allNetworks(engine: Engine): NetworkRecord[] {
  const names = [...new Set([...fixed, ...storedNames(engine)])].sort();
  return names.flatMap((name) => unlessDamaged(engine, `network ${name}`, () => readNetwork(engine, name)) ?? []);
}

export const damagedNetworks = (engine: Engine): string[] =>
  storedNames(engine).filter((name) => isDamaged(() => readStored(engine, name)));

/** By name, id or the beginning of an id. */
export function findNetwork(engine: Engine, said: string): NetworkRecord | null {
  const named = /^[\w.-]+$/.test(said) ? readNetwork(engine, said) : null;
  if (named !== null || !/^[0-9a-f]+$/.test(said)) return named;
  const found = allNetworks(engine).filter(({ id }) => id.startsWith(said));
  if (found.length > 1) throw engineError(`network ${said} is ambiguous (${found.length} matches found based on ID prefix)`);
  return found[0] ?? null;
}

/** Fails with docker's text. */
export function requireNetwork(engine: Engine, said: string): NetworkRecord {
  const found = findNetwork(engine, said);
  if (found === null) throw engineError(`network ${said} not found`, `Create it: pocker network create ${said}`);
  return found;
}

function hostRoutes({ host }: Engine): Subnet[] {
  try {
    return parseRoutes(host.readText('/proc/net/route', 1 << 20));
  } catch (caught) {
    if (isMissing(caught)) return [];
    throw fromHost('E_ENGINE', 'cannot see which addresses are in use', caught);
  }
}

/** The first pool that no network and no route of this machine uses. The default network gets a large one. */
function freeSubnet(engine: Engine, name: string, others: readonly NetworkRecord[]): Subnet {
  const taken = [...hostRoutes(engine), ...others.map(({ subnet }) => parseSubnet(subnet))];
  const large = name === defaultNetwork;
  for (let number = 0; number < (large ? 16 : 4096); ++number) {
    const text = large ? `10.${90 + number}.0.0/16` : `10.${112 + (number >> 8)}.${number & 255}.0/24`;
    const subnet = parseSubnet(text);
    if (!taken.some((other) => overlap(subnet, other))) return subnet;
  }
  throw engineError('could not find an available, non-overlapping IPv4 address pool', 'Choose one: --subnet 10.1.2.0/24');
}

function chooseAddresses(
  engine: Engine,
  name: string,
  wishes: NetworkWishes,
): Pick<NetworkRecord, 'subnet' | 'gateway' | 'range'> {
  const others = storedNames(engine).flatMap(
    (other) => unlessDamaged(engine, `network ${other}`, () => readStored(engine, other)) ?? [],
  );
  const subnet = wishes.subnet === undefined ? freeSubnet(engine, name, others) : parseSubnet(wishes.subnet);
  if (subnet.prefix > 30) throw engineError(`invalid subnet ${showSubnet(subnet)}: it has no address for a container`);
  if (others.some((other) => overlap(subnet, parseSubnet(other.subnet))))
    throw engineError('Pool overlaps with other one on this address space', "List subnets with 'pocker network inspect'");
  const gateway = wishes.gateway ?? showAddress(subnet.base + 1);
  const address = parseAddress(gateway);
  if (address === null || !contains(subnet, address)) throw engineError(`no matching subnet for gateway ${gateway}`);
  const range = wishes.range === undefined ? '' : showSubnet(parseSubnet(wishes.range));
  if (range !== '' && !overlap(subnet, parseSubnet(range))) throw engineError(`no matching subnet for range ${range}`);
  return { subnet: showSubnet(subnet), gateway, range };
}

/** One command at a time makes or removes networks. */
const withNetworksLock = <T>(engine: Engine, body: () => T): T => withLock(engine, engine.paths.networks, body);

export function createNetwork(engine: Engine, name: string, wishes: NetworkWishes): NetworkRecord {
  if (!/^[a-zA-Z0-9][\w.-]*$/.test(name))
    throw engineError(`invalid network name ${JSON.stringify(name)}`, 'Use letters, digits, "_", "." and "-"');
  const exists = (): never => {
    throw engineError(`network with name ${name} already exists`, `Remove it: pocker network rm ${name}`);
  };
  return isFixed({ name }) ? exists() : makeNetwork(engine, name, wishes, exists);
}

/** `exists`: what to do if another command has made it. */
function makeNetwork(
  engine: Engine,
  name: string,
  wishes: NetworkWishes,
  exists: (stored: NetworkRecord) => NetworkRecord,
): NetworkRecord {
  return withNetworksLock(engine, () => {
    const stored = readStored(engine, name);
    if (stored !== null) return exists(stored);
    const id = randomId(engine);
    const record: NetworkRecord = {
      ...blank,
      id,
      name,
      driver: 'bridge',
      created: new Date(engine.host.now()).toISOString(),
      device: wishes.device ?? `pk-${shortId(id)}`,
      ...chooseAddresses(engine, name, wishes),
      internal: wishes.internal,
      dns: name !== defaultNetwork,
      labels: wishes.labels,
      options: wishes.options,
    };
    writeJson(engine, networkFile(engine, name), record);
    return record;
  });
}

/** Removes an unreadable record once nobody uses the network and its device is gone. */
export function forgetDamagedNetwork(engine: Engine, name: string, takeDown: () => void): void {
  withNetworksLock(engine, () => {
    takeDown();
    removeRecord(engine, networkFile(engine, name));
  });
}

/** Removes its record, once nobody uses it and its device is gone. */
export function forgetNetwork(engine: Engine, { name }: NetworkRecord, takeDown: () => void): void {
  if (isFixed({ name })) throw engineError(`${name} is a pre-defined network and cannot be removed`);
  withNetworksLock(engine, () => {
    takeDown();
    removeRecord(engine, networkFile(engine, name));
  });
}

/** An event of that network, about a container if one is involved. */
export function noteNetwork(engine: Engine, Action: string, { id, name, driver }: NetworkRecord, container?: string): void {
  const about = container === undefined ? {} : { container };
  emit(engine, { Type: 'network', Action, id, attributes: { name, type: driver, ...about } });
}
