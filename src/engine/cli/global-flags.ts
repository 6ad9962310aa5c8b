// Flags that come before the command, and the one that every command has.
import type { EngineFlag } from './command.js';

export const globalFlags: readonly EngineFlag[] = [
  {
    name: 'root',
    type: 'string',
    value: 'DIR',
    description: 'Where images, containers and volumes are (default: /var/lib/pocker)',
  },
  { name: 'runroot', type: 'string', value: 'DIR', description: 'Where the state until the next boot is (default: /run/pocker)' },
  { name: 'debug', short: 'D', type: 'boolean', description: 'Log every call to the system' },
  { name: 'version', short: 'v', type: 'boolean', description: 'Show the version' },
];

export const helpFlag: EngineFlag = { name: 'help', short: 'h', type: 'boolean', description: 'Show help' };
