// Bridges: made with their rules when a container first needs them, as in docker; they stay until the network is removed or
// pruned, so that the next container only has to connect.
import { fromHost } from '../../errors.js';
import type { Engine } from '../engine.js';
import { addNetworkRules, removeNetworkRules } from './firewall.js';
import type { NetworkRecord } from './networks.js';
import { networkMisfit } from './shapes.js';
import { parseSubnet } from './addresses.js';
import { isMissing } from '../../host/failure.js';
import { isDamaged, namesIn, readRecord } from '../store/json-files.js';

const marksOf = ({ paths }: Engine): string => `${paths.run}/networks`;

/** Says that the rules exist, too: written last, removed first. Has a copy of the network's record. */
const markOf = (engine: Engine, { id }: NetworkRecord): string => `${marksOf(engine)}/${id}.up`;

function writeMark(engine: Engine, network: NetworkRecord): void {
  engine.host.overwrite(markOf(engine, network), `${JSON.stringify(network)}\n`, 0o600);
}

function readMark(engine: Engine, file: string): NetworkRecord | null {
  const path = `${marksOf(engine)}/${file}`;
  let network: NetworkRecord | null = null;
  // Earlier versions left it empty.
  if (!isDamaged(() => (network = readRecord(engine, path, networkMisfit, true) as NetworkRecord | null))) return network;
  return null;
}

/** The networks of that name that are up, even if their records are unreadable. */
export function bridgesUp(engine: Engine, name: string): NetworkRecord[] {
  const marks = namesIn(engine, marksOf(engine)).filter((file) => file.endsWith('.up'));
  return marks.flatMap((file) => readMark(engine, file) ?? []).filter((network) => network.name === name);
}

function forget(engine: Engine, network: NetworkRecord): void {
  try {
    engine.host.unlink(markOf(engine, network));
  } catch (caught) {
    if (!isMissing(caught)) throw caught;
  }
}

function setKernelParameters({ host }: Engine, device: string): void {
  host.writeControl('/proc/sys/net/ipv4/ip_forward', '1');
  host.writeControl(`/proc/sys/net/ipv4/conf/${device}/route_localnet`, '1');
}

/** Only with the leases' lock. */
export function bridgeUp(engine: Engine, network: NetworkRecord): void {
  const { host } = engine;
  const { device, gateway, subnet } = network;
  try {
    const fresh = host.makeBridge(device, gateway, parseSubnet(subnet).prefix);
    const mark = host.lstat(markOf(engine, network));
    // An empty one is of an earlier version.
    if (!fresh && mark !== null) return mark.size > 0 ? undefined : writeMark(engine, network);
    setKernelParameters(engine, device);
    // Somebody removed the bridge but not its rules, or a crash came in between.
    if (!fresh || mark !== null) removeNetworkRules(engine, network);
    addNetworkRules(engine, network);
    writeMark(engine, network);
  } catch (caught) {
    throw fromHost('E_ENGINE', `cannot set up network ${network.name}`, caught);
  }
}

/** Only with the leases' lock. */
export function bridgeDown(engine: Engine, network: NetworkRecord): void {
  if (network.device === '') return;
  try {
    const marked = engine.host.lstat(markOf(engine, network)) !== null;
    forget(engine, network);
    const there = engine.host.removeNetDevice(network.device);
    if (marked || there) removeNetworkRules(engine, network);
  } catch (caught) {
    throw fromHost('E_ENGINE', `cannot take down network ${network.name}`, caught);
  }
}
