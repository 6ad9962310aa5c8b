// Published ports: docker's notation, and the host port that each gets.
import type { PortBinding } from '../records/container.js';
import type { Engine } from '../engine.js';
import { engineError } from '../errors.js';
import { anchor } from '../rootless.js';
import { parseAddress } from './addresses.js';

/** By container port: "80/tcp". */
export type Ports = Readonly<Record<string, readonly PortBinding[]>>;

interface Range {
  readonly first: number;
  readonly last: number;
}

const hint = 'For example: 8080:80, 127.0.0.1:8080:80/tcp, 8000-8010:80-90/udp';

function parseRange(text: string, what: string): Range {
  const [first = '', last = first, ...rest] = text.split('-');
  const number = (word: string): number => (/^\d{1,5}$/.test(word) ? Number(word) : -1);
  const range = { first: number(first), last: number(last) };
  if (rest.length > 0 || range.first < 0 || range.last > 65_535 || range.last < range.first)
    throw engineError(`Invalid ${what}: ${text}`, hint);
  return range;
}

function protocolOf(word: string): { readonly ports: string; readonly protocol: string } {
  const [ports = '', said = 'tcp', ...rest] = word.split('/');
  const protocol = said.toLowerCase();
  if (rest.length > 0 || !['tcp', 'udp', 'sctp'].includes(protocol)) throw engineError(`Invalid proto: ${said}`, hint);
  return { ports, protocol };
}

/** "--expose 80-90/udp" */
export function parseExposed(word: string): string[] {
  const { ports, protocol } = protocolOf(word);
  const { first, last } = parseRange(ports, 'range format for --expose');
  return Array.from({ length: last - first + 1 }, (_, at) => `${first + at}/${protocol}`);
}

/** "[[ADDRESS:]PORT[-PORT]:]PORT[-PORT][/PROTOCOL]" */
export function parsePublish(word: string): { readonly port: string; readonly binding: PortBinding }[] {
  const { ports, protocol } = protocolOf(word);
  const parts = ports.split(':');
  const inside = parts.pop() ?? '';
  const outside = parts.pop() ?? '';
  const address = parts.join(':');
  if (inside === '') throw engineError(`No port specified: ${word}<empty>`, hint);
  if (address !== '' && parseAddress(address) === null)
    throw engineError(`Invalid ip address: ${address}`, 'Use an IPv4 address');
  const to = parseRange(inside, 'containerPort');
  const count = to.last - to.first + 1;
  const numbered = (at: number): string => `${to.first + at}/${protocol}`;
  if (outside === '')
    return Array.from({ length: count }, (_, at) => ({ port: numbered(at), binding: { HostIp: address, HostPort: '' } }));
  const from = parseRange(outside, 'hostPort');
  // One container port and several host ports: the first free one.
  if (count === 1 && from.last > from.first) return [{ port: numbered(0), binding: { HostIp: address, HostPort: outside } }];
  if (from.last - from.first + 1 !== count)
    throw engineError(`Invalid ranges specified for container and host Ports: ${inside} and ${outside}`, hint);
  return Array.from({ length: count }, (_, at) => ({
    port: numbered(at),
    binding: { HostIp: address, HostPort: String(from.first + at) },
  }));
}

/** All of --publish, by container port. */
export function parsePorts(words: readonly string[]): Record<string, PortBinding[]> {
  const ports: Record<string, PortBinding[]> = {};
  for (const { port, binding } of words.flatMap(parsePublish)) (ports[port] ??= []).push(binding);
  return ports;
}

/** Ports on which this machine's programs listen: "tcp 0.0.0.0 80". */
export interface Taken {
  readonly protocol: string;
  readonly address: string;
  readonly port: number;
}

const anywhere = '0.0.0.0';

/** /proc/net/tcp and the like: a listening tcp socket has state 0A, an unconnected udp socket 07. */
export function parseSockets(protocol: string, text: string): Taken[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, local = '', , state = ''] = line.trim().split(/\s+/);
      if (state !== (protocol === 'tcp' ? '0A' : '07')) return [];
      const [hex = '', port = ''] = local.split(':');
      // The last four bytes are the IPv4 address; also of an IPv6 socket, if it takes both kinds.
      const bytes = hex.slice(-8).match(/../g) ?? [];
      return [
        {
          protocol,
          address: bytes
            .reverse()
            .map((byte) => parseInt(byte, 16))
            .join('.'),
          port: parseInt(port, 16),
        },
      ];
    });
}

function listening(engine: Engine): Taken[] {
  const { host } = engine;
  // The anchor is in the host's network namespace; this process may not be.
  const owner = engine.rootless ? String(anchor(engine)?.pid ?? 'self') : 'self';
  return ['tcp', 'udp'].flatMap((protocol) =>
    ['', '6'].flatMap((six) => {
      const path = `/proc/${owner}/net/${protocol}${six}`;
      return host.access(path, 4) ? parseSockets(protocol, host.readText(path, 64 << 20)) : [];
    }),
  );
}

const clashes = (one: Taken, other: Taken): boolean =>
  one.protocol === other.protocol &&
  one.port === other.port &&
  (one.address === other.address || one.address === anywhere || other.address === anywhere);

/** Where docker starts choosing. */
const chosen: Range = { first: 49_153, last: 65_535 };

/** Gives each binding its port. `given`: ports that containers have. */
export function allocatePorts(engine: Engine, wanted: Ports, given: readonly Ports[]): Record<string, PortBinding[]> {
  const entries = Object.entries(wanted);
  if (entries.length === 0) return {};
  const published = given.flatMap(takenBy);
  const others = listening(engine);
  const result: Record<string, PortBinding[]> = {};
  const allocate = (port: string, { HostIp, HostPort }: PortBinding): void => {
    const protocol = port.split('/')[1] ?? 'tcp';
    const address = HostIp === '' ? anywhere : HostIp;
    const range = HostPort === '' || HostPort === '0' ? chosen : parseRange(HostPort, 'hostPort');
    for (let number = range.first; number <= range.last; ++number) {
      const one = { protocol, address, port: number };
      if ([...published, ...others].some((other) => clashes(one, other))) continue;
      published.push(one);
      (result[port] ??= []).push({ HostIp: address, HostPort: String(number) });
      return;
    }
    const where = `${address}:${HostPort}`;
    const ours = published.some((other) => clashes({ protocol, address, port: range.first }, other));
    throw ours
      ? engineError(`Bind for ${where} failed: port is already allocated`, "Find the container with 'pocker ps'")
      : engineError(
          `listen ${protocol}4 ${where}: bind: address already in use`,
          'Choose another port: a program already listens there',
        );
  };
  const bindings = entries.flatMap(([port, bindings]) => bindings.map((binding) => ({ port, binding })));
  // Bindings that name a port come first: the engine must not choose it for another.
  const named = ({ binding }: { readonly binding: PortBinding }): boolean => /^[1-9]\d*$/.test(binding.HostPort);
  for (const first of [true, false]) for (const one of bindings) if (named(one) === first) allocate(one.port, one.binding);
  return result;
}

function takenBy(ports: Ports): Taken[] {
  return Object.entries(ports).flatMap(([port, bindings]) =>
    bindings.map(({ HostIp, HostPort }) => ({ protocol: port.split('/')[1] ?? 'tcp', address: HostIp, port: Number(HostPort) })),
  );
}
