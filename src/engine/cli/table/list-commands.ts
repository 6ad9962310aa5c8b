// Commands that show containers.
import type { EngineCommand, EngineFlag } from '../command.js';
import { filterFlag, formatFlag, noTruncFlag, quietFlag } from './list-flags.js';
import { refusedByLogs, refusedPlatform } from './refused-flags.js';

const all: EngineFlag = {
  name: 'all',
  short: 'a',
  type: 'boolean',
  description: 'Show all containers (default shows just running)',
};
const inspectFormat: EngineFlag = { ...formatFlag, short: 'f', description: "Format output using a Go template, or 'json'" };
const size: EngineFlag = { name: 'size', short: 's', type: 'boolean', description: 'Display total file sizes' };
const since: EngineFlag = {
  name: 'since',
  type: 'string',
  value: 'string',
  description: 'Start at a timestamp (e.g. "2013-01-02T13:23:37Z") or a duration (e.g. "42m")',
};
const until: EngineFlag = {
  name: 'until',
  type: 'string',
  value: 'string',
  description: 'Stop at a timestamp (e.g. "2013-01-02T13:23:37Z") or a duration (e.g. "42m")',
};

export const listCommands: readonly EngineCommand[] = [
  {
    name: 'container ls',
    aliases: ['ps', 'container list', 'container ps'],
    summary: 'List containers',
    usage: '',
    min: 0,
    max: 0,
    flags: [
      all,
      filterFlag(),
      formatFlag,
      {
        name: 'last',
        short: 'n',
        type: 'string',
        value: 'int',
        description: 'Show n last created containers (includes all states)',
      },
      { name: 'latest', short: 'l', type: 'boolean', description: 'Show the latest created container (includes all states)' },
      noTruncFlag,
      quietFlag('Only display container IDs'),
      size,
    ],
    load: () => import('../commands/ps.js'),
  },
  {
    name: 'inspect',
    aliases: [],
    summary: 'Return low-level information on containers, images, networks and volumes',
    usage: 'NAME|ID [NAME|ID...]',
    min: 1,
    max: Infinity,
    flags: [
      inspectFormat,
      { ...size, description: 'Display total file sizes if the type is container' },
      { name: 'type', type: 'string', value: 'string', description: 'Return JSON for specified type' },
    ],
    load: () => import('../commands/inspect.js'),
  },
  {
    name: 'container inspect',
    aliases: [],
    summary: 'Display detailed information on one or more containers',
    usage: 'CONTAINER [CONTAINER...]',
    min: 1,
    max: Infinity,
    flags: [inspectFormat, size],
    load: async () => ({ run: (await import('../commands/inspect.js')).containers }),
  },
  {
    name: 'image inspect',
    aliases: [],
    summary: 'Display detailed information on one or more images',
    usage: 'IMAGE [IMAGE...]',
    min: 1,
    max: Infinity,
    flags: [inspectFormat, ...refusedPlatform],
    load: async () => ({ run: (await import('../commands/inspect.js')).images }),
  },
  {
    name: 'container logs',
    aliases: ['logs'],
    summary: 'Fetch the logs of a container',
    usage: 'CONTAINER',
    min: 1,
    max: 1,
    flags: [
      { name: 'follow', short: 'f', type: 'boolean', description: 'Follow log output' },
      since,
      until,
      {
        name: 'tail',
        short: 'n',
        type: 'string',
        value: 'string',
        description: 'Number of lines to show from the end (default "all")',
      },
      { name: 'timestamps', short: 't', type: 'boolean', description: 'Show timestamps' },
      ...refusedByLogs,
    ],
    load: () => import('../commands/logs.js'),
  },
  {
    name: 'container top',
    aliases: ['top'],
    summary: 'Display the running processes of a container',
    usage: 'CONTAINER [ps OPTIONS]',
    min: 1,
    max: Infinity,
    flags: [],
    ownWords: true,
    load: () => import('../commands/top.js'),
  },
  {
    name: 'container stats',
    aliases: ['stats'],
    summary: 'Display a live stream of container(s) resource usage statistics',
    usage: '[CONTAINER...]',
    min: 0,
    max: Infinity,
    flags: [
      all,
      formatFlag,
      { name: 'no-stream', type: 'boolean', description: 'Disable streaming stats and only pull the first result' },
      noTruncFlag,
    ],
    load: () => import('../commands/stats.js'),
  },
  {
    name: 'container port',
    aliases: ['port'],
    summary: 'List port mappings or a specific mapping for the container',
    usage: 'CONTAINER [PRIVATE_PORT[/PROTO]]',
    min: 1,
    max: 2,
    flags: [],
    load: () => import('../commands/port.js'),
  },
  {
    name: 'system events',
    aliases: ['events'],
    summary: 'Show events of containers, images, networks and volumes as they happen',
    usage: '',
    min: 0,
    max: 0,
    flags: [filterFlag(), formatFlag, since, until],
    load: () => import('../commands/system/events.js'),
  },
];
