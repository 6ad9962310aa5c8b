// Commands on the engine itself.
import type { EngineCommand, EngineFlag } from '../command.js';
import { formatFlag } from './list-flags.js';
import { refusedByVersion } from './refused-flags.js';

const force: EngineFlag = { name: 'force', short: 'f', type: 'boolean', description: 'Do not prompt for confirmation' };
const pruneFilter: EngineFlag = {
  name: 'filter',
  type: 'list',
  value: 'filter',
  description: 'Provide filter values (e.g. "label=<key>=<value>", "until=24h")',
};
const valueFormat: EngineFlag = { ...formatFlag, short: 'f', description: "Format output using a Go template, or 'json'" };

export const systemCommands: readonly EngineCommand[] = [
  {
    name: 'version',
    aliases: [],
    summary: 'Show the version',
    usage: '',
    min: 0,
    max: 0,
    flags: [valueFormat, ...refusedByVersion],
    load: () => import('../commands/system/version.js'),
  },
  {
    name: 'system info',
    aliases: ['info'],
    summary: 'Display information about the engine and the machine',
    usage: '',
    min: 0,
    max: 0,
    flags: [valueFormat],
    load: () => import('../commands/system/info.js'),
  },
  {
    name: 'system df',
    aliases: [],
    summary: 'Show disk usage',
    usage: '',
    min: 0,
    max: 0,
    flags: [
      formatFlag,
      { name: 'verbose', short: 'v', type: 'boolean', description: 'Show detailed information on space usage' },
    ],
    load: () => import('../commands/system/df.js'),
  },
  {
    name: 'system prune',
    aliases: [],
    summary: 'Remove unused data',
    usage: '',
    min: 0,
    max: 0,
    flags: [
      { name: 'all', short: 'a', type: 'boolean', description: 'Remove all unused images not just dangling ones' },
      pruneFilter,
      force,
      { name: 'volumes', type: 'boolean', description: 'Prune anonymous volumes' },
    ],
    load: () => import('../commands/system/prune.js'),
  },
  {
    name: 'system repair',
    aliases: [],
    summary: 'Finish or undo interrupted commands, and restart containers after a reboot',
    usage: '',
    min: 0,
    max: 0,
    flags: [],
    load: () => import('../commands/system/repair.js'),
  },
  {
    name: 'container prune',
    aliases: [],
    summary: 'Remove all stopped containers',
    usage: '',
    min: 0,
    max: 0,
    flags: [pruneFilter, force],
    load: () => import('../commands/container/prune.js'),
  },
  {
    name: 'completion',
    aliases: [],
    summary: 'Print the completion script for a shell',
    usage: 'bash|zsh|fish',
    min: 1,
    max: 1,
    flags: [],
    load: () => import('../commands/system/completion.js'),
  },
  {
    name: 'completion words',
    aliases: [],
    summary: 'Print completions for a command line',
    usage: '[WORD...]',
    min: 0,
    max: Infinity,
    flags: [],
    ownWords: true,
    hidden: true,
    load: async () => ({ run: (await import('../commands/system/completion.js')).words }),
  },
];
