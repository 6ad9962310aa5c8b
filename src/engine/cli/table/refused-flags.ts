// Flags of docker that pocker does not have: each says why, or what to do instead.
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

const windows = 'it is for containers of Windows';
const swarm = 'it is for swarms, which pocker has none of';
const onePlatform = 'an image here is for one platform: pull it with --platform';

export const refusedByCreate = refusedFlags([
  ['cpu-count', 'string', windows],
  ['cpu-percent', 'string', windows],
  ['io-maxbandwidth', 'string', windows],
  ['io-maxiops', 'string', windows],
  ['gpus', 'string', 'give its devices and libraries by --device and --volume'],
  ['health-start-interval', 'string', 'checks have --health-interval while the container starts, too'],
  ['kernel-memory', 'string', 'kernels since 5.16 have no such limit: --memory counts what the kernel needs'],
  ['ip6', 'string', 'networks of pocker are IPv4'],
  ['link', 'list', 'in a network of its own (pocker network create), containers find each other by name'],
  ['link-local-ip', 'list', 'choose an address by --ip'],
  ['runtime', 'string', 'containers run by pocker-runc'],
  ['storage-opt', 'list', 'the root filesystem has no limit of its own: limit the file system that --root is on'],
  ['use-api-socket', 'boolean', 'there is no daemon, and no socket of it'],
  ['volume-driver', 'string', 'volumes are local directories: mount what they should hold, and give it by --volume'],
]);

export const refusedByStart = refusedFlags([
  ['checkpoint', 'string', "'pocker-runc restore' starts from a checkpoint"],
  ['checkpoint-dir', 'string', "'pocker-runc restore' starts from a checkpoint"],
]);

export const refusedByRemove = refusedFlags([['link', 'boolean', 'containers have no links', 'l']]);

export const refusedByLogs = refusedFlags([['details', 'boolean', 'it is for attributes that log plugins add']]);

export const refusedByImages = refusedFlags([['tree', 'boolean', onePlatform]]);

export const refusedPlatform = refusedFlags([['platform', 'string', onePlatform]]);

export const refusedByNetworkCreate = refusedFlags([
  ['aux-address', 'list', "keep the engine's addresses apart by --ip-range"],
  ['config-from', 'string', swarm],
  ['config-only', 'boolean', swarm],
  ['ingress', 'boolean', swarm],
  ['ipam-opt', 'list', 'addresses are chosen by pocker itself, which has no options for that'],
  ['ipv6', 'boolean', 'networks of pocker are IPv4: --network host has the IPv6 addresses of this machine'],
]);

export const refusedByConnect = refusedFlags([
  ['driver-opt', 'list', 'bridges have no options for each endpoint'],
  ['gw-priority', 'string', 'the first network that is not internal has the way out'],
  ['ip6', 'string', 'networks of pocker are IPv4'],
  ['link', 'list', 'give it an --alias'],
  ['link-local-ip', 'list', 'choose an address by --ip'],
]);

export const refusedByVolumeCreate = refusedFlags(
  ['availability', 'group', 'limit-bytes', 'required-bytes', 'scope', 'secret', 'sharing', 'topology-preferred']
    .concat(['topology-required', 'type'])
    .map((name) => [name, 'list', swarm] as const),
);

export const refusedByVersion = refusedFlags([['kubeconfig', 'string', 'pocker knows no Kubernetes']]);

export const refusedByVolumeList = refusedFlags([['cluster', 'boolean', swarm]]);
