// The rules of networks and of published ports. Each change is one run of iptables-restore, which is atomic; netavark runs
// iptables some seventy times in a container's life, which takes longer than everything else.
import type { PortBinding } from '../records/container.js';
import type { Engine } from '../engine.js';
import { engineError } from '../errors.js';
import { runTool, tryTool } from '../programs.js';
import type { NetworkRecord } from './networks.js';

const networkChain = ({ id }: NetworkRecord): string => `POCKER-${id.slice(0, 16)}`;
const portsChain = (container: string): string => `POCKER-${container.slice(0, 16)}`;

interface Rules {
  readonly filter: readonly string[];
  readonly nat: readonly string[];
}

/**
 * Only answers, neighbours and traffic to published ports may enter a network: decided before anything else. Anything that no
 * other network has refused may leave it.
 */
function networkRules(network: NetworkRecord, how: 'add' | 'delete'): Rules {
  const { device, subnet, internal } = network;
  const chain = networkChain(network);
  const [first, last] = how === 'add' ? ['-I', '-A'] : ['-D', '-D'];
  const hooks = [
    `${first} FORWARD -o ${device} -j ${chain}`,
    `${last} FORWARD -i ${device} -j ${internal ? 'DROP' : 'ACCEPT'}`,
    // route_localnet must not open this machine's loopback addresses to containers.
    `${first} INPUT -i ${device} -d 127.0.0.0/8 -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP`,
  ];
  const body = [
    `-A ${chain} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
    `-A ${chain} -i ${device} -j ACCEPT`,
    `-A ${chain} -m conntrack --ctstate DNAT -j ${internal ? 'DROP' : 'ACCEPT'}`,
    `-A ${chain} -j DROP`,
  ];
  const nat = [
    ...(internal ? [] : [`${last} POSTROUTING -s ${subnet} ! -o ${device} -j MASQUERADE`]),
    // Answers to neighbours, and to this machine's loopback addresses, must come back through here.
    `${last} POSTROUTING -s ${subnet} -o ${device} -m conntrack --ctstate DNAT -j MASQUERADE`,
    `${last} POSTROUTING -s 127.0.0.0/8 -o ${device} -j MASQUERADE`,
  ];
  return {
    filter: how === 'add' ? [`:${chain} - [0:0]`, ...body, ...hooks] : [...hooks, `-F ${chain}`, `-X ${chain}`],
    nat,
  };
}

const asText = ({ filter, nat }: Rules): string =>
  [['filter', filter] as const, ['nat', nat] as const]
    .filter(([, lines]) => lines.length > 0)
    .map(([table, lines]) => `*${table}\n${lines.join('\n')}\nCOMMIT\n`)
    .join('');

const flags = ['--noflush', '--wait', '10'];

function add(engine: Engine, rules: Rules): void {
  runTool(engine, 'iptables-restore', flags, { stdin: asText(rules) });
}

/** Missing rules are no error: they were made together, so if one is missing, all are. */
function remove(engine: Engine, rules: Rules): void {
  const { exitCode, signal, output } = tryTool(engine, 'iptables-restore', flags, { stdin: asText(rules) });
  if (exitCode === 0 && signal === 0) return;
  engine.log.debug(`iptables-restore: ${output.trim()}`);
}

export function addNetworkRules(engine: Engine, network: NetworkRecord): void {
  add(engine, networkRules(network, 'add'));
}

export function removeNetworkRules(engine: Engine, network: NetworkRecord): void {
  const { filter, nat } = networkRules(network, 'delete');
  remove(engine, { filter, nat: [] });
  remove(engine, { filter: [], nat });
}

export interface Publication {
  readonly container: string;
  /** Of the container. */
  readonly address: string;
  readonly ports: Readonly<Record<string, readonly PortBinding[]>>;
}

function portHooks(container: string, how: '-A' | '-D'): string[] {
  return ['PREROUTING', 'OUTPUT'].map((hook) => `${how} ${hook} -m addrtype --dst-type LOCAL -j ${portsChain(container)}`);
}

export function publishPorts(engine: Engine, { container, address, ports }: Publication): void {
  const chain = portsChain(container);
  const rules = Object.entries(ports).flatMap(([port, bindings]) => {
    const [number, protocol] = port.split('/');
    return bindings.map(({ HostIp, HostPort }) => {
      // slirp4netns has already translated the address.
      const destination = HostIp === '0.0.0.0' || engine.rootless ? '' : ` -d ${HostIp}`;
      return `-A ${chain}${destination} -p ${protocol} --dport ${HostPort} -j DNAT --to-destination ${address}:${number}`;
    });
  });
  if (rules.length === 0) throw engineError('no port to publish');
  add(engine, { filter: [], nat: [`:${chain} - [0:0]`, ...rules, ...portHooks(container, '-A')] });
}

export function withdrawPorts(engine: Engine, container: string): void {
  const chain = portsChain(container);
  remove(engine, { filter: [], nat: [...portHooks(container, '-D'), `-F ${chain}`, `-X ${chain}`] });
}
