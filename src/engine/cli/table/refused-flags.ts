// docker flags that pocker lacks: each says why, or what to do instead.
import type { EngineFlag } from '../command.js';

type Row = readonly [name: string, type: EngineFlag['type'], refused: string, short?: string];

const refusedFlags = (rows: readonly Row[]): EngineFlag[] =>
  rows.map(([name, type, refused, short]) => ({
    name,
    type,
    refused,
    description: 'Not supported',
    ...(short === undefined ? {} : { short }),
  }));

const windows = 'It is for Windows containers';
const swarm = 'It is for swarms, and pocker has none';
const onePlatform = 'Choose the platform when pulling: pocker pull --platform';

export const refusedByCreate = refusedFlags([
  ['cpu-count', 'string', windows],
  ['cpu-percent', 'string', windows],
  ['io-maxbandwidth', 'string', windows],
  ['io-maxiops', 'string', windows],
  ['gpus', 'string', 'Pass its devices and libraries with --device and --volume'],
  ['health-start-interval', 'string', 'Use --health-interval: it also applies while the container starts'],
  ['kernel-memory', 'string', 'Use --memory: it counts kernel memory too, and Linux 5.16 removed this limit'],
  ['ip6', 'string', 'Use IPv4: pocker networks have no IPv6'],
  ['link', 'list', 'Use a network (pocker network create): its containers find each other by name'],
  ['link-local-ip', 'list', 'Choose an address with --ip'],
  ['runtime', 'string', 'Omit it: pocker-runc runs all containers'],
  ['storage-opt', 'list', 'Limit the filesystem that --root is on: a container has no limit of its own'],
  ['use-api-socket', 'boolean', 'There is no daemon, so there is no socket'],
  ['volume-driver', 'string', 'Mount the filesystem on the host and pass it with --volume'],
]);

export const refusedByStart = refusedFlags([
  ['checkpoint', 'string', "Use 'pocker-runc restore' to start from a checkpoint"],
  ['checkpoint-dir', 'string', "Use 'pocker-runc restore' to start from a checkpoint"],
]);

export const refusedByRemove = refusedFlags([['link', 'boolean', 'Omit it: containers have no links', 'l']]);

export const refusedByLogs = refusedFlags([['details', 'boolean', 'It is for attributes that log plugins add']]);

export const refusedByImages = refusedFlags([['tree', 'boolean', onePlatform]]);

export const refusedPlatform = refusedFlags([['platform', 'string', onePlatform]]);

export const refusedByNetworkCreate = refusedFlags([
  ['aux-address', 'list', 'Keep addresses free with --ip-range'],
  ['config-from', 'string', swarm],
  ['config-only', 'boolean', swarm],
  ['ingress', 'boolean', swarm],
  ['ipam-opt', 'list', 'Omit it: pocker chooses addresses itself'],
  ['ipv6', 'boolean', 'For IPv6, use --network host: pocker networks are IPv4 only'],
]);

export const refusedByConnect = refusedFlags([
  ['driver-opt', 'list', 'Omit it: bridges have no endpoint options'],
  ['gw-priority', 'string', 'The first network that is not internal has the default route'],
  ['ip6', 'string', 'Use IPv4: pocker networks have no IPv6'],
  ['link', 'list', 'Use --alias'],
  ['link-local-ip', 'list', 'Choose an address with --ip'],
]);

export const refusedByVolumeCreate = refusedFlags(
  ['availability', 'group', 'limit-bytes', 'required-bytes', 'scope', 'secret', 'sharing', 'topology-preferred']
    .concat(['topology-required', 'type'])
    .map((name) => [name, 'list', swarm] as const),
);

export const refusedByVersion = refusedFlags([['kubeconfig', 'string', 'It is for Kubernetes']]);

export const refusedByVolumeList = refusedFlags([['cluster', 'boolean', swarm]]);
