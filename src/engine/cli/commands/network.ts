// network create, ls, rm, inspect, connect, disconnect, prune.
import { isRunning, withContainerLock, requireContainer, writeRecord, writeState } from '../../records/container-store.js';
import type { Engine } from '../../engine.js';
import { engineError } from '../../errors.js';
import { connectMore, damagedNetworkDown, disconnectOne, networkDown, usedNetworks } from '../../networks/container-network.js';
import { showNetwork } from '../../networks/inspection.js';
import {
  allNetworks,
  createNetwork,
  damagedNetworks,
  defaultNetwork,
  findNetwork,
  forgetDamagedNetwork,
  forgetNetwork,
  isFixed,
  noteNetwork,
  requireNetwork,
  type NetworkRecord,
} from '../../networks/networks.js';
import type { Call } from '../command.js';
import { confirmed } from '../confirm.js';
import { flag, matches, parseFilters, passes, passesLabels, passesPrune } from '../../flags/filters.js';
import { labelsText } from '../format/labels.js';
import { showRows } from '../format/show-rows.js';
import { localTime } from '../format/units.js';
import { forEachWord, showInspected } from './many.js';
import { given, givenList } from '../../flags/values.js';
import { pairs } from '../../flags/pairs.js';
import { beforeUntil } from '../../flags/moments.js';
import { shortId } from '../../records/ids.js';

const bridgeName = 'com.docker.network.bridge.name';

export function create({ engine, values, args }: Call): number {
  const driver = given(values, 'driver') ?? 'bridge';
  if (driver !== 'bridge')
    throw engineError(`plugin ${JSON.stringify(driver)} not found`, 'Omit --driver: all networks are bridges');
  const addresses = given(values, 'ipam-driver') ?? 'default';
  if (addresses !== 'default') throw engineError(`plugin ${JSON.stringify(addresses)} not found`, 'Omit --ipam-driver');
  if (values['ipv4'] === false) throw engineError('networks without IPv4 are not supported', 'Omit --ipv4');
  const options = pairs(givenList(values, 'opt'));
  const network = createNetwork(engine, args[0]!, {
    subnet: given(values, 'subnet'),
    gateway: given(values, 'gateway'),
    range: given(values, 'ip-range'),
    device: options[bridgeName],
    internal: values['internal'] === true,
    labels: pairs(givenList(values, 'label')),
    options,
  });
  engine.host.write(1, `${network.id}\n`);
  noteNetwork(engine, 'create', network);
  return 0;
}

export function list(call: Call): number {
  const { engine, values } = call;
  const filters = parseFilters(values, ['driver', 'id', 'label', 'name', 'scope', 'type', 'dangling']);
  const used = usedNetworks(engine);
  const networks = allNetworks(engine).filter(
    (network) =>
      passes(filters, 'driver', (driver) => driver === network.driver) &&
      passes(filters, 'id', (id) => network.id.startsWith(id)) &&
      passes(filters, 'name', (name) => matches(network.name, name)) &&
      passes(filters, 'scope', (scope) => scope === 'local') &&
      passes(filters, 'type', (type) => (type === 'builtin') === isFixed(network)) &&
      passes(filters, 'dangling', (value) => flag('dangling', value) === (!isFixed(network) && !used.has(network.name))) &&
      passesLabels(filters, network.labels),
  );
  showRows(call, {
    headings: {
      ID: 'NETWORK ID',
      Name: 'NAME',
      Driver: 'DRIVER',
      Scope: 'SCOPE',
      CreatedAt: 'CREATED AT',
      Internal: 'INTERNAL',
      IPv6: 'IPV6',
      Labels: 'LABELS',
    },
    columns: ['ID', 'Name', 'Driver', 'Scope'],
    quiet: 'ID',
    rows: networks.map(({ id, name, driver, created, internal, labels }) => ({
      ID: values['no-trunc'] === true ? id : shortId(id),
      Name: name,
      Driver: driver,
      Scope: 'local',
      CreatedAt: localTime(created),
      Internal: String(internal),
      IPv6: 'false',
      Labels: labelsText(labels),
      Label: (key: unknown) => labels[String(key)] ?? '',
    })),
  });
  return 0;
}

/** docker's text for these commands, which differs from requireNetwork's. */
function requireListed(engine: Engine, name: string): NetworkRecord {
  const found = findNetwork(engine, name);
  if (found === null) throw engineError(`No such network: ${name}`, "List networks with 'pocker network ls'");
  return found;
}

function removeNetwork(engine: Engine, network: NetworkRecord): void {
  forgetNetwork(engine, network, () => {
    if (network.device === '' || networkDown(engine, network)) return;
    throw engineError(
      `error while removing network: network ${network.name} id ${network.id} has active endpoints`,
      `Disconnect its containers; 'pocker network inspect ${network.name}' lists them`,
    );
  });
  noteNetwork(engine, 'destroy', network);
}

/** Only the name of a damaged network is known, and its bridge if that is up. */
function removeDamaged(engine: Engine, name: string): void {
  forgetDamagedNetwork(engine, name, () => {
    if (damagedNetworkDown(engine, name)) return;
    throw engineError(`error while removing network: network ${name} has active endpoints`, 'Stop its containers first');
  });
}

export function remove({ engine, args }: Call): number {
  return forEachWord(engine, args, (name) => {
    if (damagedNetworks(engine).includes(name)) removeDamaged(engine, name);
    else removeNetwork(engine, requireListed(engine, name));
    engine.host.write(1, `${name}\n`);
  });
}

export function inspect({ engine, values, args }: Call): number {
  return showInspected(engine, given(values, 'format'), args, (name) => showNetwork(engine, requireListed(engine, name)));
}

/** docker allows this only between bridge networks. */
function requireBridges(mode: string, network: NetworkRecord): void {
  if (network.driver === 'host' || mode === 'host')
    throw engineError(
      'container cannot be disconnected from host network or connected to host network',
      'Create a container without --network host',
    );
  if (network.driver === 'null' || mode === 'none' || mode.startsWith('container:'))
    throw engineError(
      'container cannot be connected to multiple networks with one of the networks in private (none) mode',
      'Create a container with another --network',
    );
}

export function connect({ engine, values, args }: Call): number {
  const network = requireNetwork(engine, args[0]!);
  const { record: found } = requireContainer(engine, args[1]!);
  withContainerLock(engine, found.id, () => {
    const { record, state } = requireContainer(engine, found.id);
    requireBridges(record.hostConfig.NetworkMode, network);
    const before =
      Object.keys(record.networks).length === 0 ? { [defaultNetwork]: { Aliases: [], IPAddress: '' } } : record.networks;
    if (before[network.name] !== undefined)
      throw engineError(
        `endpoint with name ${record.name} already exists in network ${network.name}`,
        'Nothing to do: it is already connected',
      );
    const aliases = givenList(values, 'alias');
    if (aliases.length > 0 && !network.dns)
      throw engineError(
        'network-scoped alias is supported only for containers in user defined networks',
        'Create a network: pocker network create NAME',
      );
    const endpoint = { Aliases: aliases, IPAddress: given(values, 'ip') ?? '' };
    const changed = { ...record, networks: { ...before, [network.name]: endpoint } };
    if (isRunning(engine, { record, state })) {
      const settings = connectMore(engine, changed, network);
      writeState(engine, record.id, { ...state, endpoints: { ...state.endpoints, [network.name]: settings } });
    }
    writeRecord(engine, changed);
  });
  noteNetwork(engine, 'connect', network, found.id);
  return 0;
}

export function disconnect({ engine, args }: Call): number {
  const network = requireNetwork(engine, args[0]!);
  const { record: found } = requireContainer(engine, args[1]!);
  withContainerLock(engine, found.id, () => {
    const { record, state } = requireContainer(engine, found.id);
    requireBridges(record.hostConfig.NetworkMode, network);
    const { [network.name]: gone, ...networks } = record.networks;
    const { [network.name]: endpoint, ...endpoints } = state.endpoints;
    if (gone === undefined && endpoint === undefined)
      throw engineError(
        `container ${record.id} is not connected to network ${network.name}`,
        "List its networks with 'pocker inspect'",
      );
    disconnectOne(engine, record, network);
    writeState(engine, record.id, { ...state, endpoints });
    // A container without networks behaves like --network none from its next start.
    const last = Object.keys(networks).length === 0;
    writeRecord(engine, {
      ...record,
      networks,
      hostConfig: last ? { ...record.hostConfig, NetworkMode: 'none' } : record.hostConfig,
    });
  });
  noteNetwork(engine, 'disconnect', network, found.id);
  return 0;
}

export function prune(call: Call): number {
  const { engine, values } = call;
  const filters = parseFilters(values, ['label', 'label!', 'until']);
  if (!confirmed(call, 'This will remove all custom networks not used by at least one container.')) return 0;
  const removed = pruneNetworks(
    engine,
    ({ labels, created }) => passesPrune(filters, labels) && beforeUntil(engine, filters, created),
  );
  if (removed.length > 0) engine.host.write(1, `Deleted Networks:\n${removed.map((name) => `${name}\n`).join('')}\n`);
  return 0;
}

/** Removes networks without containers, and takes down the default bridge if it has none. */
export function pruneNetworks(engine: Engine, wanted: (network: NetworkRecord) => boolean = () => true): string[] {
  const used = usedNetworks(engine);
  const unused = allNetworks(engine).filter(({ name }) => !used.has(name));
  const [bridge] = unused.filter(({ name }) => name === defaultNetwork);
  if (bridge !== undefined) networkDown(engine, bridge);
  const custom = unused.filter((network) => !isFixed(network) && wanted(network));
  for (const network of custom) removeNetwork(engine, network);
  return custom.map(({ name }) => name);
}
