// Commands on networks and volumes.
import type { EngineCommand, EngineFlag } from '../command.js';
import { filterFlag, formatFlag, noTruncFlag, quietFlag } from './list-flags.js';
import { refusedByConnect, refusedByNetworkCreate, refusedByVolumeCreate, refusedByVolumeList } from './refused-flags.js';

const labelFlag = (of: string): EngineFlag => ({ name: 'label', type: 'list', description: `Set metadata on a ${of}` });
const optionFlag: EngineFlag = { name: 'opt', short: 'o', type: 'list', description: 'Set driver specific options' };
const forceFlag: EngineFlag = { name: 'force', short: 'f', type: 'boolean', description: 'Do not prompt for confirmation' };
const pruneFilter: EngineFlag = {
  name: 'filter',
  type: 'list',
  value: 'filter',
  description: "Provide filter values (e.g. 'label=<label>')",
};

type Subcommand = 'create' | 'list' | 'remove' | 'inspect' | 'connect' | 'disconnect' | 'prune';
const network =
  (name: Subcommand): EngineCommand['load'] =>
  async () => ({ run: (await import('../commands/network.js'))[name] });
const volume =
  (name: Exclude<Subcommand, 'connect' | 'disconnect'>): EngineCommand['load'] =>
  async () => ({ run: (await import('../commands/volume.js'))[name] });

const networks: readonly EngineCommand[] = [
  {
    name: 'network create',
    aliases: [],
    summary: 'Create a network',
    usage: 'NETWORK',
    min: 1,
    max: 1,
    flags: [
      { name: 'driver', short: 'd', type: 'string', description: 'Driver to manage the Network (default "bridge")' },
      { name: 'subnet', type: 'string', description: 'Subnet in CIDR format that represents a network segment' },
      { name: 'gateway', type: 'string', description: 'IPv4 Gateway for the subnet' },
      { name: 'ip-range', type: 'string', description: 'Allocate container ip from a sub-range' },
      { name: 'internal', type: 'boolean', description: 'Restrict external access to the network' },
      { name: 'attachable', type: 'boolean', description: 'Enable manual container attachment' },
      { name: 'ipam-driver', type: 'string', description: 'IP Address Management Driver (default "default")' },
      { name: 'ipv4', type: 'boolean', description: 'Enable IPv4 address assignment (always)' },
      { name: 'scope', type: 'string', choices: ['local'], description: "Control the network's scope (default local)" },
      labelFlag('network'),
      optionFlag,
      ...refusedByNetworkCreate,
    ],
    load: network('create'),
  },
  {
    name: 'network ls',
    aliases: ['network list'],
    summary: 'List networks',
    usage: '',
    min: 0,
    max: 0,
    flags: [filterFlag(), formatFlag, noTruncFlag, quietFlag('Only display network IDs')],
    load: network('list'),
  },
  {
    name: 'network rm',
    aliases: ['network remove'],
    summary: 'Remove one or more networks',
    usage: 'NETWORK [NETWORK...]',
    min: 1,
    max: Infinity,
    flags: [{ name: 'force', short: 'f', type: 'boolean', description: 'Do not error if the network does not exist' }],
    load: network('remove'),
  },
  {
    name: 'network inspect',
    aliases: [],
    summary: 'Display detailed information on one or more networks',
    usage: 'NETWORK [NETWORK...]',
    min: 1,
    max: Infinity,
    flags: [
      { ...formatFlag, short: 'f' },
      { name: 'verbose', short: 'v', type: 'boolean', description: 'Verbose output for diagnostics' },
    ],
    load: network('inspect'),
  },
  {
    name: 'network connect',
    aliases: [],
    summary: 'Connect a container to a network',
    usage: 'NETWORK CONTAINER',
    min: 2,
    max: 2,
    flags: [
      { name: 'alias', type: 'list', description: 'Add network-scoped alias for the container' },
      { name: 'ip', type: 'string', description: 'IPv4 address (e.g., 172.30.100.104)' },
      ...refusedByConnect,
    ],
    load: network('connect'),
  },
  {
    name: 'network disconnect',
    aliases: [],
    summary: 'Disconnect a container from a network',
    usage: 'NETWORK CONTAINER',
    min: 2,
    max: 2,
    flags: [{ name: 'force', short: 'f', type: 'boolean', description: 'Force the container to disconnect from a network' }],
    load: network('disconnect'),
  },
  {
    name: 'network prune',
    aliases: [],
    summary: 'Remove all unused networks',
    usage: '',
    min: 0,
    max: 0,
    flags: [pruneFilter, forceFlag],
    load: network('prune'),
  },
];

const volumes: readonly EngineCommand[] = [
  {
    name: 'volume create',
    aliases: [],
    summary: 'Create a volume',
    usage: '[VOLUME]',
    min: 0,
    max: 1,
    flags: [
      { name: 'driver', short: 'd', type: 'string', description: 'Specify volume driver name (default "local")' },
      labelFlag('volume'),
      optionFlag,
      ...refusedByVolumeCreate,
    ],
    load: volume('create'),
  },
  {
    name: 'volume ls',
    aliases: ['volume list'],
    summary: 'List volumes',
    usage: '',
    min: 0,
    max: 0,
    flags: [
      filterFlag("Provide filter values (e.g. 'dangling=true')"),
      formatFlag,
      quietFlag('Only display volume names'),
      ...refusedByVolumeList,
    ],
    load: volume('list'),
  },
  {
    name: 'volume rm',
    aliases: ['volume remove'],
    summary: 'Remove one or more volumes',
    usage: 'VOLUME [VOLUME...]',
    min: 1,
    max: Infinity,
    flags: [{ name: 'force', short: 'f', type: 'boolean', description: 'Do not error if the volume does not exist' }],
    load: volume('remove'),
  },
  {
    name: 'volume inspect',
    aliases: [],
    summary: 'Display detailed information on one or more volumes',
    usage: 'VOLUME [VOLUME...]',
    min: 1,
    max: Infinity,
    flags: [{ ...formatFlag, short: 'f' }],
    load: volume('inspect'),
  },
  {
    name: 'volume prune',
    aliases: [],
    summary: 'Remove unused local volumes',
    usage: '',
    min: 0,
    max: 0,
    flags: [
      { name: 'all', short: 'a', type: 'boolean', description: 'Remove all unused volumes, not just anonymous ones' },
      pruneFilter,
      forceFlag,
    ],
    load: volume('prune'),
  },
];

const called: readonly EngineCommand[] = [
  {
    name: 'network work',
    aliases: [],
    summary: "Change the networks of an ordinary user's containers, inside their namespace",
    usage: 'WORK [ID] [NETWORK]',
    ...{ min: 2, max: 3, flags: [], hidden: true },
    load: () => import('../commands/network-work.js'),
  },
  {
    name: 'system anchor',
    aliases: [],
    summary: "Keep the namespaces of an ordinary user's containers alive",
    usage: '',
    ...{ min: 0, max: 0, flags: [], hidden: true },
    load: () => import('../commands/system/anchor.js'),
  },
];

export const networkCommands: readonly EngineCommand[] = [...networks, ...volumes, ...called];
